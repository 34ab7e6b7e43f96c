use core::fmt;
use core::str::FromStr;

use keyward_time::UnixMillis;

use crate::names::find;
use crate::{AccountId, InvalidRecord, MAX_INSTANT, Msat, OperationId, UnknownName};

/// The fields of a [`Reservation`], as a store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ReservationFields {
    /// The operation that made it. Unique together with the account's [tag](AccountId::tag).
    pub id: OperationId,
    /// The account that it is for.
    pub account: AccountId,
    /// What it holds, on that account and on every one above it. It never changes.
    pub amount: Msat,
    /// When it was made. At most [`MAX_INSTANT`].
    pub made_at: UnixMillis,
    /// From when on it is due for a sweep. After `made_at`, and at most [`MAX_INSTANT`].
    pub deadline: UnixMillis,
    /// Whether it has ended, and how.
    pub state: ReservationState,
    /// What was charged when it was settled, which may be more or less than `amount`; 0 in every other state.
    pub charged: Msat,
    /// When it ended; none while it is open. At most [`MAX_INSTANT`].
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
    pub ended_at: Option<UnixMillis>,
}

/// Money set aside for something that is under way, whose fields fit together as [`ReservationFields`] says.
///
/// It ends once: settled with what was really used, released, or swept after its deadline. The deadline alone ends
/// nothing: until a sweep comes, a reservation can be settled or released.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reservation(ReservationFields);

impl Reservation {
    /// The reservation with these fields.
    ///
    /// # Errors
    /// - a field breaks what is said of it in [`ReservationFields`]
    pub fn new(fields: ReservationFields) -> Result<Self, InvalidRecord> {
        let is_open = fields.state == ReservationState::Open;
        let is_settled = fields.state == ReservationState::Settled;
        InvalidRecord::check(
            "reservation",
            &[
                (fields.made_at < fields.deadline, "deadline not after its making"),
                (fields.deadline <= MAX_INSTANT, "instant out of range"),
                (fields.ended_at.is_none_or(|at| at <= MAX_INSTANT), "instant out of range"),
                (fields.ended_at.is_none() == is_open, "state and end disagree"),
                (is_settled || fields.charged == Msat::ZERO, "a charge without a settlement"),
            ],
        )?;
        Ok(Self(fields))
    }

    /// Its fields.
    pub const fn fields(&self) -> &ReservationFields {
        &self.0
    }

    /// Its fields, to keep.
    pub fn into_fields(self) -> ReservationFields {
        self.0
    }

    /// The operation that made it.
    pub const fn id(&self) -> OperationId {
        self.0.id
    }

    /// Whether it still holds its amount.
    pub fn is_open(&self) -> bool {
        self.0.state == ReservationState::Open
    }

    /// Whether it is open and its deadline has come: `deadline <= now`.
    pub fn is_due(&self, now: UnixMillis) -> bool {
        self.is_open() && self.0.deadline <= now
    }
}

/// Whether a reservation has ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ReservationState {
    /// It holds its amount.
    Open,
    /// What was used was charged, and the rest is available again.
    Settled,
    /// Nothing was charged, all is available again.
    Released,
    /// Nobody ended it in time; all is available again.
    Swept,
}

impl ReservationState {
    const ALL: [Self; 4] = [Self::Open, Self::Settled, Self::Released, Self::Swept];

    /// Its name: `open`, `settled`, `released` or `swept`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Swept => "swept",
        }
    }
}

impl fmt::Display for ReservationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ReservationState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        find(&Self::ALL, Self::as_str, text)
    }
}
