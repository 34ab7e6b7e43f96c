use keyward_time::UnixMillis;

use crate::{Account, AccountId, MAX_INSTANT, Msat, RefundState, ReservationState};

/// Why an operation cannot be done. It has changed nothing, and is not remembered.
///
/// If there are several reasons, the first in this order is given: so every store gives the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Another operation was done under this id.
    #[error("another operation has this id")]
    OperationMismatch,
    /// The time, or the deadline, is after [`MAX_INSTANT`].
    #[error("instant after {MAX_INSTANT} ms")]
    InstantOutOfRange,
    /// The deadline is not in the future.
    #[error("the deadline has come")]
    DeadlinePassed,
    /// A credit or a refund of nothing.
    #[error("no amount")]
    ZeroAmount,
    /// The id of the new account has not its parent's [tag](AccountId::tag).
    #[error("the account has another tag than its parent")]
    TagMismatch,
    /// The account to open exists.
    #[error("the account exists")]
    AccountExists,
    /// The account, or the parent of the one to open, does not exist.
    #[error("no account {account}")]
    UnknownAccount {
        /// The one that does not exist.
        account: AccountId,
    },
    /// The parent of the account to open is at the greatest depth.
    #[error("more than {} accounts above it", Account::MAX_DEPTH)]
    TooDeep,
    /// The account is below another one, and has no money of its own.
    #[error("not a root account")]
    NotARoot,
    /// The account is a root account, which has no limit.
    #[error("a root account")]
    NotAChild,
    /// The account has no such reservation.
    #[error("no such reservation")]
    UnknownReservation,
    /// The reservation has ended.
    #[error("the reservation is {state}")]
    ReservationEnded {
        /// How it ended.
        state: ReservationState,
    },
    /// The reservation's deadline has not come.
    #[error("not due before {deadline} ms")]
    NotDue {
        /// When it comes.
        deadline: UnixMillis,
    },
    /// The account has no such refund.
    #[error("no such refund")]
    UnknownRefund,
    /// The refund has ended.
    #[error("the refund is {state}")]
    RefundEnded {
        /// How it ended.
        state: RefundState,
    },
    /// Nothing can be refunded while something is reserved.
    #[error("{reserved} msat are reserved")]
    ReservationOpen {
        /// How much is.
        reserved: Msat,
    },
    /// A limit does not allow it: that of the account itself, or of one above; of several, the one nearest to the account.
    #[error("limit exceeded: {left} msat left of {required} needed")]
    LimitExceeded {
        /// The account whose limit it is.
        account: AccountId,
        /// What the limit leaves.
        left: Msat,
        /// What the operation takes.
        required: Msat,
    },
    /// The root account has not enough.
    #[error("insufficient balance: {available} msat available of {required} needed")]
    InsufficientBalance {
        /// What it has, beside what is reserved.
        available: Msat,
        /// What the operation takes.
        required: Msat,
    },
    /// More was credited, ever, or there are more entries in the journal than numbers can tell.
    #[error("more than the books can hold")]
    Overflow,
}
