#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod auth_token;
mod auth_token_text;
mod buffer;
mod field;
mod hex;
mod ids;
mod read_only_token;
mod token;
mod usability;

pub use auth_token::{AuthToken, AuthTokenError, AuthTokenField};
pub use auth_token_text::{AuthTokenMessage, AuthTokenText};
pub use ids::{AccountIndex, ApiKeyIndex};
pub use read_only_token::{ExpiryError, ReadOnlyToken, ReadOnlyTokenError, ReadOnlyTokenField, SubAccountAccess};
pub use token::{Token, TokenError};
pub use usability::Usability;
