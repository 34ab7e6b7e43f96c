//! A sandbox with two premium accounts of one owner, and what it takes to use them.

use std::sync::Arc;

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, AuthTokenText, BaseAmount, CancelAllOrders, ChangePubKey, Clock,
    CreateOrder, EthereumKey, MarketIndex, Nonce, OrderExpiry, OrderFields, OrderIndex, OrderType, Side,
    SignedTransaction, SigningKey, SysRng, TimeInForce, TokenSigner, Transaction,
};
use keyward_lighter_client::{Client, ClientError, Sent};
use keyward_lighter_sandbox::{NotFoundStatus, RateLimit, Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings};

/// The owner of the accounts 5 and 2^48 - 2 in the official SDK's cases.
pub(crate) const SDK_OWNER: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

/// The owner of the others.
pub(crate) const SDK_OTHER_OWNER: &str = "0x2222222222222222222222222222222222222222222222222222222222222222";

pub(crate) struct Bench {
    pub(crate) client: Client,
    pub(crate) clock: Arc<SandboxClock>,
    pub(crate) owner: EthereumKey,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(VenueSettings::default()).await
    }

    pub(crate) async fn with_not_found(not_found_status: NotFoundStatus) -> Self {
        Self::with(VenueSettings { not_found_status, ..VenueSettings::default() }).await
    }

    /// The accounts that the official SDK's cases have, those of [`SDK_OWNER`] and of [`SDK_OTHER_OWNER`], as the
    /// latter's.
    pub(crate) async fn of_the_sdk() -> Self {
        let seed = Seed::from_json(include_bytes!("../../../keyward-lighter-sandbox/tests/sdk/seed.json")).unwrap();
        Self::start(VenueSettings::default(), seed, SDK_OTHER_OWNER, RateLimit::Off).await
    }

    pub(crate) async fn with_rate_limit() -> Self {
        Self::start(VenueSettings::default(), Seed::example(), Seed::EXAMPLE_L1_KEY, RateLimit::Standard).await
    }

    async fn with(settings: VenueSettings) -> Self {
        Self::start(settings, Seed::example(), Seed::EXAMPLE_L1_KEY, RateLimit::Off).await
    }

    async fn start(settings: VenueSettings, seed: Seed, owner: &str, rate_limit: RateLimit) -> Self {
        let clock = Arc::new(SandboxClock::default());
        let venue = Venue::open(settings, seed, Storage::Memory, clock.clone()).unwrap();
        let sandbox = Sandbox::builder(Arc::new(venue)).rate_limit(rate_limit).bind().await.unwrap();
        let client = Client::new(&sandbox.base_url()).unwrap();
        tokio::spawn(sandbox.run_until(std::future::pending()));
        Self { client, clock, owner: EthereumKey::parse(owner).unwrap() }
    }

    /// A new key, registered in a slot of an account.
    pub(crate) async fn register(&self, account: AccountIndex, slot: ApiKeyIndex) -> TokenSigner {
        let nonce = self.client.next_nonce(account, slot).await.unwrap().next().unwrap();
        let signer = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), account, slot);
        self.client.send_tx(&self.registration(&signer, nonce)).await.unwrap();
        signer
    }

    /// The transaction that registers the key of `signer`.
    pub(crate) fn registration(&self, signer: &TokenSigner, nonce: Nonce) -> SignedTransaction {
        let action = Action::ChangePubKey(ChangePubKey { public_key: *signer.verifying_key() });
        let signed = self.sign(signer, nonce, action);
        let l1_message = signed.transaction().l1_message().unwrap();
        signed.with_l1_signature(self.owner.sign_message(&l1_message))
    }

    pub(crate) fn sign(&self, signer: &TokenSigner, nonce: Nonce, action: Action) -> SignedTransaction {
        self.sign_with(Attributes::NONE, signer, nonce, action)
    }

    pub(crate) fn sign_with(
        &self,
        attributes: Attributes,
        signer: &TokenSigner,
        nonce: Nonce,
        action: Action,
    ) -> SignedTransaction {
        let expired_at = self.clock.now_millis().saturating_add_millis(600_000);
        let (account, slot) = (signer.account_index(), signer.api_key_index());
        Transaction::new(account, slot, nonce, expired_at, attributes, action)
            .unwrap()
            .sign(self.client.chain_id(), signer.signing_key(), &mut SysRng)
            .unwrap()
    }

    /// A limit order that waits for as long as an order can.
    pub(crate) fn order(&self, time_in_force: TimeInForce) -> Action {
        let in_28_days = self.clock.now_millis().saturating_add_millis(28 * 24 * 60 * 60 * 1000);
        let order = CreateOrder::new(OrderFields {
            market_index: MarketIndex::new(0).unwrap(),
            client_order_index: Some(OrderIndex::new(1).unwrap()),
            base_amount: BaseAmount::new(1000).unwrap(),
            price: 2000.try_into().unwrap(),
            side: Side::Bid,
            order_type: OrderType::Limit,
            time_in_force,
            reduce_only: false,
            trigger_price: None,
            order_expiry: Some(OrderExpiry::new(in_28_days).unwrap()),
        });
        Action::CreateOrder(order.unwrap())
    }

    /// A transaction that can always be made.
    pub(crate) fn cancel_all(&self, signer: &TokenSigner, nonce: u64) -> SignedTransaction {
        self.sign(signer, Nonce::new(nonce).unwrap(), Action::CancelAllOrders(CancelAllOrders::Immediate))
    }

    pub(crate) async fn send_cancel_all(&self, signer: &TokenSigner, nonce: u64) -> Result<Sent<String>, ClientError> {
        self.client.send_tx(&self.cancel_all(signer, nonce)).await
    }

    /// A token that lasts for ten minutes.
    pub(crate) fn token(&self, signer: &TokenSigner) -> AuthTokenText {
        signer.sign(self.clock.now().saturating_add_secs(600), &mut SysRng).unwrap()
    }

    /// The code with which a gated read is refused; `None` if it is not.
    pub(crate) async fn probe(&self, account: AccountIndex, token: &str) -> Option<u32> {
        self.client.account_limits(account, token).await.err().map(|error| error.code().unwrap().as_u32())
    }
}

/// The code of a certain refusal.
pub(crate) fn code<T>(outcome: Result<T, ClientError>) -> u32 {
    match outcome {
        Err(ClientError::Refused(refusal)) => refusal.code.as_u32(),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("not refused"),
    }
}

/// A key that nobody has registered.
pub(crate) fn stranger(account: AccountIndex, slot: ApiKeyIndex) -> TokenSigner {
    TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), account, slot)
}

pub(crate) fn account(index: u64) -> AccountIndex {
    AccountIndex::new(index).unwrap()
}

pub(crate) fn main_account() -> AccountIndex {
    AccountIndex::new(3).unwrap()
}

pub(crate) fn sub_account() -> AccountIndex {
    AccountIndex::MAX
}

pub(crate) fn slot(index: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(index).unwrap()
}
