//! The store on a fake of Qdrant's API: the contract, lost answers, and what is stored. No Qdrant takes part; see `server.rs`.

#[path = "fake/contents.rs"]
mod contents;
#[path = "fake/faults.rs"]
mod faults;
#[path = "fake/processes.rs"]
mod processes;
#[path = "fake/requests.rs"]
mod requests;
#[path = "fake/server.rs"]
mod server;

use std::sync::Arc;

use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_qdrant::QdrantStore;

use self::server::Server;

fn opened(url: &str) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    let url = url.to_owned();
    Box::pin(async move { Ok(Arc::new(QdrantStore::open(&url).await?) as Arc<dyn Store>) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_a_fake_conform() {
    let server = Server::start().await;
    let url = format!("{}?prefix=t_&timeout_ms=30000", server.url());
    let nodes = conformance::Nodes::opened(move || opened(&url)).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
}
