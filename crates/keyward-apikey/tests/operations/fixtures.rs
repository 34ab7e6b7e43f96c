//! Keys to try operations on.

use std::sync::atomic::{AtomicU64, Ordering};

use keyward_apikey::{
    Activation, ApiKey, KeyAction, KeyDigest, KeyHint, KeyId, KeyName, KeyOperation, KeyOutcome, KeyProfile,
    LinkDigest, LinkLifetime, Loaded, NewKey, NewLink, NewSecret, Rejection, Step, WalletAddress,
};
use keyward_ledger::{AccountId, OperationId};
use keyward_time::UnixMillis;

pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;

pub(crate) fn at(millis: u64) -> UnixMillis {
    UnixMillis::new(millis).unwrap()
}

/// An id that no other call brings.
pub(crate) fn new_operation_id() -> OperationId {
    static LAST: AtomicU64 = AtomicU64::new(0);
    OperationId::from_bytes(u128::from(LAST.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

/// The account with this number, below the root with that tag.
pub(crate) fn account(tag: u64, number: u64) -> AccountId {
    AccountId::from_bytes((u128::from(tag) << 64 | u128::from(number)).to_be_bytes())
}

pub(crate) fn key_id(number: u64) -> KeyId {
    KeyId::from_bytes((1_u128 << 64 | u128::from(number)).to_be_bytes())
}

pub(crate) fn digest(number: u64) -> KeyDigest {
    format!("hmac-sha256:main:{number:064x}").parse().unwrap()
}

pub(crate) fn secret(number: u64) -> NewSecret {
    NewSecret { digest: digest(number), hint: KeyHint::unknown(KeyProfile::Keyward) }
}

pub(crate) fn link_digest(number: u64) -> LinkDigest {
    format!("hmac-sha256:main:{number:064x}").parse().unwrap()
}

pub(crate) fn link(number: u64) -> NewLink {
    NewLink { digest: link_digest(number), lifetime: LinkLifetime::DEFAULT }
}

pub(crate) fn wallet(number: u64) -> WalletAddress {
    WalletAddress::new(&format!("wallet{number}")).unwrap()
}

/// A key with the number as id, and as that of its secret.
pub(crate) fn new_key(number: u64, activation: Activation) -> NewKey {
    NewKey::new(key_id(number), account(1, 0), KeyName::new("a key").unwrap(), secret(number), activation)
}

/// A key with its records around it, as a store has them.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) key: ApiKey,
    pub(crate) parent: Option<ApiKey>,
}

impl Case {
    pub(crate) fn new(new: NewKey, now: u64) -> Self {
        Self { key: create(new, None, now).unwrap(), parent: None }
    }

    /// Key 1, which waits for a wallet, with link 1.
    pub(crate) fn pending() -> Self {
        let mut new = new_key(1, Activation::ByWallet);
        new.link = Some(link(1));
        Self::new(new, 0)
    }

    /// Key 1, active, with wallet 1 by link 1.
    pub(crate) fn bound() -> Self {
        let mut case = Self::pending();
        case.done(KeyAction::Bind { link: link_digest(1), wallet: wallet(1) }, 1);
        case
    }

    pub(crate) fn step(&self, action: KeyAction, now: u64) -> Result<Step, Rejection> {
        let operation = KeyOperation { id: new_operation_id(), action };
        operation.apply(Loaded { key: Some(&self.key), parent: self.parent.as_ref() }, at(now))
    }

    /// Does what can be done.
    #[track_caller]
    pub(crate) fn done(&mut self, action: KeyAction, now: u64) -> KeyOutcome {
        match self.step(action, now) {
            Ok(Step::Done(key, outcome)) => {
                assert_eq!(Some(key.revision()), self.key.revision().next());
                self.key = *key;
                outcome
            }
            other => panic!("{other:?}"),
        }
    }

    /// Why something cannot be done.
    #[track_caller]
    pub(crate) fn rejection(&self, action: KeyAction, now: u64) -> Rejection {
        self.step(action, now).expect_err("a rejection")
    }
}

pub(crate) fn create(new: NewKey, parent: Option<&ApiKey>, now: u64) -> Result<ApiKey, Rejection> {
    let operation = KeyOperation { id: new_operation_id(), action: KeyAction::Create(Box::new(new)) };
    match operation.apply(Loaded { key: None, parent }, at(now))? {
        Step::Done(key, _) => Ok(*key),
        Step::Replayed(outcome) => panic!("nothing was done before: {outcome:?}"),
    }
}
