//! Each operation, with each of its requests in each kind of trouble: what is answered is true, and the same again settles it.

use getrandom::SysRng;
use keyward_apikey::{
    Activation, GracePeriod, KeyAction, KeyId, KeyName, KeyOperation, KeyOutcome, KeyProfile, LinkDigest, LinkLifetime,
    LinkToken, NewKey, NewLink, NewSecret, Pepper, PepperId, Peppers, PlainDigests, RawKey, Rejection, Revision,
    WalletAddress,
};
use keyward_ledger::{AccountId, Applied, OperationId};
use keyward_store::{
    CounterId, CounterName, CounterStore, HitMode, KeyOperations, KeyStore, LeaseAnswer, StoreError, WindowLimit,
};
use keyward_store_qdrant::QdrantStore;
use keyward_time::UnixMillis;

use crate::server::{Server, Trouble};

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

const TROUBLES: [Trouble; 7] = [
    Trouble::CutBefore,
    Trouble::CutAfter,
    Trouble::FailBefore,
    Trouble::FailAfter,
    Trouble::SilentBefore,
    Trouble::SilentAfter,
    Trouble::Acknowledged,
];

pub(crate) fn peppers() -> Peppers {
    let pepper = Pepper::new(PepperId::new("test").expect("an id"), &[7; 32]).expect("long enough");
    Peppers::new(pepper, PlainDigests::Accept)
}

pub(crate) fn operation(action: KeyAction) -> KeyOperation {
    KeyOperation { id: OperationId::generate(&mut SysRng).expect("randomness"), action }
}

/// A key to be made, with the texts of its secret and its link.
pub(crate) struct Sample {
    pub(crate) new: NewKey,
    pub(crate) link: LinkDigest,
    pub(crate) raw: RawKey,
    pub(crate) token: LinkToken,
}

pub(crate) fn sample() -> Sample {
    let account = AccountId::generate(&mut SysRng).expect("randomness");
    let id = KeyId::generate(&account, &mut SysRng).expect("randomness");
    let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
    let secret = NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()));
    let name = KeyName::new("a key").expect("a name");
    let mut new = NewKey::new(id, account, name, secret, Activation::ByWallet);
    let token = LinkToken::generate(&mut SysRng).expect("randomness");
    let link = peppers().link_digest(&token);
    new.link = Some(NewLink { digest: link, lifetime: LinkLifetime::DEFAULT });
    Sample { new, link, raw, token }
}

pub(crate) fn wallet(name: &str) -> WalletAddress {
    WalletAddress::new(name).expect("an address")
}

/// Patient where nothing is silent.
pub(crate) async fn store(server: &Server, timeout_millis: u64) -> QdrantStore {
    QdrantStore::open(&format!("{}?timeout_ms={timeout_millis}", server.url())).await.expect("it opens")
}

const fn patience(trouble: Trouble) -> u64 {
    match trouble {
        Trouble::SilentBefore | Trouble::SilentAfter => 1_000,
        _ => 10_000,
    }
}

/// All kinds of trouble at the same time, each on a server of its own.
async fn in_each_trouble<F: Future<Output = ()> + Send + 'static>(run: impl Fn(Trouble) -> F) {
    for task in TROUBLES.map(|trouble| tokio::spawn(run(trouble))) {
        task.await.expect("no panic");
    }
}

/// Does an operation of which one request is in trouble, and again until it is settled; checks what is said of it.
async fn settle(server: &Server, store: &QdrantStore, operation: &KeyOperation, trouble: Trouble) -> usize {
    // The first request is a read, which nobody acknowledges.
    let mut number = usize::from(trouble == Trouble::Acknowledged);
    loop {
        server.trouble_after(number, trouble);
        let answer = store.apply_key(operation, NOW).await;
        let went_well = server.calm();
        match answer {
            Ok(Applied::Done(_) | Applied::Replayed(_)) => {
                let again = store.apply_key(operation, NOW).await.expect("an answer");
                assert!(matches!(again, Applied::Replayed(_)), "{again:?}");
                return number;
            }
            Err(StoreError::Unavailable(_) | StoreError::Ambiguous(_)) => assert!(!went_well),
            other => panic!("{trouble:?} at {number}: {other:?}"),
        }
        number += 1;
        assert!(number < 40, "{trouble:?} never ends");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_operation_settles_what_was_lost() {
    in_each_trouble(|trouble| async move {
        let server = Server::start().await;
        let store = store(&server, patience(trouble)).await;
        let sample = sample();
        let create = operation(KeyAction::Create(Box::new(sample.new.clone())));
        let disturbed = settle(&server, &store, &create, trouble).await;
        assert!(disturbed > 1, "nothing was disturbed: {trouble:?}");
        let link = LinkToken::generate(&mut SysRng).expect("randomness");
        let link = NewLink { digest: peppers().link_digest(&link), lifetime: LinkLifetime::DEFAULT };
        settle(&server, &store, &operation(KeyAction::CreateLink { key: sample.new.id, link }), trouble).await;
        let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet("one") });
        settle(&server, &store, &bind, trouble).await;
        let raw = RawKey::generate(KeyProfile::Keyward, &mut SysRng).expect("randomness");
        let secret = NewSecret::new(raw.as_presented(), peppers().digest(raw.as_presented()));
        let rotate =
            KeyAction::Rotate { key: sample.new.id, secret, expected: Revision::FIRST, grace: GracePeriod::NONE };
        settle(&server, &store, &operation(rotate), trouble).await;

        let other = operation(KeyAction::Bind { link: link.digest, wallet: wallet("two") });
        let late = store.apply_key(&other, NOW).await.expect("an answer");
        assert!(matches!(late, Applied::Rejected(Rejection::LinkUsed | Rejection::AlreadyBound)), "{late:?}");
        let key = store.key_by_digest(&secret.digest).await.expect("an answer").expect("the key");
        assert_eq!((key.id(), key.wallets().len(), key.revision().as_u64()), (sample.new.id, 1, 3));
        assert_eq!(store.key_by_link(&sample.link).await.expect("an answer"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_with_one_request_in_trouble_is_done_once_or_not_at_all() {
    in_each_trouble(|trouble| async move {
        let server = Server::start().await;
        let store = store(&server, patience(trouble)).await;
        for number in 0..14 {
            let sample = sample();
            let create = operation(KeyAction::Create(Box::new(sample.new.clone())));
            server.trouble_after(number, trouble);
            let answer = store.apply_key(&create, NOW).await;
            server.calm();
            let found = store.key(sample.new.id).await.expect("an answer");
            let by_digest = store.key_by_digest(&sample.new.secret.digest).await.expect("an answer");
            let by_link = store.key_by_link(&sample.link).await.expect("an answer");
            // All of it is found, or nothing.
            assert!(by_digest == found && by_link == found, "half a key: {trouble:?} at {number}");
            match answer {
                Ok(Applied::Done(KeyOutcome::Created { .. })) => assert!(found.is_some()),
                Err(StoreError::Unavailable(_)) => assert!(found.is_none(), "{trouble:?} at {number}"),
                Err(StoreError::Ambiguous(_)) => {}
                other => panic!("{trouble:?} at {number}: {other:?}"),
            }
            // Another key with the same secret does not get it, whether it comes before or after the same operation.
            let again = store.apply_key(&create, NOW).await.expect("an answer");
            assert!(matches!(again, Applied::Done(_) | Applied::Replayed(_)), "{again:?}");
            let mut thief = self::sample();
            thief.new.secret = sample.new.secret;
            let theft = operation(KeyAction::Create(Box::new(thief.new)));
            let theft = store.apply_key(&theft, NOW).await.expect("an answer");
            assert_eq!(theft, Applied::Rejected(Rejection::SecretTaken));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_of_a_writer_that_died_is_not_lost() {
    for number in 0..8 {
        let server = Server::start().await;
        let store = store(&server, 10_000).await;
        let first = sample();
        server.trouble_after(number, Trouble::CutBefore);
        let dead = store.apply_key(&operation(KeyAction::Create(Box::new(first.new.clone()))), NOW).await;
        server.calm();
        let mut second = sample();
        second.new.secret = first.new.secret;
        let create = operation(KeyAction::Create(Box::new(second.new.clone())));
        let answer = store.apply_key(&create, NOW).await.expect("an answer");
        let found = store.key_by_digest(&first.new.secret.digest).await.expect("an answer").expect("one of them");
        let has_first = store.key(first.new.id).await.expect("an answer").is_some();
        if has_first {
            assert_eq!((answer, found.id()), (Applied::Rejected(Rejection::SecretTaken), first.new.id));
            continue;
        }
        assert!(dead.is_err(), "{dead:?}");
        assert!(matches!(answer, Applied::Done(_)), "{answer:?}");
        assert_eq!(found.id(), second.new.id);
        // The first comes back to life, and is too late.
        let late = store.apply_key(&operation(KeyAction::Create(Box::new(first.new.clone()))), NOW).await;
        assert!(matches!(late, Ok(Applied::Rejected(Rejection::SecretTaken))), "{late:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_let_no_more_through_for_trouble() {
    in_each_trouble(|trouble| async move {
        let server = Server::start().await;
        let store = store(&server, patience(trouble)).await;
        let key = sample().new.id;
        let counter = |name: &str| CounterId { key, name: CounterName::new(name).expect("a name") };
        let (hits, leases) = (counter("hits"), counter("leases"));
        let mut within = 0;
        for number in 0..10 {
            server.trouble_after(number % 5, trouble);
            let answer = store.hit(&hits, WindowLimit::per_minute(6), 1, HitMode::Refuse, NOW).await;
            within += usize::from(answer.is_ok_and(|hit| hit.is_within_limit));
            server.trouble_after(number % 5, trouble);
            let lease = OperationId::from_bytes([7; 16]);
            let expires_at = NOW.saturating_add_millis(1000);
            match store.acquire_lease(&leases, lease, 1, NOW, expires_at).await {
                Ok(answer) => assert_eq!(answer, LeaseAnswer::Held { held: 1 }),
                Err(error) => {
                    assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Ambiguous(_)), "{error:?}");
                }
            }
            server.calm();
        }
        assert!((1..=6).contains(&within), "{trouble:?}: {within}");
        let hit = store.hit(&hits, WindowLimit::per_minute(6), 1, HitMode::Refuse, NOW).await.expect("an answer");
        assert!(!hit.is_within_limit || within < 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_comes_late_takes_no_digest_from_another_key() {
    // Each of the writes of a creation: the point, the secret's, the link's, the record.
    for number in [1, 3, 5, 7] {
        let server = Server::start().await;
        let store = store(&server, 10_000).await;
        let slow = sample();
        server.trouble_after(number, Trouble::Acknowledged);
        let answer = store.apply_key(&operation(KeyAction::Create(Box::new(slow.new.clone()))), NOW).await;
        assert!(matches!(answer, Err(StoreError::Unavailable(_) | StoreError::Ambiguous(_))), "{answer:?}");
        let mut quick = sample();
        quick.new.secret = slow.new.secret;
        quick.new.link = slow.new.link;
        let create = operation(KeyAction::Create(Box::new(quick.new.clone())));
        assert!(matches!(store.apply_key(&create, NOW).await, Ok(Applied::Done(_))), "at {number}");
        // Now the slow one's write is done.
        server.calm();
        assert_eq!(store.key(slow.new.id).await.expect("an answer"), None, "at {number}");
        let by_digest = store.key_by_digest(&slow.new.secret.digest).await.expect("an answer");
        let by_link = store.key_by_link(&slow.link).await.expect("an answer");
        assert_eq!(by_digest.map(|key| key.id()), Some(quick.new.id));
        assert_eq!(by_link.map(|key| key.id()), Some(quick.new.id));
    }
}
