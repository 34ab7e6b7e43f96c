use core::{fmt, iter};

use keyward_goldilocks::{Fp, Fp5};
use keyward_nonce::NonceMode;
use keyward_poseidon2::hash;

use crate::{AccountIndex, MarketIndex};

/// What a transaction's attribute is about.
///
/// Source: `types/txtypes/tx_attributes.go` in elliottech/lighter-go, and the official signer of
/// lighter-sdk 1.1.8 for the last one and for the range of market indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum AttributeType {
    /// 1: the account that the fees of types 2 and 3 go to, 0 to 2^48 - 2; 0 is none.
    IntegratorAccountIndex = 1,
    /// 2: its fee from a taker, in millionths, 0 to 1,000,000; 0 is none.
    IntegratorTakerFee = 2,
    /// 3: its fee from a maker, in millionths, 0 to 1,000,000; 0 is none.
    IntegratorMakerFee = 3,
    /// 4: whether the nonce may be any that is not below the next one: 1; 0 is no.
    SkipNonce = 4,
    /// 5: the one market whose orders are cancelled, 0 to 2^48 - 1; 255 is all.
    CancelAllMarketIndex = 5,
    /// 6: what becomes of two orders of one trader that meet: 0 the maker's expires, 1 the taker's, 2 both, 3 both
    /// are reduced.
    SelfTradeBehavior = 6,
    /// 7: who counts as one trader: 0 an account, 1 a main account and its sub-accounts.
    SelfTradeEquality = 7,
    /// 8: the version of the order that is modified, 0 to 2^48 - 1; 0 is any.
    OrderVersion = 8,
}

impl AttributeType {
    const ALL: [Self; 8] = [
        Self::IntegratorAccountIndex,
        Self::IntegratorTakerFee,
        Self::IntegratorMakerFee,
        Self::SkipNonce,
        Self::CancelAllMarketIndex,
        Self::SelfTradeBehavior,
        Self::SelfTradeEquality,
        Self::OrderVersion,
    ];

    /// The type of this number, 1 to 8; `None` for any other.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_u8() == number)
    }

    /// The number.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// The value that says the same as no attribute of this type.
    const fn nil(self) -> u64 {
        match self {
            Self::CancelAllMarketIndex => MarketIndex::NIL,
            _ => 0,
        }
    }

    const fn max(self) -> u64 {
        match self {
            Self::IntegratorAccountIndex => AccountIndex::MAX.as_u64(),
            Self::IntegratorTakerFee | Self::IntegratorMakerFee => 1_000_000,
            Self::SkipNonce | Self::SelfTradeEquality => 1,
            Self::CancelAllMarketIndex => MarketIndex::MAX.as_u64(),
            Self::SelfTradeBehavior => 3,
            Self::OrderVersion => (1 << 48) - 1,
        }
    }
}

/// What a transaction says beyond its fields: at most four values, of different types.
///
/// A value that says the same as none is dropped, so that what is signed and what is printed have one form.
///
/// ```
/// use keyward_lighter::{AttributeType, Attributes};
///
/// let attributes = Attributes::new([(AttributeType::SkipNonce, 1), (AttributeType::IntegratorTakerFee, 0)])?;
/// assert_eq!(attributes, Attributes::SKIP_NONCE);
/// # Ok::<(), keyward_lighter::AttributesError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attributes {
    // Invariant: none is nil; ascending types, then `None`s.
    values: [Option<(AttributeType, u64)>; Self::MAX_COUNT],
}

impl Attributes {
    /// The most attributes of a transaction.
    pub const MAX_COUNT: usize = 4;

    /// No attributes.
    pub const NONE: Self = Self { values: [None; Self::MAX_COUNT] };

    /// The nonce may be any that is not below the next one.
    pub const SKIP_NONCE: Self = Self { values: [Some((AttributeType::SkipNonce, 1)), None, None, None] };

    /// These attributes, in any order.
    ///
    /// # Errors
    /// - [`OutOfRange`](AttributesError::OutOfRange): a value that its type does not allow
    /// - [`Repeated`](AttributesError::Repeated): a type twice
    /// - [`TooMany`](AttributesError::TooMany): more than four, those not counted that say nothing
    /// - [`FeeWithoutIntegrator`](AttributesError::FeeWithoutIntegrator): a fee that goes to nobody
    /// - [`FeeWithSelfTrade`](AttributesError::FeeWithSelfTrade): a fee beside a rule on self-trades
    /// - [`ReduceWithMainAccount`](AttributesError::ReduceWithMainAccount): orders are to be reduced that meet another
    ///   account's
    pub fn new(attributes: impl IntoIterator<Item = (AttributeType, u64)>) -> Result<Self, AttributesError> {
        let mut all = [None; AttributeType::ALL.len()];
        for (kind, value) in attributes {
            if value > kind.max() {
                return Err(AttributesError::OutOfRange { kind });
            }
            if all[usize::from(kind.as_u8()) - 1].replace((kind, value)).is_some() {
                return Err(AttributesError::Repeated { kind });
            }
        }

        let mut present = all.into_iter().flatten().filter(|(kind, value)| *value != kind.nil());
        let attributes = Self { values: core::array::from_fn(|_| present.next()) };
        if present.next().is_some() {
            return Err(AttributesError::TooMany);
        }
        attributes.check_together()
    }

    /// The value of this type; `None` if it says nothing.
    pub fn get(&self, kind: AttributeType) -> Option<u64> {
        self.iter().find(|(other, _)| *other == kind).map(|(_, value)| value)
    }

    /// All values, by ascending type.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeType, u64)> {
        self.values.iter().flatten().copied()
    }

    /// By which rule the exchange takes the nonce.
    pub fn nonce_mode(&self) -> NonceMode {
        if self.get(AttributeType::SkipNonce).is_some() { NonceMode::Skip } else { NonceMode::Sequential }
    }

    /// Which values go together.
    fn check_together(self) -> Result<Self, AttributesError> {
        let has = |kind| self.get(kind).is_some();
        let fee = has(AttributeType::IntegratorTakerFee) || has(AttributeType::IntegratorMakerFee);
        let self_trade = has(AttributeType::SelfTradeBehavior) || has(AttributeType::SelfTradeEquality);
        if fee && !has(AttributeType::IntegratorAccountIndex) {
            return Err(AttributesError::FeeWithoutIntegrator);
        }
        if fee && self_trade {
            return Err(AttributesError::FeeWithSelfTrade);
        }
        if self.get(AttributeType::SelfTradeBehavior) == Some(3) && has(AttributeType::SelfTradeEquality) {
            return Err(AttributesError::ReduceWithMainAccount);
        }
        Ok(self)
    }

    /// The transaction's hash with these attributes in it.
    pub(crate) fn aggregate(&self, transaction: Fp5) -> Fp5 {
        if *self == Self::NONE {
            return transaction;
        }
        let pairs = self.values.map(|attribute| attribute.map_or([0, 0], |(kind, value)| [kind.as_u8().into(), value]));
        let pairs = pairs.map(|pair| pair.map(Fp::from_u64_mod_order));
        hash([transaction.coefficients(), hash(pairs.as_flattened()).coefficients()].as_flattened())
    }

    /// Writes `{"4":1}`, or `null`.
    pub(crate) fn write_json(&self, json: &mut impl fmt::Write) -> fmt::Result {
        if *self == Self::NONE {
            return json.write_str("null");
        }
        let separators = iter::once('{').chain(iter::repeat(','));
        for ((kind, value), separator) in self.iter().zip(separators) {
            write!(json, "{separator}\"{}\":{value}", kind.as_u8())?;
        }
        json.write_char('}')
    }
}

/// Why values are not the attributes of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AttributesError {
    /// There is no such type.
    #[error("unknown attribute type")]
    UnknownType,
    /// The value is not one that its type allows.
    #[error("attribute {} out of range", kind.as_u8())]
    OutOfRange {
        /// Its type.
        kind: AttributeType,
    },
    /// A type stands there twice.
    #[error("attribute {} is given more than once", kind.as_u8())]
    Repeated {
        /// The type.
        kind: AttributeType,
    },
    /// There are more than four.
    #[error("more than {} attributes", Attributes::MAX_COUNT)]
    TooMany,
    /// An integrator's fee, but no integrator.
    #[error("an integrator's fee without its account")]
    FeeWithoutIntegrator,
    /// An integrator's fee and a rule on self-trades exclude each other.
    #[error("an integrator's fee beside a rule on self-trades")]
    FeeWithSelfTrade,
    /// Self-trades are reduced within an account only.
    #[error("self-trades are reduced within an account only")]
    ReduceWithMainAccount,
}
