//! What is stored, and how it is repaired, refused and kept secret.

use std::time::{Duration, Instant};

use keyward_apikey::{GracePeriod, KeyAction, KeyUpdate, Revision};
use keyward_ledger::{AccountId, Applied, Operation, OperationId};
use keyward_store::{KeyFilter, KeyOperations, KeyStore, LedgerStore, OpenError, PageLimit, PageRequest, StoreError};
use keyward_store_qdrant::QdrantStore;
use keyward_time::UnixMillis;
use serde_json::{Value, json};

use crate::faults::{operation, sample, store, wallet};
use crate::server::{Server, Trouble};

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_stored_and_links_follow_their_keys() {
    let server = Server::start().await;
    let store = store(&server, 10_000).await;
    let sample = sample();
    let (raw, token) = (sample.raw.expose_secret(), sample.token.expose_secret());
    let created = store.apply_key(&operation(KeyAction::Create(Box::new(sample.new.clone()))), NOW).await;
    assert!(matches!(created, Ok(Applied::Done(_))));
    let bind = operation(KeyAction::Bind { link: sample.link, wallet: wallet("Wallet1") });
    assert!(matches!(store.apply_key(&bind, NOW).await, Ok(Applied::Done(_))));

    let dump = server.dump();
    assert!(!dump.contains(raw) && !dump.contains(token), "a secret is stored");
    assert!(!dump.contains(&raw[3..40]) && !dump.contains(&token[token.len() - 32..]), "a part of a secret is stored");
    assert!(dump.contains(&sample.new.secret.digest.to_string()), "the digest is what it is found by");

    let keys = server.payloads("api_keys");
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0]["userId"], &keys[0]["status"]), (&json!("Wallet1"), &json!("active")));
    assert_eq!(keys[0]["key"], json!([sample.new.secret.digest.to_string()]));
    let links = server.payloads("auth_links");
    assert_eq!((&links[0]["apiKeyId"], &links[0]["status"]), (&json!(sample.new.id.to_string()), &json!("used")));
    assert_eq!(links[0]["token"], json!(sample.link.to_string()));

    // The links' collection decides nothing, and is repaired by reading.
    server.spoil("auth_links", "status", &json!("pending"));
    let again = operation(KeyAction::Bind { link: sample.link, wallet: wallet("Wallet2") });
    assert!(matches!(store.apply_key(&again, NOW).await, Ok(Applied::Rejected(_))));
    assert_eq!(server.payloads("auth_links")[0]["status"], json!("used"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_record_is_an_error_that_repeats_nothing() {
    let spoilt = [
        ("record", json!("{\"hunter2\": 1}")),
        ("record", json!("hunter2")),
        ("record", Value::Null),
        ("revision", json!(7)),
        ("revision", json!("hunter2")),
    ];
    for (field, value) in spoilt {
        let server = Server::start().await;
        let store = store(&server, 10_000).await;
        let sample = sample();
        let created = store.apply_key(&operation(KeyAction::Create(Box::new(sample.new.clone()))), NOW).await;
        assert!(matches!(created, Ok(Applied::Done(_))));
        server.spoil("api_keys", field, &value);
        let error = store.key_by_digest(&sample.new.secret.digest).await.expect_err("it is damaged");
        assert!(matches!(error, StoreError::Corrupt { record: "key", .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        let revoke = store.apply_key(&operation(KeyAction::Revoke { key: sample.new.id }), NOW).await;
        assert!(matches!(revoke, Err(StoreError::Corrupt { .. })));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_says_what_is_wrong() {
    let server = Server::start().await;
    server.set_version("1.16.3");
    assert!(matches!(QdrantStore::open(&server.url()).await, Err(OpenError::Backend(_))));
    server.set_version("1.17.0");
    server.set_api_key("hunter2");
    let refused = QdrantStore::open(&server.url()).await.expect_err("no API key");
    assert!(matches!(refused, OpenError::Unreachable(_)), "{refused:?}");
    let url = format!("qdrant+http://hunter2@127.0.0.1:{}", server.port);
    let store = QdrantStore::open(&url).await.expect("the right API key");
    assert_eq!(format!("{store:?}"), "QdrantStore { .. }");
    let again = QdrantStore::open(&url).await.expect("it is there");
    server.spoil("keyward_meta", "schema_version", &json!(2));
    let newer = QdrantStore::open(&url).await;
    assert!(matches!(newer, Err(OpenError::WrongVersion { found: 2, known: 1 })));

    again.drop_collections().await.expect("dropped");
    let error = store.keys(&KeyFilter::All, PageRequest::first(PageLimit::MAX)).await.expect_err("nothing is there");
    assert!(matches!(error, StoreError::Backend(_)), "{error:?}");
    for text in [format!("{error:?} {error}"), format!("{refused:?} {refused}")] {
        assert!(!text.contains("hunter2") && !text.contains("127.0.0.1"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_or_vanished_server_is_an_error_in_time() {
    let server = Server::start().await;
    let silent = store(&server, 1_000).await;
    let id = sample().new.id;
    server.trouble_after(0, Trouble::SilentBefore);
    let start = Instant::now();
    assert!(matches!(silent.key(id).await, Err(StoreError::Unavailable(_))));
    assert!(start.elapsed() < Duration::from_secs(10));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let url = format!("qdrant+http://hunter2@127.0.0.1:{port}?timeout_ms=1000");
    let start = Instant::now();
    // It takes connections and says nothing.
    let error = QdrantStore::open(&url).await.expect_err("nobody answers");
    assert!(matches!(error, OpenError::Unreachable(_)));
    drop(listener);
    let error = QdrantStore::open(&url).await.expect_err("nobody is there");
    assert!(matches!(error, OpenError::Unreachable(_)));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_ledger() {
    let server = Server::start().await;
    let store = store(&server, 10_000).await;
    let (account, id) = (AccountId::from_bytes([1; 16]), OperationId::from_bytes([2; 16]));
    let page = PageRequest::first(PageLimit::MAX);
    let before = server.requests();
    let answers = [
        store.apply(id, &Operation::OpenRoot { account }, NOW).await.map(|_| ()),
        store.account(account).await.map(|_| ()),
        store.reservation(account, id).await.map(|_| ()),
        store.refund(account, id).await.map(|_| ()),
        store.entries(account, page).await.map(|_| ()),
        store.due(NOW, PageLimit::MAX).await.map(|_| ()),
    ];
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::Unsupported("ledger"))));
    }
    assert_eq!(server.requests(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_take_as_many_requests_as_the_documentation_says() {
    let server = Server::start().await;
    let store = store(&server, 10_000).await;
    let sample = sample();
    let mut before = server.requests();
    let mut taken = || {
        let now = server.requests();
        std::mem::replace(&mut before, now).abs_diff(now)
    };
    let create = operation(KeyAction::Create(Box::new(sample.new.clone())));
    let _ = store.apply_key(&create, NOW).await.expect("an answer");
    assert_eq!(taken(), 1 + 2 + 2 + 2 + 2, "read, fence, secret, link, write");
    let _ = store.key_by_digest(&sample.new.secret.digest).await.expect("an answer");
    assert_eq!(taken(), 2);
    let _ = store.key(sample.new.id).await.expect("an answer");
    assert_eq!(taken(), 1);
    let bind = operation(KeyAction::Bind { link: sample.link, wallet: wallet("one") });
    let _ = store.apply_key(&bind, NOW).await.expect("an answer");
    assert_eq!(taken(), 2 + 2 + 1, "look-up, write, the link's status");
    let fresh = self::sample();
    let rotate = KeyAction::Rotate {
        key: sample.new.id,
        secret: fresh.new.secret,
        expected: Revision::FIRST,
        grace: GracePeriod::NONE,
    };
    let _ = store.apply_key(&operation(rotate), NOW).await.expect("an answer");
    assert_eq!(taken(), 1 + 1 + 2 + 2, "read, fence, secret, write");
    let link = fresh.new.link.expect("a link");
    let new_link = operation(KeyAction::CreateLink { key: sample.new.id, link });
    let _ = store.apply_key(&new_link, NOW).await.expect("an answer");
    assert_eq!(taken(), 1 + 1 + 2 + 2, "read, fence, link, write; the link before was used");
    let _ = store
        .apply_key(
            &operation(KeyAction::CreateLink { key: sample.new.id, link: self::sample().new.link.expect("a link") }),
            NOW,
        )
        .await
        .expect("an answer");
    assert_eq!(taken(), 1 + 1 + 2 + 2 + 1, "the link before becomes void");
    let update = KeyUpdate::default();
    let update = operation(KeyAction::Update { key: sample.new.id, update: Box::new(update) });
    let _ = store.apply_key(&update, NOW).await.expect("an answer");
    assert_eq!(taken(), 1 + 2, "read, write");
    let revoke = operation(KeyAction::Revoke { key: sample.new.id });
    let _ = store.apply_key(&revoke, NOW).await.expect("an answer");
    assert_eq!(taken(), 1 + 2 + 1, "read, write, the link's status");
}
