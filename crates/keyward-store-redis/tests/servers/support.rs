//! Keys, accounts and raw connections for tests.

use std::sync::Arc;

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, LinkDigest, LinkLifetime, LinkToken, NewKey,
    NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey, WalletAddress,
};
use keyward_ledger::{AccountId, Applied, Description, Msat, Operation, OperationId, Outcome, Rejection};
use keyward_store::{KeyOperations, LedgerStore};
use keyward_store_redis::RedisStore;
use keyward_time::UnixMillis;

/// When the tests play.
pub(crate) const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

pub(crate) fn later(millis: u64) -> UnixMillis {
    NOW.saturating_add_millis(millis)
}

pub(crate) async fn open(url: &str) -> Arc<RedisStore> {
    Arc::new(RedisStore::open(url).await.expect("it opens"))
}

pub(crate) fn operation_id() -> OperationId {
    OperationId::generate(&mut SysRng).expect("randomness")
}

pub(crate) fn account_id() -> AccountId {
    AccountId::generate(&mut SysRng).expect("randomness")
}

pub(crate) fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("in range")
}

pub(crate) fn about(text: &str) -> Description {
    text.parse().expect("a description")
}

pub(crate) fn peppers() -> Peppers {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[9; 32]).expect("long enough");
    Peppers::new(pepper, PlainDigests::Accept)
}

pub(crate) fn new_secret(raw: &RawKey) -> NewSecret {
    NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()))
}

pub(crate) fn fresh_secret() -> NewSecret {
    new_secret(&RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness"))
}

pub(crate) fn new_link(token: &LinkToken) -> NewLink {
    NewLink { digest: peppers().link_digest(token), lifetime: LinkLifetime::DEFAULT }
}

pub(crate) fn link_token() -> LinkToken {
    LinkToken::generate(&mut SysRng).expect("randomness")
}

pub(crate) fn new_key(name: &str) -> NewKey {
    let account = account_id();
    let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
    NewKey::new(id, account, KeyName::new(name).expect("a name"), fresh_secret(), Activation::ByWallet)
}

pub(crate) fn create(key: &NewKey) -> KeyOperation {
    operation(KeyAction::Create(Box::new(key.clone())))
}

pub(crate) fn operation(action: KeyAction) -> KeyOperation {
    KeyOperation { id: operation_id(), action }
}

pub(crate) fn bind(link: LinkDigest, wallet: &str) -> KeyOperation {
    operation(KeyAction::Bind { link, wallet: WalletAddress::new(wallet).expect("an address") })
}

pub(crate) async fn done(store: &RedisStore, operation: &KeyOperation) {
    let applied = store.apply_key(operation, NOW).await.expect("an answer");
    assert!(matches!(applied, Applied::Done(_)), "{applied:?}");
}

pub(crate) async fn book(store: &RedisStore, operation: &Operation) -> OperationId {
    let id = operation_id();
    let applied = book_as(store, id, operation).await;
    assert!(matches!(applied, Applied::Done(_)), "{applied:?}");
    id
}

pub(crate) async fn book_as(store: &RedisStore, id: OperationId, operation: &Operation) -> Applied<Outcome, Rejection> {
    store.apply(id, operation, NOW).await.expect("an answer")
}

pub(crate) async fn funded(store: &RedisStore, amount: u64) -> AccountId {
    let account = account_id();
    book(store, &Operation::OpenRoot { account }).await;
    book(store, &Operation::Credit { account, amount: msat(amount), description: about("deposit") }).await;
    account
}

/// A connection of its own to a single server.
pub(crate) async fn raw(url: &str) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(url).expect("a URL");
    client.get_multiplexed_async_connection().await.expect("a connection")
}

/// All keys of a server that match a pattern.
pub(crate) async fn names(connection: &mut redis::aio::MultiplexedConnection, pattern: &str) -> Vec<String> {
    redis::cmd("KEYS").arg(pattern).query_async(connection).await.expect("an answer")
}

/// Numbers that look random and are the same each time.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        if items.is_empty() { None } else { items.get(self.below(items.len() as u64) as usize).copied() }
    }
}
