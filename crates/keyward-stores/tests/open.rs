//! A URL opens the store that it names, or says what is wrong with it.

use keyward_store::{Durability, OpenError};
use keyward_stores::open;

#[tokio::test]
async fn memory_is_opened_and_is_not_shared() {
    let store = open("memory:").await.expect("it opens");
    assert_eq!(store.capabilities().durable, Durability::Volatile);
    assert!(matches!(open("memory:x").await, Err(OpenError::BadUrl(_))));
}

#[cfg(feature = "redb")]
#[tokio::test]
async fn a_file_is_opened_by_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("redb:{}", folder.path().join("keys.redb").display());
    let store = open(&url).await.expect("it opens");
    assert_eq!(store.capabilities().durable, Durability::Durable);
    assert!(matches!(open(&url).await, Err(OpenError::Locked)));
    drop(store);
    open(&url).await.expect("it opens again once it was closed");
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn redis_is_opened_by_each_of_its_schemes() {
    for scheme in ["redis", "rediss", "redis+cluster", "rediss+cluster"] {
        // Told by the store itself, before it looks for a server.
        let error = open(&format!("{scheme}://:secret@localhost/no-number")).await.expect_err("no database");
        assert!(matches!(error, OpenError::BadUrl(reason) if reason.contains("database")), "{scheme}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_url_of_a_store_is_refused_without_repeating_a_password() {
    for url in ["", "memory", "secret-password", "mysql://user:secret-password@localhost/", "secret password:x"] {
        let error = open(url).await.expect_err("it is no store");
        assert!(matches!(error, OpenError::BadUrl(_) | OpenError::UnknownScheme(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}
