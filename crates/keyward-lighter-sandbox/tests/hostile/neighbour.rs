//! A well-behaved client beside the hostile ones.

use std::future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use form_urlencoded::Serializer;
use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, CancelOrder, ChainId, ChangePubKey, Clock, EthereumKey, MarketIndex,
    Nonce, OrderIndex, SignedTransaction, SigningKey, SysRng, SystemClock, TokenSigner, Transaction,
};
use keyward_lighter_sandbox::{ConnectionLimits, Sandbox, Seed, Storage, Venue, VenueSettings, raise_open_files_limit};

use crate::raw::{self, Answer};

/// A sandbox that ends with the test: its address, and a neighbour that has moved in.
pub(crate) async fn sandbox() -> (SocketAddr, Neighbour) {
    sandbox_with(ConnectionLimits::default()).await
}

/// A sandbox that waits for a request no longer than a test can.
pub(crate) async fn impatient_sandbox() -> (SocketAddr, Neighbour) {
    let patience = Duration::from_secs(3);
    sandbox_with(ConnectionLimits { head_timeout: patience, body_timeout: patience, ..Default::default() }).await
}

/// A sandbox that gives up no connection for its idleness before the test ends.
pub(crate) async fn patient_sandbox() -> (SocketAddr, Neighbour) {
    let patience = Duration::from_secs(3600);
    sandbox_with(ConnectionLimits { head_timeout: patience, idle_timeout: patience, ..Default::default() }).await
}

async fn sandbox_with(limits: ConnectionLimits) -> (SocketAddr, Neighbour) {
    raise_open_files_limit().expect("as many files as this process may have");
    let venue = Venue::open(VenueSettings::default(), Seed::example(), Storage::Memory, Arc::new(SystemClock));
    let sandbox = Sandbox::builder(Arc::new(venue.expect("a venue"))).limits(limits).bind().await.expect("a free port");
    let server = sandbox.local_addr();
    tokio::spawn(sandbox.run_until(future::pending()));
    (server, Neighbour::move_in(server).await)
}

/// A client with a key of its own for the example's first account. Nobody else changes its nonce.
pub(crate) struct Neighbour {
    server: SocketAddr,
    signer: TokenSigner,
    next_nonce: AtomicU64,
}

impl Neighbour {
    /// Registers its key.
    async fn move_in(server: SocketAddr) -> Self {
        let owner = EthereumKey::parse(Seed::EXAMPLE_L1_KEY).expect("a key");
        let key = SigningKey::generate(&mut SysRng).expect("randomness");
        let account = AccountIndex::new(3).expect("an account");
        let signer = TokenSigner::new(key, account, ApiKeyIndex::READ_ONLY_AUTH);
        let neighbour = Self { server, signer, next_nonce: AtomicU64::new(0) };
        let public_key = *neighbour.signer.verifying_key();
        let change = neighbour.transaction(Action::ChangePubKey(ChangePubKey { public_key }));
        let text = change.l1_message().expect("a change of keys has a text");
        neighbour.send(change, |signed| signed.with_l1_signature(owner.sign_message(&text))).await;
        neighbour
    }

    /// Reads with a new token and sends an order's cancellation, each on a new connection: both succeed.
    pub(crate) async fn is_served(&self) {
        let deadline = SystemClock.now().saturating_add_secs(600);
        let token = self.signer.sign(deadline, &mut SysRng).expect("randomness");
        let read = format!(
            "GET /api/v1/accountLimits?account_index={} HTTP/1.1\r\nhost: sandbox\r\nauthorization: {}\r\n\r\n",
            self.signer.account_index(),
            token.expose_secret()
        );
        is_success(&raw::send(self.server, read.as_bytes()).await);

        let cancel = CancelOrder {
            market_index: MarketIndex::new(0).expect("a market"),
            index: OrderIndex::new(1).expect("an order"),
        };
        self.send(self.transaction(Action::CancelOrder(cancel)), |signed| signed).await;
    }

    fn transaction(&self, action: Action) -> Transaction {
        let nonce = Nonce::new(self.next_nonce.fetch_add(1, Ordering::Relaxed)).expect("a nonce");
        let in_10_minutes = SystemClock.now_millis().saturating_add_millis(600_000);
        let Self { signer, .. } = self;
        let (account, slot) = (signer.account_index(), signer.api_key_index());
        Transaction::new(account, slot, nonce, in_10_minutes, Attributes::NONE, action).expect("a transaction")
    }

    async fn send(&self, transaction: Transaction, complete: impl FnOnce(SignedTransaction) -> SignedTransaction) {
        let signed = transaction.sign(ChainId::MAINNET, self.signer.signing_key(), &mut SysRng).expect("randomness");
        let form = Serializer::new(String::new())
            .append_pair("tx_type", &transaction.tx_type().to_string())
            .append_pair("tx_info", &complete(signed).to_tx_info())
            .finish();
        is_success(&raw::send(self.server, &raw::post("/api/v1/sendTx", &form)).await);
    }
}

fn is_success(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (Some(200), Some(200)), "{}", String::from_utf8_lossy(&answer.body));
}
