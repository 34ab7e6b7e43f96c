use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use keyward_apikey::KeyProfile;
use keyward_ledger::{AccountId, Applied, Rejection};
use keyward_store::{KeyOperations as _, KeyStore as _, LedgerStore as _};
use keyward_store_postgres::PostgresStore;

use crate::database::Database;
use crate::sample::{NOW, Sample, balance, charge, funded, operation_id};

/// What the other process is told: URL, account and, as text, the digest of the link.
const OTHER: &str = "KEYWARD_TEST_OTHER_PROCESS";

const CHARGES: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_share_one_balance_and_one_link() {
    let Some(database) = Database::create().await else { return };
    let store = PostgresStore::open(&database.url()).await.expect("it opens");
    let account = funded(&store, 300).await;
    let sample = Sample::new(KeyProfile::Keyward).created_in(&store).await;

    let told = format!("{} {account} {}", database.url(), sample.link.digest);
    let mut other = Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", "processes::the_other_process", "--nocapture"])
        .env(OTHER, told)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(other.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
    // Both begin when both are ready.
    assert!(lines.any(|line| line == "ready"), "it ended early");
    writeln!(other.stdin.take().expect("piped"), "go").expect("it listens");
    let (own_charged, own_bound) = compete(&store, account, &sample, "own wallet".replace(' ', "-").as_str()).await;
    let result = lines.find(|line| line.starts_with("result ")).expect("it has come to an end");
    let mut numbers = result.split(' ').skip(1).map(|number| number.parse::<u64>().expect("a number"));
    let [charged, bound] = [numbers.next().expect("a number"), numbers.next().expect("a number")];
    assert!(other.wait().expect("an end").success());

    println!("of 300 msat {own_charged} were charged here and {charged} there");
    assert!(own_charged > 0 && charged > 0, "they did not compete");
    assert_eq!(own_charged + charged, 300 - balance(&store, account).await);
    assert!(balance(&store, account).await < 5);
    assert_eq!(own_bound + bound, 1, "the link was used by both or by none");
    let key = store.key(sample.id).await.expect("an answer").expect("the key");
    assert_eq!(key.wallets().len(), 1);
    crate::audit::audit(&database.url()).await;
    drop(store);
    database.remove().await;
}

/// Not a test of its own: what the other process runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_other_process() {
    let Ok(told) = std::env::var(OTHER) else { return };
    let [url, account, link]: [&str; 3] = Vec::from_iter(told.split(' ')).try_into().expect("three words");
    let store = PostgresStore::open(url).await.expect("it opens");
    let mut sample = Sample::new(KeyProfile::Keyward);
    sample.link.digest = link.parse().expect("a digest");
    println!("\nready");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("the first process is there");
    let (charged, bound) = compete(&store, account.parse().expect("an id"), &sample, "other-wallet").await;
    println!("result {charged} {bound}");
}

/// How much was charged, and how often the link was used.
async fn compete(store: &PostgresStore, account: AccountId, sample: &Sample, wallet: &str) -> (u64, u64) {
    let bind = store.apply_key(&sample.bind(wallet), NOW).await.expect("an answer");
    let mut charged = 0;
    for _ in 0..CHARGES {
        match store.apply(operation_id(), &charge(account, 5), NOW).await.expect("an answer") {
            Applied::Done(_) => charged += 5,
            other => assert!(matches!(other, Applied::Rejected(Rejection::InsufficientBalance { .. })), "{other:?}"),
        }
    }
    (charged, u64::from(matches!(bind, Applied::Done(_))))
}
