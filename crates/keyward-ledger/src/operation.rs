use keyward_time::UnixMillis;

use crate::{AccountId, Description, Fingerprint, Msat, OperationId};

/// Something to be done with the books. It is named by an [`OperationId`], which is no part of it: the same operation
/// under another id is done once more.
///
/// Every operation names the account that it is about. What else [`apply`](crate::apply) needs to see is told by
/// [`parent`](Self::parent), [`reservation`](Self::reservation) and [`refund`](Self::refund).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Operation {
    /// Opens an account that holds money, with none in it.
    OpenRoot {
        /// Its id.
        account: AccountId,
    },
    /// Opens an account below another one, whose root's money it spends.
    OpenChild {
        /// Its id, with its parent's [tag](AccountId::tag).
        account: AccountId,
        /// The account above it.
        parent: AccountId,
        /// The most that it may spend, ever; none for no limit of its own.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
        limit: Option<Msat>,
    },
    /// Sets the limit of an account below a root account. It may be less than was spent or reserved: what is reserved can
    /// still be settled, nothing more can be reserved.
    SetLimit {
        /// The account.
        account: AccountId,
        /// The most that it may spend, ever; none for no limit of its own.
        #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::serde_impls::present"))]
        limit: Option<Msat>,
    },
    /// Puts money into a root account.
    Credit {
        /// The root account.
        account: AccountId,
        /// How much; not 0.
        amount: Msat,
        /// For the journal.
        description: Description,
    },
    /// Sets money aside, on the account and on every one above it. The operation's id names the reservation.
    Reserve {
        /// The account that will be charged.
        account: AccountId,
        /// The most that is expected to be charged; it may be 0.
        amount: Msat,
        /// From when on it may be swept; after `now`. Not compared in a replay: who tries again counts from a later time.
        deadline: UnixMillis,
    },
    /// Ends a reservation and charges what was really used.
    ///
    /// Up to what is reserved it always can. Beyond that it takes what [`Chain::spendable`](crate::Chain::spendable)
    /// has left beside other reservations, and the outcome says what is missing.
    Settle {
        /// The account of the reservation.
        account: AccountId,
        /// The reservation, which is open.
        reservation: OperationId,
        /// What was used; it may be 0.
        amount: Msat,
        /// For the journal.
        description: Description,
    },
    /// Ends a reservation and charges nothing.
    Release {
        /// The account of the reservation.
        account: AccountId,
        /// The reservation, which is open.
        reservation: OperationId,
    },
    /// Ends a reservation that nobody ended in time: its deadline has come, `deadline <= now`.
    Sweep {
        /// The account of the reservation.
        account: AccountId,
        /// The reservation, which is open and due.
        reservation: OperationId,
    },
    /// Charges an account at once, as if it had been reserved and settled.
    Charge {
        /// The account.
        account: AccountId,
        /// What was used; it may be 0.
        amount: Msat,
        /// For the journal.
        description: Description,
    },
    /// Takes money out of a root account's balance, to be paid out; refused while anything is reserved. The operation's
    /// id names the refund.
    BeginRefund {
        /// The root account.
        account: AccountId,
        /// How much; not 0.
        amount: Msat,
        /// For the journal.
        description: Description,
    },
    /// Ends a refund that was paid.
    CompleteRefund {
        /// The root account.
        account: AccountId,
        /// The refund, which is open.
        refund: OperationId,
    },
    /// Ends a refund that was not and will not be paid: its amount returns to the balance.
    CancelRefund {
        /// The root account.
        account: AccountId,
        /// The refund, which is open.
        refund: OperationId,
        /// For the journal.
        description: Description,
    },
}

impl Operation {
    /// The account that it is about. Its [tag](AccountId::tag) is that of everything the operation reads and writes.
    pub const fn account(&self) -> AccountId {
        match *self {
            Self::OpenRoot { account }
            | Self::OpenChild { account, .. }
            | Self::SetLimit { account, .. }
            | Self::Credit { account, .. }
            | Self::Reserve { account, .. }
            | Self::Settle { account, .. }
            | Self::Release { account, .. }
            | Self::Sweep { account, .. }
            | Self::Charge { account, .. }
            | Self::BeginRefund { account, .. }
            | Self::CompleteRefund { account, .. }
            | Self::CancelRefund { account, .. } => account,
        }
    }

    /// The account below which it opens one.
    pub const fn parent(&self) -> Option<AccountId> {
        match *self {
            Self::OpenChild { parent, .. } => Some(parent),
            _ => None,
        }
    }

    /// The reservation that it ends.
    pub const fn reservation(&self) -> Option<OperationId> {
        match *self {
            Self::Settle { reservation, .. } | Self::Release { reservation, .. } | Self::Sweep { reservation, .. } => {
                Some(reservation)
            }
            _ => None,
        }
    }

    /// The refund that it ends.
    pub const fn refund(&self) -> Option<OperationId> {
        match *self {
            Self::CompleteRefund { refund, .. } | Self::CancelRefund { refund, .. } => Some(refund),
            _ => None,
        }
    }

    /// What tells it from any other operation, its deadline aside.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }
}
