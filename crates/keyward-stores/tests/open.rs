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

#[tokio::test]
async fn what_is_no_url_of_a_store_is_refused_without_repeating_a_password() {
    for url in ["", "memory", "secret-password", "mysql://user:secret-password@localhost/", "secret password:x"] {
        let error = open(url).await.expect_err("it is no store");
        assert!(matches!(error, OpenError::BadUrl(_) | OpenError::UnknownScheme(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}
