//! Keys, accounts and operations to try a store with.

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, LinkLifetime, LinkToken, NewKey, NewLink,
    NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey, WalletAddress,
};
use keyward_ledger::{AccountId, Applied, Description, Msat, Operation, OperationId};
use keyward_store::{KeyOperations as _, LedgerStore, StoreError};
use keyward_store_postgres::PostgresStore;
use keyward_time::UnixMillis;

/// When the tests play: 2026-11-25T00:00:00Z.
pub(crate) const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

pub(crate) fn operation_id() -> OperationId {
    OperationId::generate(&mut SysRng).expect("randomness")
}

pub(crate) fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("in range")
}

pub(crate) fn about(text: &str) -> Description {
    text.parse().expect("a description")
}

pub(crate) fn charge(account: AccountId, amount: u64) -> Operation {
    Operation::Charge { account, amount: msat(amount), description: about("use") }
}

/// A root account with this much in it.
pub(crate) async fn funded(store: &PostgresStore, amount: u64) -> AccountId {
    let account = AccountId::generate(&mut SysRng).expect("randomness");
    let credit = Operation::Credit { account, amount: msat(amount), description: about("deposit") };
    for operation in [Operation::OpenRoot { account }, credit] {
        let answer = store.apply(operation_id(), &operation, NOW).await.expect("an answer");
        assert!(matches!(answer, Applied::Done(_)), "{answer:?}");
    }
    account
}

pub(crate) async fn balance(store: &PostgresStore, account: AccountId) -> u64 {
    store.account(account).await.expect("an answer").expect("the account").fields().balance.as_msat()
}

/// A new key that waits for a wallet, what it is made by, and its secrets.
pub(crate) struct Sample {
    pub(crate) id: KeyId,
    pub(crate) raw: RawKey,
    pub(crate) token: LinkToken,
    pub(crate) secret: NewSecret,
    pub(crate) link: NewLink,
    pub(crate) create: KeyOperation,
}

impl Sample {
    pub(crate) fn new(profile: KeyProfile) -> Self {
        let pepper = Pepper::new(PepperId::new("tests").expect("an id"), &[9; 32]).expect("long enough");
        let peppers = Peppers::new(pepper, PlainDigests::Accept);
        let raw = RawKey::generate(profile, &mut SysRng).expect("randomness");
        let token = LinkToken::generate(&mut SysRng).expect("randomness");
        let secret = NewSecret::new(raw.as_presented(), peppers.digest(raw.as_presented()));
        let link = NewLink { digest: peppers.link_digest(&token), lifetime: LinkLifetime::DEFAULT };
        let account = AccountId::generate(&mut SysRng).expect("randomness");
        let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
        let mut new = NewKey::new(id, account, KeyName::new("sample").expect("a name"), secret, Activation::ByWallet);
        new.link = Some(link);
        let create = KeyOperation { id: operation_id(), action: KeyAction::Create(Box::new(new)) };
        Self { id, raw, token, secret, link, create }
    }

    pub(crate) async fn created_in(self, store: &PostgresStore) -> Self {
        let answer = store.apply_key(&self.create, NOW).await.expect("an answer");
        assert!(matches!(answer, Applied::Done(_)), "{answer:?}");
        self
    }

    /// Binds the wallet named `wallet` with the link.
    pub(crate) fn bind(&self, wallet: &str) -> KeyOperation {
        let wallet = WalletAddress::new(wallet).expect("an address");
        KeyOperation { id: operation_id(), action: KeyAction::Bind { link: self.link.digest, wallet } }
    }
}

/// Whether nothing was changed, and it may work later.
pub(crate) fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}

pub(crate) fn is_ambiguous<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Ambiguous(_)))
}
