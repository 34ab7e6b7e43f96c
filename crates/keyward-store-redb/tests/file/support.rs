//! What several tests of this store need.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use getrandom::SysRng;
use keyward_apikey::{
    Activation, KeyAction, KeyId, KeyName, KeyOperation, KeyProfile, LinkLifetime, LinkToken, NewKey, NewLink,
    NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey,
};
use keyward_ledger::{AccountId, Applied, Description, Msat, Operation, OperationId};
use keyward_store::{Activity, ActivityFields, KeyOperations as _, LedgerStore as _};
use keyward_store_redb::RedbStore;
use keyward_time::UnixMillis;

pub(crate) const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

/// A folder in memory, for what opens files by the hundred, if there is such a place.
pub(crate) fn fast_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

pub(crate) fn operation_id(number: u128) -> OperationId {
    OperationId::from_bytes(number.to_be_bytes())
}

pub(crate) fn random_id() -> OperationId {
    OperationId::generate(&mut SysRng).expect("randomness")
}

pub(crate) fn msat(amount: u64) -> Msat {
    Msat::new(amount).expect("in range")
}

pub(crate) fn about(text: &str) -> Description {
    text.parse().expect("a description")
}

/// A key with its secret and the token of its link.
pub(crate) struct SampleKey {
    pub(crate) raw: RawKey,
    pub(crate) link: LinkToken,
    pub(crate) new: NewKey,
}

pub(crate) fn peppers() -> Peppers {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[7; 32]).expect("long enough");
    Peppers::new(pepper, PlainDigests::Accept)
}

impl SampleKey {
    pub(crate) fn of(account: AccountId) -> Self {
        let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
        let link = LinkToken::generate(&mut SysRng).expect("randomness");
        let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
        let secret = NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()));
        let new = NewKey::new(id, account, KeyName::new("a key").expect("a name"), secret, Activation::ByWallet);
        Self { raw, link, new }
    }

    pub(crate) fn create(&self) -> KeyOperation {
        KeyOperation { id: random_id(), action: KeyAction::Create(Box::new(self.new.clone())) }
    }

    pub(crate) fn create_link(&self) -> KeyOperation {
        let link = NewLink { digest: peppers().link_digest(&self.link), lifetime: LinkLifetime::DEFAULT };
        KeyOperation { id: random_id(), action: KeyAction::CreateLink { key: self.new.id, link } }
    }

    /// Makes the key and its link.
    pub(crate) async fn created_in(self, store: &RedbStore) -> Self {
        for operation in [self.create(), self.create_link()] {
            let applied = store.apply_key(&operation, NOW).await.expect("an answer");
            assert!(matches!(applied, Applied::Done(_)), "{applied:?}");
        }
        self
    }
}

pub(crate) async fn done(store: &RedbStore, operation: &Operation) -> OperationId {
    let id = random_id();
    let applied = store.apply(id, operation, NOW).await.expect("an answer");
    assert!(matches!(applied, Applied::Done(_)), "{applied:?}");
    id
}

/// A root account with this much in it.
pub(crate) async fn funded(store: &RedbStore, account: AccountId, amount: u64) {
    done(store, &Operation::OpenRoot { account }).await;
    done(store, &Operation::Credit { account, amount: msat(amount), description: about("deposit") }).await;
}

pub(crate) fn activity(id: OperationId, key: KeyId) -> Activity {
    let fields = ActivityFields {
        id,
        key,
        at: NOW,
        method: "POST".to_owned(),
        endpoint: "/v1/chat".to_owned(),
        ip: None,
        user_agent: "test".to_owned(),
        cost: msat(1),
        status: 200,
        duration_millis: 12,
    };
    Activity::new(fields).expect("an activity")
}

/// The variable that makes a test a child's.
const CHILD: &str = "KEYWARD_REDB_CHILD";

/// The file that this process is to work on, if it was started by [`spawn`].
pub(crate) fn file_of_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Runs the test named `test` of this program in a process of its own, after the shell has done `setting`.
pub(crate) fn spawn(test: &str, file: &Path, setting: &str) -> Child {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{setting} exec \"$0\" --exact {test} --nocapture --test-threads 1")).arg(program);
    command.env(CHILD, file).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("a process")
}
