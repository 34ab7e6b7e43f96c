#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod config_error;
mod days;
mod json;
mod key_text;
mod lookup;
mod pregenerate;
mod signer;
mod tokens_file;
mod tokens_writer;
mod verifier;
mod wiping_writer;

pub use config::Config;
pub use config_error::{ConfigError, ConfigProblem};
pub use days::{Days, DaysError};
pub use json::JsonError;
pub use key_text::{
    KeyTextError, key_from_seed_text, parse_private_key, parse_public_key, private_key_text, public_key_hex,
    public_key_text,
};
pub use keyward_schnorr::{PreparedVerifyingKey, SigningKey, VerifyingKey};
pub use keyward_time::{Clock, FixedClock, SlotPlan, SystemClock, TimeSlot, UnixSeconds};
pub use keyward_token::{
    AccountIndex, ApiKeyIndex, AuthToken, AuthTokenError, AuthTokenText, ReadOnlyToken, Token, Usability,
};
pub use lookup::{EntryProblem, KnownAccounts, LookupError};
pub use pregenerate::{PregenerateError, Pregenerated, pregenerate, total_tokens};
pub use signer::TokenSigner;
pub use tokens_file::{TokensFile, TokensFileError};
pub use verifier::{TokenRefusal, TokenVerifier};
