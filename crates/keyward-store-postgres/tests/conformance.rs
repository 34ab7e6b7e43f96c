//! The store keeps the contract, in two pools over one server.

#[path = "server/database.rs"]
mod database;

use std::sync::Arc;

use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_postgres::PostgresStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_pools_conform() {
    let Some(database) = database::Database::create().await else { return };
    let url = database.url();
    let open = move || -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
        let url = url.clone();
        Box::pin(async move { Ok(Arc::new(PostgresStore::open(&url).await?) as Arc<dyn Store>) })
    };
    let nodes = conformance::Nodes::opened(open).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
    database.remove().await;
}
