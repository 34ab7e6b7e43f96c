//! A venue with a few accounts, and the hands to use it.

use std::sync::Arc;

use keyward_ecgfp5::Scalar;
use keyward_lighter::{
    AccountIndex, Action, ApiCode, ApiKeyIndex, Attributes, BaseAmount, ChainId, ChangePubKey, CreateOrder,
    EthereumKey, MarketIndex, Nonce, OrderExpiry, OrderFields, OrderIndex, OrderType, Side, SigningKey,
    SubAccountAccess, SysRng, TimeInForce, TokenSigner, Transaction, UnixMillis, UnixSeconds,
};
use keyward_lighter_sandbox::answers::SentTx;
use keyward_lighter_sandbox::{
    Access, ClockSetting, NewToken, Principal, Refusal, SandboxClock, Seed, Storage, Venue, VenueSettings,
};

/// When the tests begin: 2026-11-21 00:00:00 UTC.
pub(crate) const START: u64 = 1_795_219_200;

/// A main account of the premium tier, of [`owner`].
pub(crate) const MAIN: u64 = 5;
/// Its sub-account.
pub(crate) const SUB: u64 = (1 << 48) - 2;
/// Its pool.
pub(crate) const POOL: u64 = (1 << 48) - 3;
/// Its insurance fund, as the type is there.
pub(crate) const FUND: u64 = (1 << 48) - 4;
/// A main account of the standard tier, of [`stranger`].
pub(crate) const STRANGER: u64 = 7;
/// A sub-account of [`stranger`] that has no collateral.
pub(crate) const POOR: u64 = (1 << 48) - 5;

/// The slot that tests use where it does not matter which.
pub(crate) const SLOT: u8 = 253;

/// A read-only token of ten days.
pub(crate) const NEW_TOKEN: NewToken<'_> = NewToken {
    name: "bot",
    expiry: START as i64 + 864_000,
    sub_account_access: SubAccountAccess::Single,
    scopes: None,
};

/// A venue on a clock that stands at [`START`].
pub(crate) struct Workbench {
    pub(crate) venue: Arc<Venue>,
    pub(crate) clock: Arc<SandboxClock>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        Self::with_settings(VenueSettings::default())
    }

    pub(crate) fn with_settings(settings: VenueSettings) -> Self {
        Self::open(settings, Storage::Memory)
    }

    pub(crate) fn seeded(seed: Seed) -> Self {
        Self::open_seeded(VenueSettings::default(), seed, Storage::Memory)
    }

    pub(crate) fn open(settings: VenueSettings, storage: Storage) -> Self {
        Self::open_seeded(settings, seed(), storage)
    }

    fn open_seeded(settings: VenueSettings, seed: Seed, storage: Storage) -> Self {
        let clock = Arc::new(SandboxClock::new(ClockSetting::Fixed(seconds(START).into())));
        let venue = Venue::open(settings, seed, storage, Arc::clone(&clock) as _).expect("the venue opens");
        Self { venue: Arc::new(venue), clock }
    }

    pub(crate) fn advance_secs(&self, secs: u64) {
        self.clock.advance_millis(1000 * secs);
    }

    pub(crate) fn set_secs(&self, secs: u64) {
        self.clock.set(ClockSetting::Fixed(seconds(secs).into()));
    }

    /// Puts `key` into a slot of an account of [`owner`], with the nonce that is due.
    pub(crate) fn register(&self, account: u64, slot: u8, key: &SigningKey) {
        let nonce = self.next_nonce(account, slot);
        self.send(&change_key(account, slot, nonce, key, &owner())).expect("the key is taken");
    }

    pub(crate) fn send(&self, transaction: &Sendable) -> Result<SentTx, Refusal> {
        self.venue.send_tx(transaction.tx_type, &transaction.tx_info)
    }

    pub(crate) fn send_batch(&self, transactions: &[Sendable]) -> Result<Vec<String>, Refusal> {
        let types: Vec<_> = transactions.iter().map(|transaction| transaction.tx_type).collect();
        let infos: Vec<_> = transactions.iter().map(|transaction| &transaction.tx_info).collect();
        let [types, infos] = [serde_json::to_string(&types), serde_json::to_string(&infos)].map(Result::unwrap);
        self.venue.send_tx_batch(&types, &infos).map(|sent| sent.tx_hash)
    }

    pub(crate) fn next_nonce(&self, account: u64, slot: u8) -> u64 {
        self.venue.next_nonce(account as i64, slot.into()).expect("a slot").nonce
    }

    /// The public key that is listed for the slot; `None` if the slot is not listed.
    pub(crate) fn listed_key(&self, account: u64, slot: u8) -> Option<String> {
        let keys = self.venue.api_keys(account as i64, slot.into()).ok()?;
        assert_eq!(keys.api_keys.len(), 1);
        Some(keys.api_keys[0].public_key.clone())
    }

    pub(crate) fn read(&self, token: &str, account: u64) -> Result<Principal, Refusal> {
        self.venue.authenticate(token, index(account), Access::Read)
    }

    pub(crate) fn manage(&self, token: &str, account: u64) -> Result<Principal, Refusal> {
        self.venue.authenticate(token, index(account), Access::Manage)
    }

    /// Registers a key in [`SLOT`] and is let in with a token of it.
    pub(crate) fn manager(&self, account: u64) -> Principal {
        let key = key(account);
        self.register(account, SLOT, &key);
        let deadline = self.venue.status().timestamp.as_secs() + 600;
        self.manage(&token(account, SLOT, &key, deadline), account).expect("the token is good")
    }
}

/// A transaction as it is sent.
#[derive(Clone)]
pub(crate) struct Sendable {
    pub(crate) tx_type: u64,
    pub(crate) tx_info: String,
}

impl Sendable {
    /// With one text in the `tx_info` replaced, which must be there.
    pub(crate) fn edited(&self, from: &str, to: &str) -> Self {
        assert!(self.tx_info.contains(from), "{from} is in {}", self.tx_info);
        Self { tx_info: self.tx_info.replacen(from, to, 1), ..*self }
    }
}

pub(crate) fn owner() -> EthereumKey {
    EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap()
}

pub(crate) fn stranger() -> EthereumKey {
    EthereumKey::parse(&"17".repeat(32)).unwrap()
}

pub(crate) fn seed() -> Seed {
    let (owner, stranger) = (owner().address(), stranger().address());
    let text = format!(
        r#"{{"accounts": [
            {{"l1_address": "{owner}", "index": {MAIN}, "tier": "premium", "collateral": "1945.003244", "name": "Main"}},
            {{"l1_address": "{owner}", "index": {SUB}}},
            {{"l1_address": "{owner}", "index": {POOL}, "account_type": "pool"}},
            {{"l1_address": "{owner}", "index": {FUND}, "account_type": "insurance"}},
            {{"l1_address": "{stranger}", "index": {STRANGER}}},
            {{"l1_address": "{stranger}", "index": {POOR}, "collateral": "0"}}
        ]}}"#
    );
    Seed::from_json(text.as_bytes()).unwrap()
}

/// The key of this number.
pub(crate) fn key(number: u64) -> SigningKey {
    SigningKey::from_seed(&[[0x5a; 32].as_slice(), &number.to_le_bytes()].concat()).unwrap()
}

pub(crate) fn index(account: u64) -> AccountIndex {
    AccountIndex::new(account).unwrap()
}

pub(crate) fn slot_index(slot: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(slot).unwrap()
}

pub(crate) fn seconds(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).unwrap()
}

pub(crate) fn token(account: u64, slot: u8, key: &SigningKey, deadline: u64) -> String {
    let key = SigningKey::from_bytes(&key.expose_secret()).unwrap();
    let signer = TokenSigner::new(key, index(account), slot_index(slot));
    signer.sign(seconds(deadline), &mut SysRng).unwrap().expose_secret().to_owned()
}

/// A signature with the group's order added to s, and one with it added to e: to whoever reduces them they are the same.
pub(crate) fn plus_the_order(signature: &[u8]) -> [Vec<u8>; 2] {
    [0..40, 40..80].map(|half| {
        let mut other = signature.to_owned();
        let mut carry = 0;
        for (byte, order) in other[half].iter_mut().zip(Scalar::ORDER_BYTES) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0, "there is room");
        other
    })
}

/// A transaction that expires ten minutes after [`START`].
pub(crate) fn transaction(account: u64, slot: u8, nonce: u64, attributes: Attributes, action: Action) -> Transaction {
    let (account, slot, nonce) = (index(account), slot_index(slot), Nonce::new(nonce).unwrap());
    let expired_at = UnixMillis::from(seconds(START + 600));
    Transaction::new(account, slot, nonce, expired_at, attributes, action).unwrap()
}

pub(crate) fn sign(transaction: Transaction, key: &SigningKey) -> Sendable {
    sign_for(ChainId::MAINNET, transaction, key)
}

pub(crate) fn sign_for(chain: ChainId, transaction: Transaction, key: &SigningKey) -> Sendable {
    let tx_type = transaction.tx_type().as_u8().into();
    Sendable { tx_type, tx_info: transaction.sign(chain, key, &mut SysRng).unwrap().to_tx_info() }
}

pub(crate) fn change_key(account: u64, slot: u8, nonce: u64, key: &SigningKey, owner: &EthereumKey) -> Sendable {
    change_key_with(account, slot, nonce, Attributes::NONE, key, owner)
}

pub(crate) fn change_key_with(
    account: u64,
    slot: u8,
    nonce: u64,
    attributes: Attributes,
    key: &SigningKey,
    owner: &EthereumKey,
) -> Sendable {
    let action = Action::ChangePubKey(ChangePubKey { public_key: *key.verifying_key() });
    let transaction = transaction(account, slot, nonce, attributes, action);
    let l1_signature = owner.sign_message(&transaction.l1_message().unwrap());
    let signed = transaction.sign(ChainId::MAINNET, key, &mut SysRng).unwrap().with_l1_signature(l1_signature);
    Sendable { tx_type: 8, tx_info: signed.to_tx_info() }
}

/// A limit order that waits for a day, with this number of its owner's.
pub(crate) fn order(number: u64, time_in_force: TimeInForce) -> Action {
    let waits = time_in_force != TimeInForce::ImmediateOrCancel;
    let expiry = OrderExpiry::new(UnixMillis::from(seconds(START + 86_400))).unwrap();
    let fields = OrderFields {
        market_index: MarketIndex::new(0).unwrap(),
        client_order_index: Some(OrderIndex::new(number).unwrap()),
        base_amount: BaseAmount::new(1_000).unwrap(),
        price: 405_000.try_into().unwrap(),
        side: Side::Ask,
        order_type: OrderType::Limit,
        time_in_force,
        reduce_only: false,
        trigger_price: None,
        order_expiry: waits.then_some(expiry),
    };
    Action::CreateOrder(CreateOrder::new(fields).unwrap())
}

/// An order of [`MAIN`] from [`SLOT`].
pub(crate) fn main_order(nonce: u64, key: &SigningKey) -> Sendable {
    sign(transaction(MAIN, SLOT, nonce, Attributes::NONE, order(1 + nonce % 1_000, TimeInForce::GoodTillTime)), key)
}

/// The code, status and message of a refusal.
#[track_caller]
pub(crate) fn assert_refused<T>(result: Result<T, Refusal>, status: u16, code: ApiCode, message: &str) {
    let refusal = result.err().expect("it is refused");
    assert_eq!((refusal.http_status, refusal.code, &*refusal.message), (status, code, message));
}

/// That it is refused with HTTP 400 and the code's documented message.
#[track_caller]
pub(crate) fn assert_code<T>(result: Result<T, Refusal>, code: ApiCode) {
    assert_refused(result, 400, code, code.message().expect("the code has a message"));
}
