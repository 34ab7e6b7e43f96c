//! The store in a real Qdrant keeps the contract. `KEYWARD_TEST_QDRANT_URL` names the server.

use std::sync::Arc;

use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_qdrant::QdrantStore;

const VARIABLE: &str = "KEYWARD_TEST_QDRANT_URL";

/// The server's URL with collections of its own for this run; `None` if no server was given.
fn url() -> Option<String> {
    let Ok(url) = std::env::var(VARIABLE) else {
        // No test can start one; `cargo xtask test` has a suite of its own for whoever has a server.
        println!("NOT RUN: {VARIABLE} names no server");
        return None;
    };
    let url = if url.starts_with("qdrant+") { url } else { format!("qdrant+{url}") };
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("randomness");
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{separator}prefix=kwtest_{:x}_&timeout_ms=30000", u64::from_be_bytes(random)))
}

fn opened(url: &str) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    let url = url.to_owned();
    Box::pin(async move { Ok(Arc::new(QdrantStore::open(&url).await?) as Arc<dyn Store>) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_real_server_conforms() {
    let Some(url) = url() else { return };
    let to_open = url.clone();
    let nodes = conformance::Nodes::opened(move || opened(&to_open)).await.expect("it opens");
    let run = tokio::spawn(conformance::run_on_this_runtime(nodes)).await;
    let store = QdrantStore::open(&url).await.expect("it opens");
    store.drop_collections().await.expect("the collections of this run are dropped");
    run.expect("the suite passes");
}
