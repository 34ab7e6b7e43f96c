//! How long an operation on a key is answered as the one that it is, by the store in memory as by any other.

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyOutcome, KeyProfile, LinkLifetime, LinkToken, NewKey,
    NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey, Rejection, WalletAddress,
};
use keyward_ledger::{AccountId, Applied, OperationId};
use keyward_store::{KeyOperations as _, KeyStore as _, MemoryStore};
use keyward_time::UnixMillis;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

fn operation(action: KeyAction) -> KeyOperation {
    KeyOperation { id: OperationId::generate(&mut SysRng).expect("randomness"), action }
}

fn peppers() -> Peppers {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[1; 32]).expect("long enough");
    Peppers::new(pepper, PlainDigests::Refuse)
}

fn new_link() -> NewLink {
    let token = LinkToken::generate(&mut SysRng).expect("randomness");
    NewLink { digest: peppers().link_digest(&token), lifetime: LinkLifetime::DEFAULT }
}

async fn apply(store: &MemoryStore, operation: &KeyOperation) -> Applied<KeyOutcome, Rejection> {
    store.apply_key(operation, NOW).await.expect("an answer")
}

/// Makes a pending key with a link.
async fn pending(store: &MemoryStore) -> (KeyId, NewLink) {
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
    let account = AccountId::generate(&mut SysRng).expect("randomness");
    let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
    let secret = NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()));
    let mut new = NewKey::new(id, account, KeyName::new("a key").expect("a name"), secret, Activation::ByWallet);
    let link = new_link();
    new.link = Some(link);
    assert!(matches!(apply(store, &operation(KeyAction::Create(Box::new(new)))).await, Applied::Done(_)));
    (id, link)
}

#[tokio::test]
async fn a_binding_is_replayed_until_its_key_has_a_newer_link() {
    let store = MemoryStore::new();
    let (key, link) = pending(&store).await;
    let wallet = WalletAddress::new("a-wallet").expect("an address");
    let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet.clone() });
    assert_eq!(apply(&store, &bind).await, Applied::Done(KeyOutcome::WalletBound));
    assert_eq!(apply(&store, &bind).await, Applied::Replayed(KeyOutcome::WalletBound));

    let newer = operation(KeyAction::CreateLink { key, link: new_link() });
    assert!(matches!(apply(&store, &newer).await, Applied::Done(_)));
    assert_eq!(apply(&store, &bind).await, Applied::Rejected(Rejection::UnknownLink));
    // What became of it is seen at the key.
    let wallets: Vec<_> = store.key(key).await.expect("an answer").expect("the key").wallets().to_vec();
    assert_eq!(wallets.len(), 1);
    assert_eq!(wallets[0].address, wallet);
}
