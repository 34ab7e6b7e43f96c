use std::time::{Duration, Instant};

use keyward_store::{KeyStore as _, LedgerStore as _};
use keyward_store::{OpenError, StoreError};
use keyward_store_postgres::PostgresStore;
use keyward_test_servers::{Durability, Postgres, or_skip};
use tokio::net::TcpListener;

use crate::database::{Database, connect};
use crate::sample::{Sample, balance, funded};

/// In no message.
const PASSWORD: &str = "hunter2hunter2";

/// Everything that an error shows.
fn shown(error: &OpenError) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text} {error:?} {error}");
        source = error.source();
    }
    text
}

async fn refused(url: &str) -> OpenError {
    let error = PostgresStore::open(url).await.expect_err("it must not open");
    let text = shown(&error);
    assert!(!text.contains(PASSWORD), "{text}");
    error
}

#[tokio::test]
async fn bad_urls_are_refused_and_not_repeated() {
    for url in [
        String::new(),
        "postgres".to_owned(),
        format!("mysql://user:{PASSWORD}@localhost/db"),
        format!("POSTGRES://user:{PASSWORD}@localhost/db"),
        format!(" postgres://user:{PASSWORD}@localhost/db"),
        format!("host=localhost user=user password={PASSWORD}"),
        "postgres://".to_owned(),
        format!("postgres://user:{PASSWORD}@/db"),
        "postgres://localhost/db".to_owned(),
        format!("postgres://user:{PASSWORD}@localhost:port/db"),
        format!("postgres://user:{PASSWORD}@localhost:65536/db"),
        format!("postgres://user:{PASSWORD}%ff@localhost/db?what={PASSWORD}"),
        format!("postgres://user:{PASSWORD}@localhost/db?connect_timeout={PASSWORD}"),
        format!("postgres://user:{PASSWORD}@localhost/db?sslmode=prefer"),
        format!("postgres://user:{PASSWORD}@localhost/db?sslmode={PASSWORD}"),
    ] {
        assert!(matches!(refused(&url).await, OpenError::BadUrl(_)), "{url}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_does_not_answer_is_unreachable() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let [silent_at, closed_at] = [&silent, &closed].map(|listener| listener.local_addr().expect("an address"));
    drop(closed);
    for address in [closed_at, silent_at] {
        for scheme in ["postgres", "postgresql"] {
            let start = Instant::now();
            let error = refused(&format!("{scheme}://user:{PASSWORD}@{address}/db")).await;
            assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
            assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_log_in_shows_no_password_and_encryption_is_not_done_without() {
    let Some(database) = Database::create().await else { return };
    let url = database.url();
    let (_, address) = url.rsplit_once('@').expect("a user in the URL");
    let error = refused(&format!("postgres://keyward:{PASSWORD}@{address}")).await;
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
    assert!(shown(&error).contains("28P01"), "{}", shown(&error));

    // The test's server has no TLS.
    let error = PostgresStore::open(&format!("{url}?sslmode=require")).await.expect_err("it must not open");
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_nodes_may_make_the_tables_at_once() {
    let Some(database) = Database::create().await else { return };
    let nodes: Vec<_> = (0..12)
        .map(|_| {
            let url = database.url();
            tokio::spawn(async move { PostgresStore::open(&url).await })
        })
        .collect();
    let mut stores = Vec::new();
    for node in nodes {
        stores.push(node.await.expect("no panic").expect("it opens"));
    }
    let account = funded(&stores[0], 7).await;
    for store in &stores {
        assert_eq!(balance(store, account).await, 7);
    }
    let text = format!("{:?}", stores[0]);
    assert_eq!(text, "PostgresStore { .. }");
    drop(stores);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_another_version_or_of_others_are_left_alone() {
    let Some(database) = Database::create().await else { return };
    drop(PostgresStore::open(&database.url()).await.expect("it opens"));
    let client = connect(&database.url()).await;
    for (version, is_expected) in [
        (2, (|error| matches!(error, OpenError::WrongVersion { found: 2, known: 1 })) as fn(OpenError) -> bool),
        (i64::MAX, |error| matches!(error, OpenError::WrongVersion { known: 1, .. })),
        (-1, |error| matches!(error, OpenError::Corrupt(_))),
    ] {
        client.execute("UPDATE keyward_schema SET version = $1", &[&version]).await.expect("an answer");
        assert!(is_expected(refused(&database.url()).await), "version {version}");
    }
    client.batch_execute("ALTER TABLE keyward_schema RENAME COLUMN version TO other").await.expect("an answer");
    assert!(matches!(refused(&database.url()).await, OpenError::Corrupt(_)));
    drop(client);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_was_taken_by_half_is_taken_again() {
    let Some(database) = Database::create().await else { return };
    drop(PostgresStore::open(&database.url()).await.expect("it opens"));
    let client = connect(&database.url()).await;
    client.batch_execute("UPDATE keyward_schema SET version = 0; DROP TABLE keyward_links").await.expect("an answer");
    let store = PostgresStore::open(&database.url()).await.expect("it opens");
    let sample = Sample::new(keyward_apikey::KeyProfile::Keyward).created_in(&store).await;
    assert!(store.key_by_link(&sample.link.digest).await.expect("an answer").is_some());
    drop((store, client));
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_keep_what_it_acknowledges_is_refused() {
    let started = tokio::task::spawn_blocking(|| Postgres::start(Durability::Fast)).await.expect("no panic");
    let Some(server) = or_skip(started) else { return };
    assert!(matches!(refused(&server.url()).await, OpenError::NotDurable(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_rows_are_corrupt_and_their_content_is_not_repeated() {
    let Some(database) = Database::create().await else { return };
    let store = PostgresStore::open(&database.url()).await.expect("it opens");
    let sample = Sample::new(keyward_apikey::KeyProfile::Keyward).created_in(&store).await;
    let account = funded(&store, 7).await;
    let client = connect(&database.url()).await;
    let damage = "
        UPDATE keyward_keys SET record = '{\"id\": \"hunter2hunter2\"}';
        UPDATE keyward_accounts SET spent = 3";
    client.batch_execute(damage).await.expect("an answer");
    let errors = [
        store.key(sample.id).await.expect_err("damaged"),
        store.key_by_digest(&sample.secret.digest).await.expect_err("damaged"),
        store.account(account).await.expect_err("damaged"),
        store
            .apply(crate::sample::operation_id(), &crate::sample::charge(account, 1), crate::sample::NOW)
            .await
            .expect_err("damaged"),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
    drop((store, client));
    database.remove().await;
}
