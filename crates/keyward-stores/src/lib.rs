#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

use std::sync::Arc;

use keyward_store::MemoryStore;
pub use keyward_store::{OpenError, Store};

/// Opens the store that `url` names; see the table above. No error repeats the URL, which may hold a password.
///
/// # Errors
/// - [`OpenError::UnknownScheme`]: no store is opened by such a URL, or the feature of the one that is is off
/// - [`OpenError::BadUrl`]: what follows the scheme is not as that store wants it
/// - any other: as the store's own `open`
pub async fn open(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    let (scheme, rest) = url.split_once(':').ok_or(OpenError::BadUrl("it begins with a scheme and a colon"))?;
    match scheme {
        "memory" if rest.is_empty() => Ok(Arc::new(MemoryStore::new())),
        "memory" => Err(OpenError::BadUrl("nothing follows `memory:`")),
        #[cfg(feature = "redb")]
        "redb" => {
            let url = url.to_owned();
            let opened = tokio::task::spawn_blocking(move || keyward_store_redb::RedbStore::open(&url)).await;
            Ok(Arc::new(opened.map_err(|error| OpenError::Backend(error.into()))??))
        }
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Arc::new(keyward_store_postgres::PostgresStore::open(url).await?)),
        #[cfg(feature = "redis")]
        "redis" | "rediss" | "redis+cluster" | "rediss+cluster" => {
            Ok(Arc::new(keyward_store_redis::RedisStore::open(url).await?))
        }
        #[cfg(feature = "qdrant")]
        "qdrant+http" | "qdrant+https" => Ok(Arc::new(keyward_store_qdrant::QdrantStore::open(url).await?)),
        _ => Err(OpenError::UnknownScheme(shown(scheme))),
    }
}

/// A scheme as an error may repeat it: what is no scheme may be a password.
fn shown(scheme: &str) -> String {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if scheme.len() <= 20 && scheme.bytes().all(is_allowed) { scheme.to_owned() } else { "…".to_owned() }
}
