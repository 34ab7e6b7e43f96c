//! Slots that move, nodes that vanish, replicas that take over: the way through a cluster is found again, in time.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keyward_ledger::{AccountId, Applied, Operation, OperationId, Outcome, Rejection};
use keyward_store::{LedgerStore, StoreError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, RedisCluster, or_skip};
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, ToRedisArgs};

use crate::support::{NOW, about, account_id, book, funded, msat, open, operation_id, raw};

/// How long a request may take, whatever happens: README.
const BOUND: Duration = Duration::from_secs(20);
/// How long a cluster may take to do what it does by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node, spoken to directly.
struct Node {
    address: String,
    id: String,
    connection: MultiplexedConnection,
}

impl Node {
    async fn ask<T: FromRedisValue>(&mut self, name: &str, words: impl ToRedisArgs) -> T {
        redis::cmd(name).arg(words).query_async(&mut self.connection).await.expect("an answer")
    }
}

fn cluster() -> Option<RedisCluster> {
    or_skip(RedisCluster::start(Durability::Synced, Access::Open))
}

async fn nodes(cluster: &RedisCluster) -> Vec<Node> {
    let mut nodes = Vec::new();
    for address in cluster.url().strip_prefix("redis+cluster://").expect("a cluster").split(',') {
        let mut connection = raw(&format!("redis://{address}")).await;
        let id = redis::cmd("CLUSTER").arg("MYID").query_async(&mut connection).await.expect("an answer");
        nodes.push(Node { address: address.to_owned(), id, connection });
    }
    nodes
}

/// The slot of an account's books.
async fn slot_of(node: &mut Node, account: AccountId) -> u16 {
    node.ask("CLUSTER", ("KEYSLOT", format!("{{{}}}", &account.to_string()[..16]))).await
}

/// The first slots of the nodes are 0, 5461 and 10923.
fn owner_of(slot: u16) -> usize {
    usize::from(slot >= 5_461) + usize::from(slot >= 10_923)
}

/// An account with money whose books a certain node has.
async fn funded_on(store: &RedisStore, node: &mut Node, owner: usize) -> AccountId {
    loop {
        let account = account_id();
        if owner_of(slot_of(node, account).await) == owner {
            book(store, &Operation::OpenRoot { account }).await;
            book(store, &Operation::Credit { account, amount: msat(1_000), description: about("deposit") }).await;
            return account;
        }
    }
}

fn charge(account: AccountId) -> Operation {
    Operation::Charge { account, amount: msat(1), description: about("meanwhile") }
}

/// What a charge is answered, within the bound.
async fn try_charge(
    store: &RedisStore,
    id: OperationId,
    account: AccountId,
) -> Result<Applied<Outcome, Rejection>, StoreError> {
    let start = Instant::now();
    let answer = store.apply(id, &charge(account), NOW).await;
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    answer
}

/// Charges, and says how often it took another try.
async fn charge_in_the_end(store: &RedisStore, account: AccountId) -> u64 {
    charge_as(store, operation_id(), account).await
}

async fn charge_as(store: &RedisStore, id: OperationId, account: AccountId) -> u64 {
    let (start, mut errors) = (Instant::now(), 0);
    loop {
        match try_charge(store, id, account).await {
            Ok(applied) => {
                assert!(applied.into_result().is_ok());
                return errors;
            }
            Err(StoreError::Unavailable(_) | StoreError::Ambiguous(_)) => errors += 1,
            Err(other) => panic!("{other:?}"),
        }
        assert!(start.elapsed() < PATIENCE, "the way was not found");
    }
}

async fn balance(store: &RedisStore, account: AccountId) -> u64 {
    let account = store.account(account).await.expect("an answer").expect("the account");
    account.into_fields().balance.as_msat()
}

/// Moves keys to another node.
async fn migrate(from: &mut Node, to: &str, keys: &[String]) {
    let (host, port) = to.split_once(':').expect("a port");
    let () = from.ask("MIGRATE", (host, port, "", 0, 5_000, "KEYS", keys)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slot_is_followed_while_it_moves_and_after() {
    let Some(cluster) = cluster() else { return };
    let mut nodes = nodes(&cluster).await;
    let [store, other] = [open(&cluster.url()).await, open(&cluster.url()).await];
    let account = funded(&store, 1_000).await;
    assert_eq!(balance(&other, account).await, 1_000);
    let slot = slot_of(&mut nodes[0], account).await;
    let from = owner_of(slot);
    let to = (from + 1) % 3;

    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, is_over) = (store.clone(), is_over.clone());
            tokio::spawn(async move {
                let mut charged = 0;
                while !is_over.load(Ordering::Relaxed) {
                    charge_in_the_end(&store, account).await;
                    charged += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                charged
            })
        })
        .collect();
    let (source, target) = (nodes[from].id.clone(), nodes[to].id.clone());
    let () = nodes[to].ask("CLUSTER", ("SETSLOT", slot, "IMPORTING", source)).await;
    let () = nodes[from].ask("CLUSTER", ("SETSLOT", slot, "MIGRATING", &target)).await;
    // A charge needs keys of both nodes now, so it has to wait. What is on one node is read, there or here.
    let start = Instant::now();
    let waiting = try_charge(&other, operation_id(), account).await;
    assert!(matches!(waiting, Err(StoreError::Unavailable(_))), "{waiting:?}");
    assert!(start.elapsed() > Duration::from_secs(4), "it was given time: {:?}", start.elapsed());
    let before = balance(&other, account).await;
    let keys: Vec<String> = nodes[from].ask("CLUSTER", ("GETKEYSINSLOT", slot, 10_000)).await;
    let (books, rest): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.contains(":acct:"));
    assert!(books.len() == 1 && rest.len() > 3, "{books:?} {rest:?}");
    let destination = nodes[to].address.clone();
    migrate(&mut nodes[from], &destination, &books).await;
    assert!(balance(&other, account).await <= before, "it is asked for at the other node");
    migrate(&mut nodes[from], &destination, &rest).await;
    for node in [to, from, 3 - from - to] {
        let () = nodes[node].ask("CLUSTER", ("SETSLOT", slot, "NODE", &target)).await;
    }
    // A store that has not heard of it, one that has, and a new one.
    let fresh = open(&cluster.url()).await;
    let mut charged = 0;
    for store in [&other, &store, &fresh] {
        assert_eq!(charge_in_the_end(store, account).await, 0);
        charged += 1;
    }
    is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        charged += writer.await.expect("no panic");
    }
    assert_eq!(balance(&fresh, account).await, 1_000 - charged, "each charge was made once");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Killed,
    Silent,
}

fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().expect("it runs");
    assert!(status.success(), "{status}");
}

async fn a_node_vanishes(end: End) {
    let Some(mut cluster) = cluster() else { return };
    let mut nodes = nodes(&cluster).await;
    let store = open(&cluster.url()).await;
    let (gone, there) = (funded_on(&store, &mut nodes[0], 1).await, funded_on(&store, &mut nodes[0], 2).await);
    let pid = cluster.pids()[1].expect("it runs");
    match end {
        End::Killed => tokio::task::block_in_place(|| cluster.kill_node(1)).expect("it dies"),
        End::Silent => signal(pid, "STOP"),
    }
    let (mut ids, start) = (Vec::new(), Instant::now());
    // Several at the same time do not wait for one another longer than one does.
    for _ in 0..2 {
        let round: Vec<_> = (0..8).map(|_| operation_id()).collect();
        let answers = futures_util::future::join_all(round.iter().map(|id| try_charge(&store, *id, gone))).await;
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::Unavailable(_) | StoreError::Ambiguous(_))), "{answer:?}");
        }
        ids.extend(round);
    }
    assert!(start.elapsed() < 2 * BOUND, "{:?}", start.elapsed());
    // The others go on, or refuse because the cluster is not whole any more.
    let answer = try_charge(&store, operation_id(), there).await;
    assert!(matches!(answer, Ok(_) | Err(StoreError::Unavailable(_))), "{answer:?}");
    match end {
        End::Killed => tokio::task::block_in_place(|| cluster.restart()).expect("it comes back"),
        End::Silent => signal(pid, "CONT"),
    }
    charge_in_the_end(&store, there).await;
    let mut charged = 0;
    for id in ids {
        // One whose answer was lost may have been made; it is not made twice.
        charge_as(&store, id, gone).await;
        charged += 1;
    }
    assert_eq!(balance(&store, gone).await, 1_000 - charged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_says_nothing_is_an_error_in_time_and_is_found_again() {
    a_node_vanishes(End::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_killed_is_an_error_in_time_and_is_found_again() {
    a_node_vanishes(End::Killed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replica_that_takes_over_is_found() {
    let Some(mut cluster) = cluster() else { return };
    let spare = RedisCluster::start(Durability::Synced, Access::Open).expect("a second one");
    let mut nodes = nodes(&cluster).await;
    // One of the second cluster becomes a replica in the first.
    let mut replica = self::nodes(&spare).await.remove(0);
    let () = replica.ask("CLUSTER", ("RESET", "HARD")).await;
    let (host, port) = nodes[0].address.split_once(':').expect("a port");
    let () = replica.ask("CLUSTER", ("MEET", host, port)).await;
    let master = nodes[1].id.clone();
    let start = Instant::now();
    while redis::cmd("CLUSTER").arg(("REPLICATE", &master)).query_async::<()>(&mut replica.connection).await.is_err() {
        assert!(start.elapsed() < PATIENCE, "it does not hear of its master");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let url = format!("{}?durability=asynchronous", cluster.url());
    let store = open(&url).await;
    let account = funded_on(&store, &mut nodes[0], 1).await;
    for _ in 0..10 {
        assert_eq!(charge_in_the_end(&store, account).await, 0);
    }
    while nodes[1].ask::<u64>("WAIT", (1, 1_000)).await == 0 {
        assert!(start.elapsed() < PATIENCE, "it does not catch up");
    }
    tokio::task::block_in_place(|| cluster.kill_node(1)).expect("it dies");
    charge_in_the_end(&store, account).await;
    assert_eq!(balance(&store, account).await, 989);
    // So does who comes now.
    assert_eq!(balance(&*open(&url).await, account).await, 989);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_sees_another_cluster_leads_nobody_astray() {
    let (Some(cluster), Some(other)) = (cluster(), cluster()) else { return };
    let account = funded(&*open(&cluster.url()).await, 1_000).await;
    let stray = other.url().split_once("://").expect("a scheme").1.split(',').next().expect("a node").to_owned();
    // Whoever answers first: most see it otherwise.
    for url in [cluster.url().replace("://", &format!("://{stray},")), format!("{},{stray}", cluster.url())] {
        for _ in 0..5 {
            assert_eq!(balance(&*open(&url).await, account).await, 1_000);
        }
    }
}
