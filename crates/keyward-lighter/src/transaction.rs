use core::array;

use keyward_goldilocks::Fp;
use keyward_poseidon2::hash;
use keyward_schnorr::{MessageHash, SigningKey};
use keyward_time::UnixMillis;
use rand_core::TryCryptoRng;

use crate::{
    AccountIndex, ApiKeyIndex, AttributeType, Attributes, CancelAllOrders, CancelOrder, ChainId, ChangePubKey,
    CreateOrder, InvalidField, ModifyOrder, Nonce, SignedTransaction, TxType,
};

/// What an account asks of the exchange, before it is signed.
///
/// Source: the files of `types/txtypes` in elliottech/lighter-go, and the official signer of lighter-sdk 1.1.8.
///
/// ```
/// use keyward_lighter::{
///     Action, Attributes, ChainId, ChangePubKey, Clock, Nonce, SigningKey, SysRng, SystemClock, Transaction,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let new_key = SigningKey::generate(&mut SysRng)?;
/// let transaction = Transaction::new(
///     "5".parse()?,
///     "253".parse()?,
///     Nonce::ZERO,
///     SystemClock.now_millis().saturating_add_millis(600_000),
///     Attributes::NONE,
///     Action::ChangePubKey(ChangePubKey { public_key: *new_key.verifying_key() }),
/// )?;
/// let signed = transaction.sign(ChainId::MAINNET, &new_key, &mut SysRng)?;
/// assert!(signed.to_tx_info().starts_with(r#"{"AccountIndex":5,"ApiKeyIndex":253,"PubKey":"#));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transaction {
    account_index: AccountIndex,
    api_key_index: ApiKeyIndex,
    nonce: Nonce,
    // Invariant: at most `MAX_EXPIRED_AT`.
    expired_at: UnixMillis,
    // Invariant: they go with the action.
    attributes: Attributes,
    action: Action,
}

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Puts a public key into a slot.
    ChangePubKey(ChangePubKey),
    /// Places an order.
    CreateOrder(CreateOrder),
    /// Cancels an order.
    CancelOrder(CancelOrder),
    /// Cancels all orders.
    CancelAllOrders(CancelAllOrders),
    /// Changes an order.
    ModifyOrder(ModifyOrder),
}

impl Transaction {
    /// The latest instant at which a transaction may expire: 2^48 - 1 milliseconds after the epoch.
    pub const MAX_EXPIRED_AT: UnixMillis = UnixMillis::EPOCH.saturating_add_millis((1 << 48) - 1);

    /// The transaction that `account_index` makes with the key in its slot `api_key_index`; from
    /// `expired_at` on the exchange refuses it.
    ///
    /// # Errors
    /// - `ExpiredAt`: above [`MAX_EXPIRED_AT`](Self::MAX_EXPIRED_AT)
    /// - `L2TxAttributes`: one market's orders are to be cancelled later, or a later cancellation is to be called off
    ///   for one market
    pub fn new(
        account_index: AccountIndex,
        api_key_index: ApiKeyIndex,
        nonce: Nonce,
        expired_at: UnixMillis,
        attributes: Attributes,
        action: Action,
    ) -> Result<Self, InvalidField> {
        if expired_at > Self::MAX_EXPIRED_AT {
            return Err(InvalidField::new("ExpiredAt"));
        }
        let cancels_later = matches!(action, Action::CancelAllOrders(cancel) if cancel != CancelAllOrders::Immediate);
        if cancels_later && attributes.get(AttributeType::CancelAllMarketIndex).is_some() {
            return Err(InvalidField::new("L2TxAttributes"));
        }
        Ok(Self { account_index, api_key_index, nonce, expired_at, attributes, action })
    }

    /// The account that makes it.
    pub const fn account_index(&self) -> AccountIndex {
        self.account_index
    }

    /// The slot of the key that signs it, or that is to have the new key.
    pub const fn api_key_index(&self) -> ApiKeyIndex {
        self.api_key_index
    }

    /// Its number among those of the slot.
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// When the exchange takes it no longer.
    pub const fn expired_at(&self) -> UnixMillis {
        self.expired_at
    }

    /// What it says beyond its fields.
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What it does.
    pub const fn action(&self) -> &Action {
        &self.action
    }

    /// The number of what it does.
    pub const fn tx_type(&self) -> TxType {
        self.action.tx_type()
    }

    /// What is signed, and what the exchange knows the transaction by.
    pub fn hash(&self, chain: ChainId) -> MessageHash {
        let head = [
            chain.as_u32().into(),
            self.tx_type().as_u8().into(),
            self.nonce.as_u64(),
            self.expired_at.as_millis(),
            self.account_index.as_u64(),
            self.api_key_index.as_u8().into(),
        ];
        let mut elements = [Fp::ZERO; 6 + Action::MAX_NUMBERS];
        let mut count = 0;
        let mut push = |element| {
            elements[count] = element;
            count += 1;
        };
        head.map(Fp::from_u64_mod_order).into_iter().for_each(&mut push);
        match &self.action {
            Action::ChangePubKey(change) => change.key_elements().into_iter().for_each(push),
            order => order.numbers().map(|(_, number)| Fp::from_u64_mod_order(number)).for_each(push),
        }
        MessageHash::new(self.attributes.aggregate(hash(&elements[..count])))
    }

    /// The text that the Ethereum account has to sign; `None` where nothing of it is asked.
    ///
    /// No chain is in it: its signature holds on every network on which the account's index and nonce are the same.
    pub fn l1_message(&self) -> Option<String> {
        match &self.action {
            Action::ChangePubKey(change) => Some(change.l1_message(self.account_index, self.api_key_index, self.nonce)),
            _ => None,
        }
    }

    /// Signs it, to change a key with the new key, else with the slot's.
    ///
    /// # Errors
    /// - the generator's own, if it fails
    pub fn sign<R: TryCryptoRng + ?Sized>(
        self,
        chain: ChainId,
        key: &SigningKey,
        rng: &mut R,
    ) -> Result<SignedTransaction, R::Error> {
        let signature = key.sign(&self.hash(chain), rng)?;
        Ok(SignedTransaction::new(self, signature))
    }
}

impl Action {
    /// The number of what it does.
    pub const fn tx_type(&self) -> TxType {
        match self {
            Self::ChangePubKey(_) => TxType::CHANGE_PUB_KEY,
            Self::CreateOrder(_) => TxType::CREATE_ORDER,
            Self::CancelOrder(_) => TxType::CANCEL_ORDER,
            Self::CancelAllOrders(_) => TxType::CANCEL_ALL_ORDERS,
            Self::ModifyOrder(_) => TxType::MODIFY_ORDER,
        }
    }

    /// The most numbers that an action has.
    const MAX_NUMBERS: usize = CreateOrder::NAMES.len();

    /// Names and numbers of an order's fields, as they are signed and printed.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let (names, numbers): (&[_], _) = match self {
            Self::ChangePubKey(_) => (&[], padded([])),
            Self::CreateOrder(order) => (&CreateOrder::NAMES, padded(order.to_numbers())),
            Self::CancelOrder(order) => (&CancelOrder::NAMES, padded(order.to_numbers())),
            Self::CancelAllOrders(order) => (&CancelAllOrders::NAMES, padded(order.to_numbers())),
            Self::ModifyOrder(order) => (&ModifyOrder::NAMES, padded(order.to_numbers())),
        };
        names.iter().copied().zip(numbers)
    }
}

fn padded<const N: usize>(numbers: [u64; N]) -> [u64; Action::MAX_NUMBERS] {
    array::from_fn(|i| numbers.get(i).copied().unwrap_or(0))
}
