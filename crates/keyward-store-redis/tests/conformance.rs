//! The store in Redis keeps the contract, on one server and on a cluster.

use std::sync::Arc;

use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};

fn opened(url: &str) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    let url = url.to_owned();
    Box::pin(async move { Ok(Arc::new(RedisStore::open(&url).await?) as Arc<dyn Store>) })
}

async fn conforms(url: String) {
    let nodes = conformance::Nodes::opened(move || opened(&url)).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_server_conforms() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    conforms(server.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_conforms() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Synced, Access::Password)) else { return };
    conforms(cluster.url()).await;
}
