//! The store on Qdrant's own engine, which the Python package `qdrant-edge-py` is: what the store takes for granted of filters,
//! conditional updates, insert-only writes, indexes and the order of pages, asked of Qdrant's code. The HTTP server around it
//! is ours, see `engine/server.py`; a whole Qdrant is for `conformance.rs`.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use keyward_store::{BoxFuture, OpenError, Store, conformance};
use keyward_store_qdrant::QdrantStore;

struct Engine {
    process: Child,
    port: u16,
}

impl Engine {
    /// Starts it, if there is a Python that has the package.
    fn start() -> Option<Self> {
        let Some(python) = env::var_os("KEYWARD_PYTHON") else {
            let required = env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
            assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but KEYWARD_PYTHON is not set");
            println!("NOT RUN: no Python with Qdrant's engine");
            return None;
        };
        // `-B`: the sources are to stay as they are.
        let mut process = Command::new(python)
            .args(["-B", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engine/server.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("it speaks");
        let port = line.trim().parse().expect("the engine's server starts and prints its port");
        Some(Self { process, port })
    }

    fn url(&self) -> String {
        format!("qdrant+http://127.0.0.1:{}?prefix=t_&timeout_ms=30000", self.port)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Its input ends, and it removes what it has stored.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn opened(url: &str) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    let url = url.to_owned();
    Box::pin(async move { Ok(Arc::new(QdrantStore::open(&url).await?) as Arc<dyn Store>) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_the_engine_conform() {
    let Some(engine) = Engine::start() else { return };
    let url = engine.url();
    let nodes = conformance::Nodes::opened(move || opened(&url)).await.expect("it opens");
    conformance::run_on_this_runtime(nodes).await;
}
