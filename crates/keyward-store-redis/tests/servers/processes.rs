//! Two processes that have one store.

use std::process::Stdio;

use keyward_ledger::{AccountId, Applied, Operation, Rejection};
use keyward_store::{KeyOperations, KeyStore, LedgerStore};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};
use tokio::process::Command;

use crate::support::{
    NOW, about, bind, book_as, create, done, funded, link_token, msat, new_key, new_link, open, operation_id,
};

/// How the second process is told what to do: the URL, the account, and the digests of the links.
const TASK: &str = "KEYWARD_TEST_SECOND_PROCESS";
const CHARGES: usize = 200;
const LINKS: usize = 20;

/// Charges as often as it can, uses what links it can; how often each was done.
async fn compete(store: &RedisStore, account: AccountId, links: &[String], wallet: &str) -> (u64, Vec<usize>) {
    let charges = (0..CHARGES).map(|_| async {
        let charge = Operation::Charge { account, amount: msat(10), description: about("race") };
        match book_as(store, operation_id(), &charge).await {
            Applied::Done(_) => 1,
            Applied::Rejected(Rejection::InsufficientBalance { .. }) => 0,
            other => panic!("{other:?}"),
        }
    });
    let charged = futures_util::future::join_all(charges).await.into_iter().sum();
    let mut used = Vec::new();
    for (number, link) in links.iter().enumerate() {
        let bind = bind(link.parse().expect("a digest"), wallet);
        if matches!(store.apply_key(&bind, NOW).await.expect("an answer"), Applied::Done(_)) {
            used.push(number);
        }
    }
    (charged, used)
}

/// Not a test, but what the second process runs.
#[tokio::test(flavor = "multi_thread")]
async fn second_process() {
    let Ok(task) = std::env::var(TASK) else { return };
    let words: Vec<&str> = task.split_whitespace().collect();
    let [url, account, links @ ..] = words.as_slice() else { panic!("no task") };
    let store = open(url).await;
    let links: Vec<String> = links.iter().map(|link| (*link).to_owned()).collect();
    let (charged, used) = compete(&store, account.parse().expect("an account"), &links, "second").await;
    let used = used.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    println!("RESULT {charged} [{used}]");
}

async fn two_processes_share(url: String) {
    let store = open(&url).await;
    // Enough for half of all charges.
    let account = funded(&store, 10 * CHARGES as u64).await;
    let (mut links, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..LINKS {
        let (mut key, token) = (new_key("shared"), link_token());
        key.link = Some(new_link(&token));
        done(&store, &create(&key)).await;
        links.push(new_link(&token).digest.to_string());
        keys.push(key.id);
    }
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "processes::second_process", "--nocapture", "--test-threads=1"])
        .env(TASK, format!("{url} {account} {}", links.join(" ")))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a second process");
    let (here, there) = tokio::join!(compete(&store, account, &links, "first"), child.wait_with_output());
    let there = there.expect("it ends");
    let output = String::from_utf8_lossy(&there.stdout).into_owned();
    assert!(there.status.success(), "{output}");
    let result = output.lines().find_map(|line| line.split_once("RESULT ")).expect("a result").1;
    let (charged, used) = result.split_once(' ').expect("two parts");
    let charged_there: u64 = charged.parse().expect("a number");
    let used_there: Vec<usize> = used
        .trim_matches(['[', ']'])
        .split(',')
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().expect("a number"))
        .collect();

    assert_eq!(here.0 + charged_there, CHARGES as u64, "the money was spent exactly once");
    let fields = store.account(account).await.expect("an answer").expect("the account").into_fields();
    assert_eq!((fields.balance, fields.entries), (msat(0), CHARGES as u64 + 1));
    let mut used: Vec<usize> = here.1.iter().chain(&used_there).copied().collect();
    used.sort_unstable();
    assert_eq!(used, Vec::from_iter(0..LINKS), "each link was used by exactly one");
    for (number, key) in keys.into_iter().enumerate() {
        let key = store.key(key).await.expect("an answer").expect("the key");
        let winner = if here.1.contains(&number) { "first" } else { "second" };
        assert_eq!(Vec::from_iter(key.wallets().iter().map(|wallet| wallet.address.as_str())), [winner]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_debit_one_account_and_use_each_link_once() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    two_processes_share(server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_a_cluster() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Synced, Access::Password)) else { return };
    two_processes_share(cluster.url()).await;
}
