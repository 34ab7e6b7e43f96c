#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod answer;
mod auth;
mod backoff;
mod base_url;
mod builder;
mod call;
mod client;
mod error;
mod read_only;
mod register;
mod retry_after;
mod stream;
mod submitter;
mod tls;
mod token_source;
mod transport;

pub use account::{Account, AccountKind, AccountLimits, ApiKeyEntry};
pub use answer::AnswerError;
pub use auth::Auth;
pub use base_url::BaseUrlError;
pub use builder::{BuildError, ClientBuilder};
pub use client::{Client, Sent, Status};
pub use error::{ApiRefusal, ClientError, Failure};
pub use read_only::{IssuedToken, NewReadOnlyToken, ReadOnlyTokenRecord};
pub use register::{Attempt, OnChain, PendingKey, PendingKeys, RegisterError, Registered, Registration};
pub use stream::{Stream, StreamError, StreamMessage};
pub use submitter::{SubmitError, Submitter};
pub use token_source::{TokenSource, TokenSourceError};
