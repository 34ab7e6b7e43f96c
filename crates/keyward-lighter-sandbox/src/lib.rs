#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod account_kind;
pub mod answers;
mod auth;
mod clock;
mod collateral;
mod http;
mod maker_only;
mod orders;
mod rate_limit;
mod read_only;
mod reads;
mod refusal;
mod request_log;
mod seed;
mod server;
mod settings;
mod slot;
mod store;
mod stream;
mod text;
mod tier;
mod transactions;
mod venue;

pub use account_kind::{AccountType, Tier, UnknownTier};
pub use auth::{Access, Principal};
pub use clock::{ClockSetting, ClockSettingError, SandboxClock};
pub use collateral::{Collateral, CollateralError};
pub use rate_limit::RateLimit;
pub use read_only::NewToken;
pub use reads::account_index;
pub use refusal::Refusal;
pub use seed::{Seed, SeedAccount, SeedAccountError, SeedError, SeedKey};
pub use server::{ConnectionLimits, Sandbox, SandboxBuilder, raise_open_files_limit};
pub use settings::{NotFoundStatus, VenueSettings};
pub use store::{Storage, StoreError};
pub use venue::{OpenError, Venue};
