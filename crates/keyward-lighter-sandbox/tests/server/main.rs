//! The sandbox over real connections, with clients that know nothing but TCP.

mod clock;
mod connections;
mod forms;
#[cfg(target_os = "linux")]
mod full_disk;
mod hostile;
mod races;
mod rate_limit;
mod reads;
mod refusals;
mod stream;
mod support;
mod writes;
