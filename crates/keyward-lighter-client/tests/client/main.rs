//! The client against servers that play a script on this machine.

mod answers;
mod base_url;
mod calls;
mod retries;
mod sample;
mod scripted;
mod secrets;
mod streaming;
mod tls;
mod token_source;
