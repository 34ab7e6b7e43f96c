//! A sandbox with two premium accounts of one owner, and what it takes to use them.

use std::sync::Arc;

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, AuthTokenText, CancelAllOrders, ChangePubKey, Clock, EthereumKey,
    Nonce, SignedTransaction, SigningKey, SysRng, TokenSigner, Transaction,
};
use keyward_lighter_client::{Client, ClientError, Sent};
use keyward_lighter_sandbox::{NotFoundStatus, Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings};

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

    async fn with(settings: VenueSettings) -> Self {
        let clock = Arc::new(SandboxClock::default());
        let venue = Venue::open(settings, Seed::example(), Storage::Memory, clock.clone()).unwrap();
        let sandbox = Sandbox::builder(Arc::new(venue)).bind().await.unwrap();
        let client = Client::new(&sandbox.base_url()).unwrap();
        tokio::spawn(sandbox.run_until(std::future::pending()));
        Self { client, clock, owner: EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap() }
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
        let expired_at = self.clock.now_millis().saturating_add_millis(600_000);
        let (account, slot) = (signer.account_index(), signer.api_key_index());
        Transaction::new(account, slot, nonce, expired_at, Attributes::NONE, action)
            .unwrap()
            .sign(self.client.chain_id(), signer.signing_key(), &mut SysRng)
            .unwrap()
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

pub(crate) fn main_account() -> AccountIndex {
    AccountIndex::new(3).unwrap()
}

pub(crate) fn sub_account() -> AccountIndex {
    AccountIndex::MAX
}

pub(crate) fn slot(index: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(index).unwrap()
}
