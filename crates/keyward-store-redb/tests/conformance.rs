//! The store in a file keeps the contract.

use std::sync::Arc;

use keyward_store::{Store, conformance};
use keyward_store_redb::RedbStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_a_file_conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("redb:{}", folder.path().join("keyward.redb").display());
    let open = move || -> keyward_store::BoxFuture<'static, _> {
        let opened = RedbStore::open(&url).map(|store| Arc::new(store) as Arc<dyn Store>);
        Box::pin(std::future::ready(opened))
    };
    let nodes = conformance::Nodes::opened(open).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
}
