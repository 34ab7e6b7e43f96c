//! The sandbox over real connections, with clients that know nothing but TCP.

mod clock;
mod connections;
mod forms;
mod hostile;
mod rate_limit;
mod reads;
mod refusals;
mod stream;
mod support;
mod writes;
