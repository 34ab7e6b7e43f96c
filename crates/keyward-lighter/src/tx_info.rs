use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyward_schnorr::{Signature, VerifyingKey};
use keyward_time::UnixMillis;
use serde_json::value::RawValue;

use crate::{
    AccountIndex, Action, ApiCode, ApiKeyIndex, AttributeType, Attributes, AttributesError, CancelAllOrders,
    CancelOrder, ChangePubKey, CreateOrder, InvalidField, JsonError, L1Signature, ModifyOrder, Nonce,
    SignedTransaction, Transaction, TxType, json,
};

const ACCOUNT_INDEX: &str = "AccountIndex";
const API_KEY_INDEX: &str = "ApiKeyIndex";
const PUB_KEY: &str = "PubKey";
const L1_SIG: &str = "L1Sig";
const EXPIRED_AT: &str = "ExpiredAt";
const NONCE: &str = "Nonce";
const SIG: &str = "Sig";
const ATTRIBUTES: &str = "L2TxAttributes";

/// A transaction's `tx_info` as the exchange receives it: well-formed, but with values of any kind.
///
/// Members may come in any order and between any white space; numbers are whole and canonical, keys and
/// signatures canonical base64. `L2TxAttributes` and `L1Sig` may be missing. Members of other names are
/// passed over.
///
/// ```
/// use keyward_lighter::{TxInfo, TxType};
///
/// let text = r#"{"AccountIndex": 5, "ApiKeyIndex": 300, "MarketIndex": 0, "Index": 1,
///     "ExpiredAt": 1795219819054, "Nonce": 3, "Sig": "", "L2TxAttributes": {"4": 1}}"#;
/// let info = TxInfo::parse(TxType::CANCEL_ORDER, text)?;
/// assert_eq!(info.account_index(), 5);
/// assert_eq!(info.check().unwrap_err().to_string(), "ApiKeyIndex is not a slot from 0 to 254");
/// # Ok::<(), keyward_lighter::TxInfoError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TxInfo {
    tx_type: TxType,
    numbers: Numbers,
    // Only where a key is changed.
    public_key: Vec<u8>,
    l1_signature: String,
    signature: Vec<u8>,
    attributes: Vec<(u8, i64)>,
}

impl TxInfo {
    /// The largest text that is parsed: 16 KiB.
    pub const MAX_BYTES: usize = 16 << 10;

    /// Takes `text` apart, the information of a transaction of this type.
    ///
    /// # Errors
    /// - [`UnsupportedType`](TxInfoError::UnsupportedType): a type that [`TxType`] does not name
    /// - [`Json`](TxInfoError::Json), [`NotAnObject`](TxInfoError::NotAnObject): not a JSON object, or larger than
    ///   [`MAX_BYTES`](Self::MAX_BYTES)
    /// - [`Missing`](TxInfoError::Missing), [`Repeated`](TxInfoError::Repeated), [`WrongType`](TxInfoError::WrongType):
    ///   a member that the type has
    pub fn parse(tx_type: TxType, text: &str) -> Result<Self, TxInfoError> {
        let names = number_names(tx_type).ok_or(TxInfoError::UnsupportedType)?;
        let members = Members::read(text)?;
        let numbers = [ACCOUNT_INDEX, API_KEY_INDEX, EXPIRED_AT, NONCE].iter().chain(names);
        let numbers: Result<_, TxInfoError> = numbers.map(|&name| Ok((name, members.number(name)?))).collect();
        let (public_key, l1_signature) = if tx_type == TxType::CHANGE_PUB_KEY {
            (members.bytes(PUB_KEY)?, members.text(L1_SIG)?.unwrap_or_default().into_owned())
        } else {
            Default::default()
        };
        Ok(Self {
            tx_type,
            numbers: Numbers(numbers?),
            public_key,
            l1_signature,
            signature: members.bytes(SIG)?,
            attributes: members.attributes()?,
        })
    }

    /// What kind of transaction it is.
    pub const fn tx_type(&self) -> TxType {
        self.tx_type
    }

    /// The account that it names, which need not be one.
    pub fn account_index(&self) -> i64 {
        self.numbers.raw(ACCOUNT_INDEX)
    }

    /// The slot that it names, which need not be one.
    pub fn api_key_index(&self) -> i64 {
        self.numbers.raw(API_KEY_INDEX)
    }

    /// When it says that it expires, in milliseconds, which need not be an instant.
    pub fn expired_at(&self) -> i64 {
        self.numbers.raw(EXPIRED_AT)
    }

    /// The transaction with its signatures, of which nothing but the form is checked: what
    /// [`transaction`](Self::transaction), [`signature`](Self::signature) and [`l1_signature`](Self::l1_signature) say,
    /// in this order.
    ///
    /// # Errors
    /// As there.
    pub fn check(self) -> Result<SignedTransaction, TxInfoError> {
        let signed = SignedTransaction::new(self.transaction()?, self.signature()?);
        Ok(match self.l1_signature()? {
            Some(l1_signature) => signed.with_l1_signature(l1_signature),
            None => signed,
        })
    }

    /// The transaction, every value of which is checked, in the order in which the errors are listed. The state of the
    /// exchange is not looked at.
    ///
    /// # Errors
    /// - [`AccountIndex`](TxInfoError::AccountIndex), [`ApiKeyIndex`](TxInfoError::ApiKeyIndex): no account, no slot
    /// - [`PublicKey`](TxInfoError::PublicKey): not a canonical public key
    /// - [`ExpiredAt`](TxInfoError::ExpiredAt): not 0 to 2^48 - 1
    /// - [`Attributes`](TxInfoError::Attributes): not the attributes of a transaction, or more than four, whatever they
    ///   say
    /// - [`Nonce`](TxInfoError::Nonce): not 0 to 2^48 - 1
    /// - [`Field`](TxInfoError::Field): a value that an order may not have, or attributes that do not go with it
    pub fn transaction(&self) -> Result<Transaction, TxInfoError> {
        let numbers = &self.numbers;
        let account_index = numbers.get(ACCOUNT_INDEX, AccountIndex::new).map_err(|_| TxInfoError::AccountIndex)?;
        let api_key_index = numbers
            .get(API_KEY_INDEX, |index| {
                u8::try_from(index).ok().and_then(|index| ApiKeyIndex::new(index).ok()).ok_or(())
            })
            .map_err(|_| TxInfoError::ApiKeyIndex)?;
        let change = if self.tx_type == TxType::CHANGE_PUB_KEY {
            let public_key = VerifyingKey::from_slice(&self.public_key).map_err(|_| TxInfoError::PublicKey)?;
            Some(Action::ChangePubKey(ChangePubKey { public_key }))
        } else {
            None
        };
        let expired_at = numbers
            .get(EXPIRED_AT, UnixMillis::new)
            .ok()
            .filter(|instant| *instant <= Transaction::MAX_EXPIRED_AT)
            .ok_or(TxInfoError::ExpiredAt)?;
        let attributes = self.check_attributes()?;
        let nonce = numbers.get(NONCE, Nonce::new).map_err(|_| TxInfoError::Nonce)?;
        let action = change.map_or_else(|| self.check_order(), Ok)?;
        Ok(Transaction::new(account_index, api_key_index, nonce, expired_at, attributes, action)?)
    }

    /// The API key's signature, which is not verified.
    ///
    /// # Errors
    /// - [`Signature`](TxInfoError::Signature): not 80 bytes, or s or e not below the group order
    pub fn signature(&self) -> Result<Signature, TxInfoError> {
        Signature::from_slice(&self.signature).map_err(|_| TxInfoError::Signature)
    }

    /// The Ethereum account's signature, which is not verified; `None` if there is none, or the type has none.
    ///
    /// # Errors
    /// - [`L1Signature`](TxInfoError::L1Signature): neither empty nor one signature's form
    pub fn l1_signature(&self) -> Result<Option<L1Signature>, TxInfoError> {
        match self.l1_signature.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| TxInfoError::L1Signature),
        }
    }

    fn check_attributes(&self) -> Result<Attributes, TxInfoError> {
        // Those that `Attributes` would drop count too, as in `tx_attributes.go` of elliottech/lighter-go.
        if self.attributes.len() > Attributes::MAX_COUNT {
            return Err(TxInfoError::Attributes(AttributesError::TooMany));
        }
        let attributes: Result<Vec<_>, _> = self
            .attributes
            .iter()
            .map(|&(number, value)| {
                let kind = AttributeType::from_u8(number).ok_or(AttributesError::UnknownType)?;
                Ok((kind, u64::try_from(value).map_err(|_| AttributesError::OutOfRange { kind })?))
            })
            .collect();
        attributes.and_then(Attributes::new).map_err(TxInfoError::Attributes)
    }

    fn check_order(&self) -> Result<Action, TxInfoError> {
        let numbers = &self.numbers;
        Ok(match self.tx_type {
            TxType::CREATE_ORDER => Action::CreateOrder(CreateOrder::from_numbers(numbers)?),
            TxType::CANCEL_ORDER => Action::CancelOrder(CancelOrder::from_numbers(numbers)?),
            TxType::CANCEL_ALL_ORDERS => Action::CancelAllOrders(CancelAllOrders::from_numbers(numbers)?),
            TxType::MODIFY_ORDER => Action::ModifyOrder(ModifyOrder::from_numbers(numbers)?),
            _ => return Err(TxInfoError::UnsupportedType),
        })
    }
}

/// The names of an order's fields; none for the change of a key; `None` for a type that is not supported.
fn number_names(tx_type: TxType) -> Option<&'static [&'static str]> {
    Some(match tx_type {
        TxType::CHANGE_PUB_KEY => &[],
        TxType::CREATE_ORDER => &CreateOrder::NAMES,
        TxType::CANCEL_ORDER => &CancelOrder::NAMES,
        TxType::CANCEL_ALL_ORDERS => &CancelAllOrders::NAMES,
        TxType::MODIFY_ORDER => &ModifyOrder::NAMES,
        _ => return None,
    })
}

/// The numbers of a `tx_info`, by name. Each name that is asked for is there.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(Vec<(&'static str, i64)>);

impl Numbers {
    fn raw(&self, name: &str) -> i64 {
        self.0.iter().find(|(other, _)| *other == name).expect("the type has such a field").1
    }

    /// The number as a `T`.
    pub(crate) fn get<T, E>(
        &self,
        name: &'static str,
        new: impl FnOnce(u64) -> Result<T, E>,
    ) -> Result<T, InvalidField> {
        u64::try_from(self.raw(name)).ok().and_then(|number| new(number).ok()).ok_or(InvalidField::new(name))
    }

    /// The number as a `T`; `None` for 0.
    pub(crate) fn get_unless_zero<T, E>(
        &self,
        name: &'static str,
        new: impl FnOnce(u64) -> Result<T, E>,
    ) -> Result<Option<T>, InvalidField> {
        if self.raw(name) == 0 { Ok(None) } else { self.get(name, new).map(Some) }
    }
}

/// The members of a `tx_info`.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Result<Self, TxInfoError> {
        let document = json::document(text.as_bytes(), TxInfo::MAX_BYTES)?;
        let mut members = Vec::new();
        json::members(document, TxInfoError::NotAnObject, |name, value| {
            members.push((name.to_owned(), value));
            Ok(())
        })?;
        Ok(Self(members))
    }

    fn get(&self, name: &'static str) -> Result<Option<&'a RawValue>, TxInfoError> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| *value);
        let value = values.next();
        if values.next().is_some() { Err(TxInfoError::Repeated { name }) } else { Ok(value) }
    }

    fn number(&self, name: &'static str) -> Result<i64, TxInfoError> {
        let value = self.get(name)?.ok_or(TxInfoError::Missing { name })?;
        canonical(value.get()).ok_or(TxInfoError::WrongType { name })
    }

    fn text(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, TxInfoError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        if !value.get().starts_with('"') {
            return Err(TxInfoError::WrongType { name });
        }
        // All but a lone surrogate has been looked at.
        let text = serde_json::from_str(value.get()).map_err(|_| TxInfoError::Json(JsonError::Escape))?;
        Ok(Some(text))
    }

    fn bytes(&self, name: &'static str) -> Result<Vec<u8>, TxInfoError> {
        let text = self.text(name)?.ok_or(TxInfoError::Missing { name })?;
        BASE64_STANDARD.decode(&*text).map_err(|_| TxInfoError::WrongType { name })
    }

    fn attributes(&self) -> Result<Vec<(u8, i64)>, TxInfoError> {
        const WRONG: TxInfoError = TxInfoError::WrongType { name: ATTRIBUTES };
        let mut attributes: Vec<(u8, i64)> = Vec::new();
        let Some(value) = self.get(ATTRIBUTES)?.filter(|value| value.get() != "null") else { return Ok(attributes) };
        json::members(value, WRONG, |name, value| {
            let attribute = canonical(name).zip(canonical(value.get())).ok_or(WRONG)?;
            if attributes.iter().any(|(number, _)| *number == attribute.0) {
                return Err(TxInfoError::Repeated { name: ATTRIBUTES });
            }
            attributes.push(attribute);
            Ok(())
        })?;
        Ok(attributes)
    }
}

/// The whole number whose decimal is exactly `text`.
fn canonical<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|number: &T| number.to_string() == text)
}

/// Why a text is not a transaction. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TxInfoError {
    /// Transactions of this type are not read.
    #[error("unsupported transaction type")]
    UnsupportedType,
    /// The document is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document is not an object.
    #[error("must be an object")]
    NotAnObject,
    /// A member is not there.
    #[error("{name} is missing")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A member, or an attribute in it, stands there twice: which one counts?
    #[error("{name} is given more than once")]
    Repeated {
        /// Its name.
        name: &'static str,
    },
    /// A member is not a whole number, not canonical base64, or whatever else it must be.
    #[error("{name} is of the wrong type")]
    WrongType {
        /// Its name.
        name: &'static str,
    },
    /// The account is none.
    #[error("AccountIndex is not an account from 0 to {}", AccountIndex::MAX)]
    AccountIndex,
    /// The slot is none.
    #[error("ApiKeyIndex is not a slot from 0 to {}", ApiKeyIndex::MAX)]
    ApiKeyIndex,
    /// The bytes are not the one encoding of a public key.
    #[error("PubKey is not the encoding of a public key")]
    PublicKey,
    /// The instant is before the epoch or above the latest.
    #[error("ExpiredAt is not an instant from 0 to {}", Transaction::MAX_EXPIRED_AT)]
    ExpiredAt,
    /// The attributes are not those of a transaction.
    #[error("L2TxAttributes: {0}")]
    Attributes(AttributesError),
    /// The nonce is none.
    #[error("Nonce is not a number from 0 to {}", Nonce::MAX)]
    Nonce,
    /// A field has a value that it may not have, alone or beside the others.
    #[error(transparent)]
    Field(#[from] InvalidField),
    /// The bytes are not a signature, or not its one form.
    #[error("Sig is not a signature")]
    Signature,
    /// The text is not an Ethereum signature, or not its one form.
    #[error("L1Sig is not an Ethereum signature")]
    L1Signature,
}

impl TxInfoError {
    /// The code with which the exchange refuses such a transaction.
    pub const fn api_code(self) -> ApiCode {
        match self {
            Self::UnsupportedType => ApiCode::UNSUPPORTED_TX_TYPE,
            Self::AccountIndex => ApiCode::ACCOUNT_NOT_FOUND,
            Self::ApiKeyIndex => ApiCode::INVALID_API_KEY_INDEX,
            Self::PublicKey => ApiCode::INVALID_PUBLIC_KEY,
            Self::Nonce => ApiCode::INVALID_NONCE,
            Self::Signature => ApiCode::INVALID_SIGNATURE,
            Self::L1Signature => ApiCode::INVALID_L1_SIGNATURE,
            _ => ApiCode::INVALID_TX_INFO,
        }
    }
}
