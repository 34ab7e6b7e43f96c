#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account_kind;
pub mod answers;
mod auth;
mod clock;
mod collateral;
mod refusal;
mod seed;
mod settings;
mod stand_in;
mod venue;

pub use account_kind::{AccountType, Tier, UnknownTier};
pub use auth::{Access, Principal};
pub use clock::{ClockSetting, ClockSettingError, SandboxClock};
pub use collateral::{Collateral, CollateralError};
pub use refusal::Refusal;
pub use seed::{Seed, SeedAccount, SeedError};
pub use settings::{NotFoundStatus, VenueSettings};
pub use venue::{NewToken, OpenError, Storage, Venue, account_index};
