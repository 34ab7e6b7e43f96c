//! Two processes on one fake: this test's program starts itself again.

use std::process::Stdio;

use keyward_apikey::{KeyAction, LinkDigest};
use keyward_ledger::Applied;
use keyward_store::{KeyOperations, KeyStore};
use keyward_store_qdrant::QdrantStore;
use keyward_time::UnixMillis;

use crate::faults::{operation, sample, store, wallet};
use crate::server::Server;

const NOW: UnixMillis = UnixMillis::EPOCH.saturating_add_millis(1_795_564_800_000);
const URL: &str = "KEYWARD_QDRANT_CHILD_URL";
const LINKS: &str = "KEYWARD_QDRANT_CHILD_LINKS";

/// Binds a wallet of this process by each link; how many went through.
async fn bind_all(store: &QdrantStore, links: &[LinkDigest], name: &str) -> usize {
    let mut won = 0;
    for (number, link) in links.iter().enumerate() {
        let bind = operation(KeyAction::Bind { link: *link, wallet: wallet(&format!("{name}{number}")) });
        match store.apply_key(&bind, NOW).await.expect("an answer") {
            Applied::Done(_) => won += 1,
            Applied::Rejected(_) => {}
            other => panic!("{other:?}"),
        }
    }
    won
}

/// What the second process does; a test only in name.
#[tokio::test]
async fn child() {
    let (Ok(url), Ok(links)) = (std::env::var(URL), std::env::var(LINKS)) else { return };
    let links = Vec::from_iter(links.split(' ').map(|link| link.parse().expect("a digest")));
    let store = QdrantStore::open(&url).await.expect("it opens");
    println!("WON {}", bind_all(&store, &links, "child").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_use_each_link_once() {
    let server = Server::start().await;
    let store = store(&server, 10_000).await;
    let (mut keys, mut links) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let sample = sample();
        let created = store.apply_key(&operation(KeyAction::Create(Box::new(sample.new.clone()))), NOW).await;
        assert!(matches!(created, Ok(Applied::Done(_))));
        keys.push(sample.new.id);
        links.push(sample.link);
    }
    let texts = Vec::from_iter(links.iter().map(ToString::to_string)).join(" ");
    let child = tokio::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "processes::child", "--nocapture"])
        .env(URL, format!("{}?timeout_ms=10000", server.url()))
        .env(LINKS, texts)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The other way round, so that they meet.
    links.reverse();
    let won = bind_all(&store, &links, "parent").await;
    let output = child.wait_with_output().await.expect("it ends");
    let text = String::from_utf8(output.stdout).expect("text");
    let of_child = text.lines().find_map(|line| line.split_once("WON ").map(|(_, number)| number));
    let of_child: usize = of_child.expect("the child says how many").parse().expect("a number");
    assert_eq!(won + of_child, keys.len(), "each link once");
    for key in keys {
        let key = store.key(key).await.expect("an answer").expect("the key");
        assert_eq!(key.wallets().len(), 1);
    }
}
