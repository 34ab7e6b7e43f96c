use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256};

use crate::ids::{parse, print};
use crate::{AccountId, Description, IdError, Msat, Operation, OperationId};

/// What tells an operation from any other: the first 16 bytes of SHA-256 over its fields, the deadline of a reservation
/// aside. So a store knows a replay from another operation that came with the same id. The text form is 32 lower-case
/// hexadecimal digits.
///
/// It is kept in stores, so it never changes: `keyward/operation/v1` and a zero byte; a byte for the kind, in the order
/// of [`Operation`] from 0; 16 bytes for the account; 16 for the parent, the reservation or the refund (zeros where
/// there is none); 8, big-endian, for the amount or limit (all ones for no limit, zeros where there is neither); the
/// description.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn of(operation: &Operation) -> Self {
        let content = Content::of(operation);
        let digest = Sha256::new()
            .chain_update(b"keyward/operation/v1\0")
            .chain_update([content.kind])
            .chain_update(operation.account().as_bytes())
            .chain_update(content.other)
            .chain_update(content.amount.to_be_bytes())
            .chain_update(content.description.as_bytes())
            .finalize();
        Self(core::array::from_fn(|position| digest[position]))
    }
}

/// The fields of an operation beside its account.
struct Content<'a> {
    kind: u8,
    other: [u8; 16],
    amount: u64,
    description: &'a str,
}

impl<'a> Content<'a> {
    fn of(operation: &'a Operation) -> Self {
        match operation {
            Operation::OpenRoot { account: _ } => Self::new(0),
            Operation::OpenChild { account: _, parent, limit } => Self::new(1).account(parent).limit(*limit),
            Operation::SetLimit { account: _, limit } => Self::new(2).limit(*limit),
            Operation::Credit { account: _, amount, description } => Self::new(3).amount(*amount).text(description),
            Operation::Reserve { account: _, amount, deadline: _ } => Self::new(4).amount(*amount),
            Operation::Settle { account: _, reservation, amount, description } => {
                Self::new(5).ends(reservation).amount(*amount).text(description)
            }
            Operation::Release { account: _, reservation } => Self::new(6).ends(reservation),
            Operation::Sweep { account: _, reservation } => Self::new(7).ends(reservation),
            Operation::Charge { account: _, amount, description } => Self::new(8).amount(*amount).text(description),
            Operation::BeginRefund { account: _, amount, description } => {
                Self::new(9).amount(*amount).text(description)
            }
            Operation::CompleteRefund { account: _, refund } => Self::new(10).ends(refund),
            Operation::CancelRefund { account: _, refund, description } => Self::new(11).ends(refund).text(description),
        }
    }

    const fn new(kind: u8) -> Self {
        Self { kind, other: [0; 16], amount: 0, description: "" }
    }

    fn account(self, account: &AccountId) -> Self {
        Self { other: *account.as_bytes(), ..self }
    }

    fn ends(self, id: &OperationId) -> Self {
        Self { other: *id.as_bytes(), ..self }
    }

    fn amount(self, amount: Msat) -> Self {
        Self { amount: amount.as_msat(), ..self }
    }

    fn limit(self, limit: Option<Msat>) -> Self {
        Self { amount: limit.map_or(u64::MAX, Msat::as_msat), ..self }
    }

    fn text(self, description: &'a Description) -> Self {
        Self { description: description.as_str(), ..self }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(&self.0, f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        parse(text).map(Self)
    }
}
