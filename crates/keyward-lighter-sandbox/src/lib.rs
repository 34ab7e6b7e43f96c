#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod account_kind;
pub mod answers;
mod auth;
mod clock;
mod collateral;
mod maker_only;
mod orders;
mod prepared_keys;
mod read_only;
mod reads;
mod refusal;
mod seed;
mod settings;
mod slot;
mod store;
mod text;
mod tier;
mod transactions;
mod venue;

pub use account_kind::{AccountType, Tier, UnknownTier};
pub use auth::{Access, Principal};
pub use clock::{ClockSetting, ClockSettingError, SandboxClock};
pub use collateral::{Collateral, CollateralError};
pub use read_only::NewToken;
pub use reads::account_index;
pub use refusal::Refusal;
pub use seed::{Seed, SeedAccount, SeedAccountError, SeedError, SeedKey};
pub use settings::{NotFoundStatus, VenueSettings};
pub use store::{Storage, StoreError};
pub use venue::{OpenError, Venue};
