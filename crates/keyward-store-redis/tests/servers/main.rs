//! What only real servers show: crashes, lost connections, other processes, settings, and what is stored.

mod books;
mod cluster;
mod crashes;
mod cuts;
mod dump;
mod encryption;
mod opening;
mod orphans;
mod processes;
mod proxy;
mod support;
