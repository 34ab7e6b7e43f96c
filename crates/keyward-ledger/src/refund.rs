use core::fmt;
use core::str::FromStr;

use keyward_time::UnixMillis;

use crate::names::find;
use crate::{AccountId, InvalidRecord, MAX_INSTANT, Msat, OperationId, UnknownName};

/// The fields of a [`Refund`], as a store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RefundFields {
    /// The operation that began it. Unique together with the account's [tag](AccountId::tag).
    pub id: OperationId,
    /// The root account whose money it is.
    pub account: AccountId,
    /// What is paid out. Not 0. It never changes.
    pub amount: Msat,
    /// When it was begun. At most [`MAX_INSTANT`].
    pub begun_at: UnixMillis,
    /// Whether it has ended, and how.
    pub state: RefundState,
    /// When it ended; none while it is open. At most [`MAX_INSTANT`].
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
    pub ended_at: Option<UnixMillis>,
}

/// Money on its way out of an account, whose fields fit together as [`RefundFields`] says.
///
/// Begun, it has left the balance and is withheld; so whatever becomes of the payment, it cannot be spent meanwhile. It
/// ends once: completed when the payment is known to have happened, or cancelled when it is known not to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refund(RefundFields);

impl Refund {
    /// The refund with these fields.
    ///
    /// # Errors
    /// - a field breaks what is said of it in [`RefundFields`]
    pub fn new(fields: RefundFields) -> Result<Self, InvalidRecord> {
        InvalidRecord::check(
            "refund",
            &[
                (fields.amount > Msat::ZERO, "no amount"),
                (fields.begun_at <= MAX_INSTANT, "instant out of range"),
                (fields.ended_at.is_none_or(|at| at <= MAX_INSTANT), "instant out of range"),
                (fields.ended_at.is_none() == (fields.state == RefundState::Open), "state and end disagree"),
            ],
        )?;
        Ok(Self(fields))
    }

    /// Its fields.
    pub const fn fields(&self) -> &RefundFields {
        &self.0
    }

    /// Its fields, to keep.
    pub fn into_fields(self) -> RefundFields {
        self.0
    }

    /// The operation that began it.
    pub const fn id(&self) -> OperationId {
        self.0.id
    }

    /// Whether its amount is withheld.
    pub fn is_open(&self) -> bool {
        self.0.state == RefundState::Open
    }
}

/// Whether a refund has ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum RefundState {
    /// Its amount is withheld.
    Open,
    /// It was paid.
    Completed,
    /// It was not paid, and its amount is back in the balance.
    Cancelled,
}

impl RefundState {
    const ALL: [Self; 3] = [Self::Open, Self::Completed, Self::Cancelled];

    /// Its name: `open`, `completed` or `cancelled`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for RefundState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RefundState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        find(&Self::ALL, Self::as_str, text)
    }
}
