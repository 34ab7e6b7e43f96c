#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activity;
mod activity_store;
mod cache;
mod capabilities;
#[cfg(feature = "conformance")]
pub mod conformance;
mod counter_store;
mod error;
mod key_operations;
mod key_store;
mod ledger_store;
mod memory;
mod page;
mod store;
mod window;

pub use activity::{Activity, ActivityFields, BadActivity};
pub use activity_store::{ActivityStore, TimeSpan};
pub use cache::{CacheSettings, CachedKeys, KeyChain, Verified};
pub use capabilities::{Capabilities, Durability, Ledger, Sharing};
pub use counter_store::{BadCounterName, CounterId, CounterName, CounterStore, LeaseAnswer};
pub use error::{BoxError, OpenError, StoreError};
pub use key_operations::{AppliedToKey, KeyOperations};
pub use key_store::{KeyFilter, KeyPut, KeyStore};
pub use keyward_ledger::Applied;
pub use ledger_store::LedgerStore;
pub use memory::MemoryStore;
pub use page::{BadCursor, BadPageLimit, Cursor, Page, PageLimit, PageRequest};
pub use store::{BoxFuture, Store};
pub use window::{Hit, HitMode, Window, WindowLimit, count_hit};
