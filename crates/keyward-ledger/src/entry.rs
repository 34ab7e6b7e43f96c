use core::fmt;
use core::str::FromStr;

use keyward_time::UnixMillis;

use crate::names::find;
use crate::{AccountId, Description, InvalidRecord, MAX_ENTRIES, MAX_INSTANT, Msat, OperationId, UnknownName};

/// The fields of an [`Entry`], as a store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct EntryFields {
    /// The root account whose balance changed.
    pub root: AccountId,
    /// Its place in the root's journal, from 1 on without a gap. At most [`MAX_ENTRIES`].
    pub number: u64,
    /// The account that it is about: for a usage the one that was charged, with the root's [tag](AccountId::tag); for
    /// all else the root itself.
    pub account: AccountId,
    /// The operation that made it: an operation makes one entry at most.
    pub operation: OperationId,
    /// Why the balance changed, and in which direction.
    pub kind: EntryKind,
    /// By how much it changed. Only a usage can be 0: something was used that cost nothing.
    pub amount: Msat,
    /// The root's balance afterwards.
    pub balance_after: Msat,
    /// What it was for.
    pub description: Description,
    /// When it was made, by the clock of whoever asked for the operation; numbers tell the order, not times. At most
    /// [`MAX_INSTANT`].
    pub at: UnixMillis,
}

/// One change of a root account's balance, as its journal keeps it, whose fields fit together as [`EntryFields`] says.
///
/// All entries of a root account add up to its balance. An entry is in the journals of the account that it is about and
/// of every account above that; its place in each is what [`AccountFields::entries`](crate::AccountFields::entries) says
/// after the operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry(EntryFields);

impl Entry {
    /// The entry with these fields.
    ///
    /// # Errors
    /// - a field breaks what is said of it in [`EntryFields`]
    /// - the balance would have been below 0 or above [`Msat::MAX`] before
    pub fn new(fields: EntryFields) -> Result<Self, InvalidRecord> {
        let EntryFields { root, number, account, kind, amount, balance_after, at, .. } = fields;
        let before =
            if kind.is_increase() { balance_after.checked_sub(amount) } else { balance_after.checked_add(amount) };
        let is_usage = kind == EntryKind::Usage;
        InvalidRecord::check(
            "journal entry",
            &[
                ((1..=MAX_ENTRIES).contains(&number), "number out of range"),
                (account == root || is_usage, "not about the root account"),
                (account.tag() == root.tag(), "another tag than the root's"),
                (amount > Msat::ZERO || is_usage, "no amount"),
                (before.is_some(), "balance out of range before it"),
                (at <= MAX_INSTANT, "instant out of range"),
            ],
        )?;
        Ok(Self(fields))
    }

    /// Its fields.
    pub const fn fields(&self) -> &EntryFields {
        &self.0
    }

    /// Its fields, to keep.
    pub fn into_fields(self) -> EntryFields {
        self.0
    }

    /// By how many millisatoshi the balance grew; negative if it shrank. Exact in a double.
    pub fn signed_amount(&self) -> i64 {
        let amount = self.0.amount.as_msat().cast_signed(); // below 2^53
        if self.0.kind.is_increase() { amount } else { -amount }
    }
}

/// Why a balance changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum EntryKind {
    /// Money came in.
    Deposit,
    /// Something was used: a charge, or a reservation that was settled.
    Usage,
    /// A refund was begun.
    Refund,
    /// A refund was cancelled: its amount came back.
    RefundCancelled,
}

impl EntryKind {
    const ALL: [Self; 4] = [Self::Deposit, Self::Usage, Self::Refund, Self::RefundCancelled];

    /// Its name: `deposit`, `usage`, `refund` or `refund_cancelled`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Usage => "usage",
            Self::Refund => "refund",
            Self::RefundCancelled => "refund_cancelled",
        }
    }

    /// Whether the balance grows by it.
    pub const fn is_increase(self) -> bool {
        matches!(self, Self::Deposit | Self::RefundCancelled)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for EntryKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        find(&Self::ALL, Self::as_str, text)
    }
}
