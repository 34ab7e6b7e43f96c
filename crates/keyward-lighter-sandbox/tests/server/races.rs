//! Posts that meet.

use std::sync::Arc;

use keyward_lighter_sandbox::Storage;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::{Request, STANDARD, Setup, World, change_pub_key, new_key};

/// A slot without a key.
const EMPTY_SLOT: u64 = 11;

fn post(nonce: u64) -> String {
    let tx_info = change_pub_key(&new_key(), STANDARD, EMPTY_SLOT, nonce);
    Request::post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).to_text()
}

async fn meets(world: World) {
    // In an order that looks like none.
    let posts: Vec<_> = (0..100).map(|place| post((place * 37 + 11) % 100)).collect();
    let barrier = Arc::new(Barrier::new(posts.len()));
    let mut tasks = JoinSet::new();
    for post in posts.clone() {
        let (barrier, mut wire) = (Arc::clone(&barrier), world.connect().await);
        tasks.spawn(async move {
            barrier.wait().await;
            loop {
                wire.send(post.as_bytes()).await;
                let answer = wire.response().await.expect("an answer");
                if answer.code() == 200 {
                    break answer.status;
                }
                assert_eq!(answer.refusal(), (400, 21104, "invalid nonce"));
            }
        });
    }
    assert_eq!(tasks.join_all().await, [200; 100]);
    let nonce = world.get(&format!("/api/v1/nextNonce?account_index=5&api_key_index={EMPTY_SLOT}")).await;
    assert_eq!(nonce.body["nonce"], 100);
    for post in posts {
        let mut wire = world.connect().await;
        wire.send(post.as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().refusal(), (400, 21104, "invalid nonce"));
    }

    for nonce in 100..120 {
        let (post, barrier) = (Arc::new(post(nonce)), Arc::new(Barrier::new(2)));
        let mut tasks = JoinSet::new();
        for _ in 0..2 {
            let (post, barrier, mut wire) = (Arc::clone(&post), Arc::clone(&barrier), world.connect().await);
            tasks.spawn(async move {
                barrier.wait().await;
                wire.send(post.as_bytes()).await;
                wire.response().await.expect("an answer").status
            });
        }
        let mut statuses = tasks.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "of two identical posts one is taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_nonces_in_any_order_are_each_accepted_once_and_of_two_equal_posts_one() {
    meets(World::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_file_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Some(Storage::File(folder.path().join("state.redb")));
    meets(World::with(Setup { storage, ..Setup::default() }).await).await;
}
