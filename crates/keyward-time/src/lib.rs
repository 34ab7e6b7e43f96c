#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

mod clock;
mod decimal;
mod millis;
mod seconds;
#[cfg(feature = "serde")]
mod serde_impls;
mod slot;
mod slot_plan;

#[cfg(feature = "std")]
pub use clock::SystemClock;
pub use clock::{Clock, FixedClock};
pub use decimal::{DecimalError, OutOfRange, parse_decimal};
pub use millis::UnixMillis;
pub use seconds::UnixSeconds;
pub use slot::{NotAligned, TimeSlot, TimeSlotError};
pub use slot_plan::{SlotPlan, Slots};
