//! Sign-In With Solana.

mod error;
mod expectation;
mod message;
mod text;

pub use error::{SignInError, SignInField};
pub use expectation::{SignInExpectation, SignInMismatch};
pub use message::SignInMessage;
