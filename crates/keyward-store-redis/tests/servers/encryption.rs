//! Encrypted connections.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use keyward_ledger::Operation;
use keyward_store::{LedgerStore, OpenError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};

use crate::support::{about, book, funded, msat, open, raw};

/// What the other process is told: a URL to open, and one not to.
const OTHER: &str = "KEYWARD_TEST_TRUSTING_PROCESS";

/// A certificate of `127.0.0.1` and its authority, which no machine trusts.
fn certificate(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../keyward-lighter-client/tests/certificates").join(file)
}

/// Has a server speak TLS too, on a port that it answers with.
async fn encrypt(url: &str, is_of_cluster: bool) -> u16 {
    let mut connection = raw(url).await;
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let mut settings = vec![
        ("bind", "127.0.0.1 127.0.0.2".to_owned()),
        ("tls-cert-file", certificate("server.pem").display().to_string()),
        ("tls-key-file", certificate("server.key.pem").display().to_string()),
        ("tls-ca-cert-file", certificate("root.pem").display().to_string()),
        ("tls-auth-clients", "no".to_owned()),
        ("tls-port", port.to_string()),
    ];
    if is_of_cluster {
        settings.push(("tls-cluster", "yes".to_owned()));
        // It makes the node tell its new port to the others.
        settings.push(("cluster-announce-tls-port", port.to_string()));
    }
    for setting in settings {
        let () = redis::cmd("CONFIG").arg("SET").arg(&setting).query_async(&mut connection).await.expect("an answer");
    }
    port
}

/// Runs a test in a process that trusts the authority.
async fn in_a_trusting_process(test: &str, told: String) {
    let mut other = Command::new(std::env::current_exe().expect("a program"));
    other.args(["--exact", test, "--nocapture"]);
    other.env(OTHER, told).env("SSL_CERT_FILE", certificate("root.pem"));
    let output = tokio::task::spawn_blocking(move || other.output()).await.expect("no panic").expect("it starts");
    let [said, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && said.contains("it is talked to"), "{said}{complained}");
}

async fn refusal(url: &str) -> String {
    match RedisStore::open(url).await {
        Err(OpenError::Unreachable(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn is_talked_to(store: &RedisStore) {
    let account = funded(store, 7).await;
    book(store, &Operation::Charge { account, amount: msat(1), description: about("in secret") }).await;
    assert_eq!(store.account(account).await.expect("an answer").expect("the account").fields().balance, msat(6));
    println!("it is talked to");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_server_with_a_trusted_certificate_of_its_name_is_talked_to() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    let port = encrypt(&server.url(), false).await;
    let clear = server.url().rsplit_once(':').expect("a port").0.to_owned();
    let right = format!("{}:{port}", clear.replace("redis:", "rediss:"));
    let wrong = right.replace("127.0.0.1", "127.0.0.2");
    assert!(refusal(&right).await.contains("certificate"), "nobody trusts the authority");
    // A port that is in clear, which waits for more; one that is not.
    for url in [server.url().replace("redis:", "rediss:"), format!("{clear}:{port}")] {
        let start = Instant::now();
        refusal(&url).await;
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    }
    in_a_trusting_process("encryption::the_process_that_trusts_a_server", format!("{right} {wrong}")).await;
}

/// Not a test of its own: what runs where the authority is trusted.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_trusts_a_server() {
    let Ok(told) = std::env::var(OTHER) else { return };
    let (right, wrong) = told.split_once(' ').expect("two URLs");
    is_talked_to(&*open(right).await).await;
    assert!(refusal(wrong).await.contains("certificate"), "a certificate of another name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_talked_to_in_secret() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Synced, Access::Password)) else { return };
    let url = cluster.url();
    let (front, nodes) = url.rsplit_once('@').expect("a password");
    let user_info = front.split_once("://").expect("a scheme").1;
    let mut encrypted = Vec::new();
    for node in nodes.split(',') {
        let port = encrypt(&format!("redis://{user_info}@{node}"), true).await;
        encrypted.push(format!("127.0.0.1:{port}"));
    }
    let url = format!("rediss+cluster://{user_info}@{}", encrypted.join(","));
    assert!(refusal(&url).await.contains("certificate"), "nobody trusts the authority");
    in_a_trusting_process("encryption::the_process_that_trusts_a_cluster", url).await;
}

/// Not a test of its own: what runs where the authority is trusted.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_trusts_a_cluster() {
    let Ok(url) = std::env::var(OTHER) else { return };
    // The nodes need a moment to meet each other again.
    let start = Instant::now();
    let store = loop {
        match RedisStore::open(&url).await {
            Ok(store) => break store,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(120), "{error:?}"),
        }
    };
    is_talked_to(&store).await;
}
