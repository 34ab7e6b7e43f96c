use keyward_time::UnixMillis;

use crate::{AccountId, Applied, Fingerprint, InvalidRecord, MAX_INSTANT, Msat, Operation, OperationId, Rejection};

/// What an operation that was done has brought. A store keeps it, to answer a replay with.
///
/// Balances are the root account's, right after the operation; what is reserved is part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Outcome {
    /// The account is open.
    Opened,
    /// The limit is set.
    LimitSet,
    /// The amount is in.
    Credited {
        /// With the amount in it.
        balance: Msat,
    },
    /// The amount is set aside.
    Reserved {
        /// From when on it may be swept; of a replay, what the first one said.
        deadline: UnixMillis,
    },
    /// The reservation has ended.
    Settled {
        /// What was charged.
        charged: Msat,
        /// What was used and could not be charged: there was not enough.
        shortfall: Msat,
        /// Without what was charged.
        balance: Msat,
    },
    /// The reservation has ended.
    Released {
        /// What it held, which is available again.
        amount: Msat,
    },
    /// The reservation has ended.
    Swept {
        /// What it held, which is available again.
        amount: Msat,
    },
    /// The amount was charged.
    Charged {
        /// Without the amount.
        balance: Msat,
    },
    /// The amount is withheld.
    RefundBegun {
        /// Without the amount.
        balance: Msat,
    },
    /// The refund has ended.
    RefundCompleted {
        /// What was paid.
        amount: Msat,
    },
    /// The refund has ended.
    RefundCancelled {
        /// What has returned.
        amount: Msat,
        /// With the amount in it.
        balance: Msat,
    },
}

/// What a store remembers of an operation that was done, so that it is not done again. A rejected one leaves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct OperationFields {
    /// The operation's id. Unique together with the account's [tag](AccountId::tag).
    pub id: OperationId,
    /// The account that it named.
    pub account: AccountId,
    /// What it was.
    pub fingerprint: Fingerprint,
    /// What it has brought.
    pub outcome: Outcome,
    /// When it was done, by the clock of whoever asked for it. At most [`MAX_INSTANT`].
    pub at: UnixMillis,
}

/// An operation that was done, whose fields are as [`OperationFields`] says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OperationRecord(OperationFields);

impl OperationRecord {
    /// The record with these fields.
    ///
    /// # Errors
    /// - an instant is after [`MAX_INSTANT`]
    pub fn new(fields: OperationFields) -> Result<Self, InvalidRecord> {
        let is_in_range = match fields.outcome {
            Outcome::Reserved { deadline } => deadline <= MAX_INSTANT,
            _ => true,
        };
        InvalidRecord::check("operation", &[(fields.at <= MAX_INSTANT && is_in_range, "instant out of range")])?;
        Ok(Self(fields))
    }

    /// Its fields.
    pub const fn fields(&self) -> &OperationFields {
        &self.0
    }

    /// Its fields, to keep.
    pub fn into_fields(self) -> OperationFields {
        self.0
    }

    /// The answer to `operation`, which has come with the id of this one.
    pub fn answer(&self, operation: &Operation) -> Applied<Outcome, Rejection> {
        if self.0.fingerprint == operation.fingerprint() {
            Applied::Replayed(self.0.outcome)
        } else {
            Applied::Rejected(Rejection::OperationMismatch)
        }
    }
}
