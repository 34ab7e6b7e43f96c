//! The store in Redis keeps the contract, on one server and on a cluster: those that `KEYWARD_TEST_REDIS_URL` and
//! `KEYWARD_TEST_REDIS_CLUSTER_URL` name, or else servers of the test's own.

use std::sync::Arc;

use keyward_ledger::OperationId;
use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};

fn opened(url: &str) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    let url = url.to_owned();
    Box::pin(async move { Ok(Arc::new(RedisStore::open(&url).await?) as Arc<dyn Store>) })
}

async fn conforms(url: String) {
    // Beside whatever else is there.
    let run = OperationId::generate(&mut getrandom::SysRng).expect("randomness").to_string();
    let url = format!("{url}?prefix=conformance-{}", &run[..16]);
    let nodes = conformance::Nodes::opened(move || opened(&url)).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_server_conforms() {
    if let Ok(url) = std::env::var("KEYWARD_TEST_REDIS_URL") {
        return conforms(url).await;
    }
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    conforms(server.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_conforms() {
    if let Ok(url) = std::env::var("KEYWARD_TEST_REDIS_CLUSTER_URL") {
        return conforms(url).await;
    }
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Synced, Access::Password)) else { return };
    conforms(cluster.url()).await;
}
