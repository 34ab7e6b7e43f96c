#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod account;
mod applied;
mod apply;
mod books;
mod chain;
mod description;
mod entry;
mod fingerprint;
mod ids;
mod invalid_record;
mod ledger;
mod msat;
mod names;
mod operation;
mod outcome;
mod refund;
mod rejection;
mod reservation;
#[cfg(feature = "serde")]
mod serde_impls;
mod snapshot;

pub use account::{Account, AccountFields, MAX_ENTRIES};
pub use applied::Applied;
pub use apply::{Changes, NotApplied, Records, apply};
pub use chain::Chain;
pub use description::{Description, DescriptionError};
pub use entry::{Entry, EntryFields, EntryKind};
pub use fingerprint::Fingerprint;
pub use ids::{AccountId, IdError, OperationId};
pub use invalid_record::{InvalidRecord, MAX_INSTANT};
pub use ledger::{EntriesPage, Ledger};
pub use msat::Msat;
pub use names::UnknownName;
pub use operation::Operation;
pub use outcome::{OperationFields, OperationRecord, Outcome};
pub use refund::{Refund, RefundFields, RefundState};
pub use rejection::Rejection;
pub use reservation::{Reservation, ReservationFields, ReservationState};
pub use snapshot::Snapshot;
