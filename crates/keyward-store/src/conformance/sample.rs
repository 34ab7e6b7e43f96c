use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyOutcome, KeyProfile, LinkLifetime, LinkToken, NewKey,
    NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey, Rejection, WalletAddress,
};
use keyward_ledger::{AccountFields, AccountId, Applied, Description, Msat, Operation, OperationId, Outcome};
use keyward_time::UnixMillis;

use crate::{KeyOperations, Store};

/// When the cases play: 2026-11-25T00:00:00Z.
pub(super) const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

pub(super) fn later(millis: u64) -> UnixMillis {
    NOW.saturating_add_millis(millis)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

pub(super) fn operation_id() -> OperationId {
    OperationId::from_bytes(random())
}

pub(super) fn account_id() -> AccountId {
    AccountId::generate(&mut SysRng).expect("randomness")
}

pub(super) fn peppers() -> Peppers {
    let pepper = Pepper::new(PepperId::new("conformance").expect("an id"), &[7; 32]).expect("long enough");
    Peppers::new(pepper, PlainDigests::Accept)
}

/// A key to be made, or that was made.
pub(super) struct SampleKey {
    pub(super) new: NewKey,
}

impl SampleKey {
    /// A new key of a new account that waits for a wallet.
    pub(super) fn new() -> Self {
        Self::of_account(account_id())
    }

    pub(super) fn of_account(account: AccountId) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("key {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let (_, secret) = fresh_secret();
        let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
        let new = NewKey::new(id, account, KeyName::new(&name).expect("a name"), secret, Activation::ByWallet);
        Self { new }
    }

    /// A key that is active from the start.
    pub(super) fn active() -> Self {
        let mut sample = Self::new();
        sample.new.activation = Activation::AtOnce;
        sample
    }

    pub(super) fn id(&self) -> KeyId {
        self.new.id
    }

    pub(super) fn digest(&self) -> keyward_apikey::KeyDigest {
        self.new.secret.digest
    }

    pub(super) fn create(&self) -> KeyOperation {
        operation(KeyAction::Create(Box::new(self.new.clone())))
    }

    pub(super) async fn created_in(self, store: &dyn Store) -> Self {
        done(store, &self.create()).await;
        self
    }
}

pub(super) fn new_secret(raw: &RawKey) -> NewSecret {
    NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()))
}

pub(super) fn fresh_secret() -> (RawKey, NewSecret) {
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
    let secret = new_secret(&raw);
    (raw, secret)
}

pub(super) fn new_link() -> NewLink {
    let token = LinkToken::generate(&mut SysRng).expect("randomness");
    NewLink { digest: peppers().link_digest(&token), lifetime: LinkLifetime::DEFAULT }
}

pub(super) fn wallet(number: usize) -> WalletAddress {
    let random = u64::from_be_bytes(random());
    WalletAddress::new(&format!("wallet-{number}-{random:x}")).expect("an address")
}

pub(super) fn operation(action: KeyAction) -> KeyOperation {
    KeyOperation { id: operation_id(), action }
}

/// Does it, and fails unless it was done.
pub(super) async fn done(store: &dyn Store, operation: &KeyOperation) -> KeyOutcome {
    match apply(store, operation).await {
        Applied::Done(outcome) => outcome,
        other => panic!("not done but {other:?}"),
    }
}

pub(super) async fn apply(store: &dyn Store, operation: &KeyOperation) -> Applied<KeyOutcome, Rejection> {
    store.apply_key(operation, NOW).await.expect("the store answers")
}

pub(super) fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("in range")
}

pub(super) fn about(text: &str) -> Description {
    text.parse().expect("a description")
}

/// Does an operation on the books, and fails unless it was done.
pub(super) async fn book(store: &dyn Store, operation: &Operation) -> (OperationId, Outcome) {
    let id = operation_id();
    match book_as(store, id, operation).await {
        Applied::Done(outcome) => (id, outcome),
        other => panic!("not done but {other:?}"),
    }
}

pub(super) async fn book_as(
    store: &dyn Store,
    id: OperationId,
    operation: &Operation,
) -> Applied<Outcome, keyward_ledger::Rejection> {
    store.apply(id, operation, NOW).await.expect("the store answers")
}

/// A root account with this much in it.
pub(super) async fn funded(store: &dyn Store, amount: u64) -> AccountId {
    let account = account_id();
    book(store, &Operation::OpenRoot { account }).await;
    if amount > 0 {
        book(store, &Operation::Credit { account, amount: msat(amount), description: about("deposit") }).await;
    }
    account
}

pub(super) async fn account_fields(store: &dyn Store, account: AccountId) -> AccountFields {
    store.account(account).await.expect("an answer").expect("the account").into_fields()
}

/// Goes on with `future` while `reads` reads of the store are answered, and drops it then; its answer, if it came before.
pub(super) async fn dropped_after<T>(store: &dyn Store, reads: usize, future: impl Future<Output = T>) -> Option<T> {
    let unknown = SampleKey::new().id();
    let mut future = pin!(future);
    let mut meanwhile = pin!(async {
        for _ in 0..reads {
            assert_eq!(store.key(unknown).await.expect("an answer"), None);
            // A store in memory answers at once.
            tokio::task::yield_now().await;
        }
    });
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => meanwhile.as_mut().poll(context).map(|()| None),
    })
    .await
}
