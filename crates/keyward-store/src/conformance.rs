//! The suite that every store has to pass: the contract of the traits, as cases that can fail.
//!
//! A backend's test is one call:
//!
//! ```
//! use keyward_store::{MemoryStore, conformance};
//! use std::sync::Arc;
//!
//! let store = Arc::new(MemoryStore::new());
//! conformance::run(conformance::Nodes::one(store));
//! ```
//!
//! The cases make up ids of their own, so a store need not be empty, and several runs may go on at the same time.

mod activities;
mod cache;
mod counters;
mod keys;
mod ledger;
mod ledger_races;
mod links;
mod reopening;
mod sample;

use std::sync::Arc;
use std::time::Instant;

use crate::{BoxFuture, Capabilities, Durability, Ledger, OpenError, Store};

/// What opens the store under test: each time the same data.
type Opener = Arc<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> + Send + Sync>;

/// The store under test, as several nodes of a service have it.
#[derive(Clone)]
pub struct Nodes {
    first: Arc<dyn Store>,
    second: Arc<dyn Store>,
    opener: Option<Opener>,
}

impl Nodes {
    /// One node: a store that one process has, and that is gone with it.
    pub fn one(store: Arc<dyn Store>) -> Self {
        Self { second: store.clone(), first: store, opener: None }
    }

    /// As many nodes as `open` opens; where the store is [shared](crate::Sharing::Shared) two of them are used at once. A
    /// [durable](Durability::Durable) store is also closed, by dropping it, and opened again.
    ///
    /// # Errors
    /// - the store cannot be opened
    pub async fn opened<F>(open: F) -> Result<Self, OpenError>
    where
        F: Fn() -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> + Send + Sync + 'static,
    {
        let first = open().await?;
        let second = match first.capabilities().sharing {
            crate::Sharing::Shared => open().await?,
            crate::Sharing::OneProcess => first.clone(),
        };
        Ok(Self { first, second, opener: Some(Arc::new(open)) })
    }

    fn capabilities(&self) -> Capabilities {
        self.first.capabilities()
    }

    fn reopens(&self) -> bool {
        self.capabilities().durable != Durability::Volatile && self.opener.is_some()
    }

    /// The `number`-th of many tasks: they are spread over the nodes.
    fn of_task(&self, number: usize) -> Arc<dyn Store> {
        if number.is_multiple_of(2) { self.first.clone() } else { self.second.clone() }
    }
}

/// A case: what must hold, and what shows it.
struct Case {
    name: &'static str,
    needs: Needs,
    run: fn(Nodes) -> BoxFuture<'static, ()>,
}

/// Which stores a case is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Ledger,
    NoLedger,
}

impl Needs {
    fn are_met_by(self, nodes: &Nodes) -> bool {
        let has_ledger = nodes.capabilities().ledger == Ledger::Kept;
        match self {
            Self::Nothing => true,
            Self::Ledger => has_ledger,
            Self::NoLedger => !has_ledger,
        }
    }
}

/// Makes a list of cases from async functions; their names are those of the functions.
macro_rules! cases {
    ($needs:ident: $($name:ident),* $(,)?) => {
        [$($crate::conformance::Case {
            name: stringify!($name),
            needs: $crate::conformance::Needs::$needs,
            run: |nodes| Box::pin($name(nodes)),
        }),*]
    };
}
use cases;

fn all() -> Vec<Case> {
    [
        keys::cases(),
        links::cases(),
        cache::cases(),
        ledger::cases(),
        ledger_races::cases(),
        counters::cases(),
        activities::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Runs every case that the store's capabilities ask for, on a runtime of its own, and prints a line for each.
///
/// # Panics
/// - a case fails; the others are run all the same, and the message names those that failed
pub fn run(nodes: Nodes) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime can be started");
    runtime.block_on(run_on_this_runtime(nodes));
}

/// As [`run`], for a store that was opened on the runtime that is running, which has to have several threads.
///
/// # Panics
/// - a case fails; the others are run all the same, and the message names those that failed
pub async fn run_on_this_runtime(nodes: Nodes) {
    let (mut failed, mut passed) = (Vec::new(), 0);
    for case in all() {
        if !case.needs.are_met_by(&nodes) {
            println!("conformance {} ... not asked of this store", case.name);
            continue;
        }
        let start = Instant::now();
        match tokio::spawn((case.run)(nodes.clone())).await {
            Ok(()) => {
                passed += 1;
                println!("conformance {} ... ok, {:.2?}", case.name, start.elapsed());
            }
            Err(_) => {
                println!("conformance {} ... FAILED", case.name);
                failed.push(case.name);
            }
        }
    }
    if nodes.reopens() {
        let name = "what_was_acknowledged_is_there_when_the_store_is_opened_again";
        match tokio::spawn(close_and_open(nodes)).await {
            Ok(()) => passed += 1,
            Err(_) => failed.push(name),
        }
    }
    assert!(failed.is_empty(), "{} cases failed: {}", failed.len(), failed.join(", "));
    assert!(passed > 0, "no case was run");
    println!("conformance: {passed} cases passed");
}

/// The one case that needs the store for itself: all openings are dropped, and the next one is asked.
async fn close_and_open(nodes: Nodes) {
    let acknowledged = reopening::acknowledged_by(&*nodes.first).await;
    let Nodes { first, second, opener } = nodes;
    drop((first, second));
    let opener = opener.expect("only a store that opens again is asked");
    let again = opener().await.expect("it opens again");
    reopening::check(&*again, acknowledged).await;
}
