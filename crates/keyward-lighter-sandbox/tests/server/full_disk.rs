//! A sandbox whose disk takes no more, in a process of its own: what its files may grow to is for the whole of it.

use std::env;
use std::process::Command;
use std::sync::Arc;

use keyward_lighter_sandbox::{SandboxClock, Seed, Storage, Venue, VenueSettings};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::support::{SLOT, STANDARD, Setup, World, change_pub_key, new_key, token};

const STATE: &str = "KEYWARD_TEST_FULL_DISK";

#[tokio::test]
#[ignore = "the process with the full disk, no test by itself"]
async fn full() {
    let file = env::var_os(STATE).expect("the test that starts this process names a file");
    let storage = Some(Storage::File(file.into()));
    let world = World::with(Setup { storage, ..Setup::default() }).await;
    let rotate = async |nonce| {
        let tx_info = change_pub_key(&new_key(), STANDARD, SLOT, nonce);
        world.post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).await
    };
    let good = token(STANDARD);
    setrlimit(Resource::Fsize, Rlimit { current: Some(0), maximum: None }).unwrap();

    let limits = "/api/v1/accountLimits?account_index=5";
    for _ in 0..2 {
        assert_eq!(rotate(1).await.refusal(), (500, 29500, "internal server error"));
        assert_eq!(world.get_as(&good, limits).await.code(), 200, "the old key is in force");
        let nonce = world.get(&format!("/api/v1/nextNonce?account_index=5&api_key_index={SLOT}")).await;
        assert_eq!(nonce.body["nonce"], 1);
    }
    let form = [("account_index", "5"), ("new_tier", "premium")];
    let refused = world.post_as(&good, "/api/v1/changeAccountTier", &form).await;
    assert_eq!(refused.refusal(), (500, 29500, "internal server error"));
}

#[test]
fn a_change_that_the_disk_refuses_is_a_fault_of_the_server_and_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    // Without the signal that else ends a process which writes too much.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(env::current_exe().unwrap());
    shell.args(["--exact", "full_disk::full", "--ignored"]).env(STATE, &file);
    let output = shell.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");

    let clock = Arc::new(SandboxClock::default());
    let venue = Venue::open(VenueSettings::default(), Seed::empty(), Storage::File(file), clock).unwrap();
    assert_eq!(venue.next_nonce(STANDARD as i64, SLOT as i64).unwrap().nonce, 1);
}
