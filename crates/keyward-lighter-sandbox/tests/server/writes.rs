use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_lighter::{Clock, SystemClock, UnixMillis, UnixSeconds};
use keyward_lighter_sandbox::{Sandbox, Seed, Storage, Venue, VenueSettings};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{
    NOW, PATIENCE, PREMIUM, Request, SLOT, STANDARD, Setup, Wire, World, change_pub_key, new_key, token, token_of,
};

async fn rotates_a_key(world: World) {
    let new = new_key();
    let old_token = token(STANDARD);
    let (read_only, _) = world.read_only_token(STANDARD, false).await;
    let tx_info = change_pub_key(&new, STANDARD, SLOT, 1);
    let form = [("tx_type", "8"), ("tx_info", &tx_info), ("price_protection", "True")];
    let sent = world.post("/api/v1/sendTx", &form).await;
    assert_eq!((sent.status, sent.code()), (200, 200), "{:?}", sent.body);
    assert_eq!(sent.body["tx_hash"].as_str().unwrap().len(), 80);

    let limits = "/api/v1/accountLimits?account_index=5";
    let refused = world.get_as(&old_token, limits).await;
    assert_eq!(refused.refusal(), (401, 20013, "invalid auth: invalid signature"));
    assert_eq!(world.get_as(&token_of(new, STANDARD, SLOT, NOW + 3600), limits).await.code(), 200);
    assert_eq!(world.get_as(&read_only, limits).await.code(), 200, "read-only tokens survive");
    let nonce = world.get(&format!("/api/v1/nextNonce?account_index=5&api_key_index={SLOT}")).await;
    assert_eq!(nonce.body["nonce"], 2, "the nonce is not reset");
    let again = world.post("/api/v1/sendTx", &form).await;
    assert_eq!(again.refusal(), (400, 21104, "invalid nonce"));
}

#[tokio::test]
async fn a_rotation_kills_the_old_keys_tokens_at_once() {
    rotates_a_key(World::start().await).await;
}

#[tokio::test]
async fn a_rotation_does_the_same_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Some(Storage::File(folder.path().join("state.redb")));
    rotates_a_key(World::with(Setup { storage, ..Setup::default() }).await).await;
}

#[tokio::test]
async fn a_batch_is_taken_as_a_whole() {
    let world = World::start().await;
    let infos: Vec<_> = (1..=3).map(|nonce| change_pub_key(&new_key(), STANDARD, SLOT, nonce)).collect();
    let tx_infos = serde_json::to_string(&infos).unwrap();
    let sent = world.post("/api/v1/sendTxBatch", &[("tx_types", "[8, 8, 8]"), ("tx_infos", &tx_infos)]).await;
    assert_eq!(sent.code(), 200, "{:?}", sent.body);
    assert_eq!(sent.body["tx_hash"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn read_only_tokens_are_made_listed_and_revoked() {
    let world = World::start().await;
    let (read_only, id) = world.read_only_token(STANDARD, false).await;
    let limits = "/api/v1/accountLimits?account_index=5";
    assert_eq!(world.get_as(&read_only, limits).await.code(), 200);

    let form = [("token_id", id.to_string()), ("account_index", "5".to_owned())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let refused = world.post_as(&read_only, "/api/v1/tokens/revoke", &form).await;
    assert_eq!(refused.refusal(), (401, 20013, "invalid auth: read-only token"));
    let revoked = world.post_as(&token(STANDARD), "/api/v1/tokens/revoke", &form).await;
    assert_eq!(revoked.body, serde_json::json!({ "code": 200, "token_id": id, "revoked": true }));
    assert_eq!(world.get_as(&read_only, limits).await.code(), 20013);
    let again = world.post_as(&token(STANDARD), "/api/v1/tokens/revoke", &form).await;
    assert_eq!(again.refusal(), (400, 61006, "api token has already been revoked"));
}

#[tokio::test]
async fn maker_only_keys_are_set_and_read() {
    let world = World::start().await;
    let form = [("account_index", "7"), ("api_key_indexes", "[4,5]")];
    let set = world.post_as(&token(PREMIUM), "/api/v1/setMakerOnlyApiKeys", &form).await;
    assert_eq!(set.body, serde_json::json!({ "code": 200 }));
    let keys = world.get_as(&token(PREMIUM), "/api/v1/getMakerOnlyApiKeys?account_index=7").await;
    assert_eq!(keys.body["api_key_indexes"], serde_json::json!([4, 5]));
    let again = world.post_as(&token(PREMIUM), "/api/v1/setMakerOnlyApiKeys", &form).await;
    assert_eq!((again.status, again.code()), (429, 23000), "one change an hour");
}

#[tokio::test]
async fn a_tier_is_changed() {
    let world = World::start().await;
    let form = [("account_index", "5"), ("new_tier", "premium")];
    assert_eq!(world.post_as(&token(STANDARD), "/api/v1/changeAccountTier", &form).await.code(), 200);
    let limits = world.get_as(&token(STANDARD), "/api/v1/accountLimits?account_index=5").await;
    assert_eq!(limits.body["user_tier"], "premium");
}

#[tokio::test]
async fn the_token_of_a_form_counts_last() {
    let world = World::start().await;
    let good = token(PREMIUM);
    let form = [("account_index", "7"), ("api_key_indexes", "[]"), ("auth", good.as_str())];
    for request in [
        Request::post("/api/v1/setMakerOnlyApiKeys?auth=bad", &form),
        Request::post("/api/v1/setMakerOnlyApiKeys", &form).header("authorization", "bad"),
    ] {
        assert_eq!(world.ask(request).await.refusal(), (401, 20013, "invalid auth: invalid auth string"));
    }
    assert_eq!(world.post("/api/v1/setMakerOnlyApiKeys", &form).await.code(), 200);
}

/// A clock that can be held, and with it every change that asks for the time.
#[derive(Default)]
struct HeldClock(Mutex<()>);

impl HeldClock {
    fn hold(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HeldClock {
    fn now(&self) -> UnixSeconds {
        self.now_millis().to_seconds()
    }

    fn now_millis(&self) -> UnixMillis {
        drop(self.hold());
        SystemClock.now_millis()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::await_holding_lock, reason = "that others wait for it is the test")]
async fn hundreds_of_changes_that_wait_hold_up_neither_reads_nor_the_programs_own_work() {
    let clock = Arc::new(HeldClock::default());
    let venue = Venue::open(VenueSettings::default(), Seed::example(), Storage::Memory, clock.clone()).unwrap();
    let sandbox = Sandbox::builder(Arc::new(venue)).bind().await.unwrap();
    let address = sandbox.local_addr();
    tokio::spawn(sandbox.run_until(future::pending()));

    let tx_info = change_pub_key(&new_key(), 3, SLOT, 0);
    let change = Request::post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).to_text();
    let read = Request::get("/api/v1/nextNonce?account_index=3&api_key_index=10").to_text();
    let held = clock.hold();
    let mut waiting = Vec::new();
    // More than the runtime has threads that may block.
    for _ in 0..600 {
        let mut wire = Wire(TcpStream::connect(address).await.unwrap());
        wire.send(change.as_bytes()).await;
        waiting.push(wire);
    }
    for _ in 0..10 {
        let mut wire = Wire(TcpStream::connect(address).await.unwrap());
        wire.send(read.as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().body["nonce"], 0);
    }
    timeout(PATIENCE, tokio::task::spawn_blocking(|| ())).await.expect("a thread that may block").unwrap();
    drop(held);
    for mut wire in waiting {
        assert!(wire.response().await.is_some());
    }
}
