//! The script of the money rules beside the rules themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use keyward_ledger::{
    Account, AccountFields, AccountId, Applied, Chain, Entry, Ledger, MAX_ENTRIES, MAX_INSTANT, Msat, NotApplied,
    Operation, OperationId, Outcome, Records, Rejection, Reservation,
};
use keyward_store::{LedgerStore, PageLimit, PageRequest, StoreError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};
use keyward_time::UnixMillis;

use crate::support::{NOW, Numbers, about, account_id, book, book_as, funded, later, msat, open, operation_id, raw};

/// How large the amounts of a history are.
#[derive(Clone, Copy)]
enum Amounts {
    Small,
    /// Up to the largest there is, and around it.
    UpToTheEnd,
}

/// Operations as they might come: most can be done, some repeat, some make no sense.
struct History {
    numbers: Numbers,
    amounts: Amounts,
    roots: Vec<AccountId>,
    accounts: Vec<AccountId>,
    asked: Vec<(OperationId, Operation)>,
}

impl History {
    fn new(seed: u64, amounts: Amounts) -> Self {
        let roots = vec![account_id(), account_id()];
        Self { numbers: Numbers(seed), amounts, accounts: roots.clone(), roots, asked: Vec::new() }
    }

    fn amount(&mut self) -> Msat {
        const MAX: u64 = Msat::MAX.as_msat();
        let below = self.numbers.below(150);
        msat(match self.amounts {
            Amounts::Small => below,
            Amounts::UpToTheEnd => match self.numbers.below(6) {
                0 => below,
                1 => MAX - below,
                2 => MAX / 2 + below,
                3 => MAX / 2 - below,
                4 => MAX / 4 + below,
                _ => self.numbers.below(1 << 26) * (1 << 27) + self.numbers.below(1 << 27),
            },
        })
    }

    fn now(&mut self) -> UnixMillis {
        match self.numbers.below(60) {
            0 => MAX_INSTANT,
            1 => MAX_INSTANT.saturating_add_millis(1),
            _ => later(self.numbers.below(100)),
        }
    }

    fn next(&mut self, model: &Ledger) -> (OperationId, Operation, UnixMillis) {
        let now = self.now();
        let operation = self.operation(model);
        let before = self.numbers.below(self.asked.len() as u64 + 1) as usize;
        let (id, operation) = match (self.numbers.below(12), self.asked.get(before)) {
            (0, Some((id, same))) => (*id, same.clone()),
            (1, Some((id, _))) => (*id, operation),
            _ => (operation_id(), operation),
        };
        self.asked.push((id, operation.clone()));
        (id, operation, now)
    }

    fn operation(&mut self, model: &Ledger) -> Operation {
        if let Some(root) = self.roots.iter().find(|root| model.account(**root).is_none()) {
            return Operation::OpenRoot { account: *root };
        }
        let root = self.numbers.pick(&self.roots).expect("there are some");
        let account = self.numbers.pick(&self.accounts).unwrap_or(root);
        let (amount, limit) = (self.amount(), self.amount());
        let is_sensible = self.numbers.below(5) > 0;
        let open: Vec<_> = model
            .reservations()
            .filter(|reservation| reservation.is_open() == is_sensible)
            .map(|reservation| (reservation.fields().account, reservation.id()))
            .collect();
        let (mut holder, reservation) = self.numbers.pick(&open).unwrap_or((account, operation_id()));
        let refunds: Vec<_> = model
            .refunds()
            .filter(|refund| refund.is_open() == is_sensible)
            .map(|refund| (refund.fields().account, refund.id()))
            .collect();
        let (mut owner, refund) = self.numbers.pick(&refunds).unwrap_or((root, operation_id()));
        if self.numbers.below(15) == 0 {
            (holder, owner) = (account, account);
        }
        let description = about(["", " ", "some \"use\" \\ of it ", "тест 🔑 %d %s"][self.numbers.below(4) as usize]);
        let deadline = match self.numbers.below(30) {
            0 => MAX_INSTANT,
            1 => MAX_INSTANT.saturating_add_millis(1),
            _ => later(self.numbers.below(130)),
        };
        match self.numbers.below(24) {
            0 => Operation::OpenRoot { account: if is_sensible { account } else { account_id() } },
            1 | 2 => {
                let child = AccountId::child_of(&account, &mut getrandom::SysRng).expect("randomness");
                let limit = (self.numbers.below(2) == 0).then_some(limit);
                let parent = match self.numbers.below(12) {
                    0 => account_id(),
                    1 => AccountId::child_of(&account, &mut getrandom::SysRng).expect("randomness"),
                    _ => account,
                };
                self.accounts.push(child);
                Operation::OpenChild { account: child, parent, limit }
            }
            3 => Operation::SetLimit { account, limit: is_sensible.then_some(limit) },
            4..=7 => Operation::Credit { account: if is_sensible { root } else { account }, amount, description },
            8..=11 => Operation::Reserve { account, amount, deadline },
            12..=14 => Operation::Settle { account: holder, reservation, amount, description },
            15 => Operation::Release { account: holder, reservation },
            16 => Operation::Sweep { account: holder, reservation },
            17..=19 => Operation::Charge { account, amount, description },
            20 | 21 => {
                Operation::BeginRefund { account: if is_sensible { root } else { account }, amount, description }
            }
            22 => Operation::CompleteRefund { account: owner, refund },
            _ => Operation::CancelRefund { account: owner, refund, description },
        }
    }
}

async fn journal(store: &RedisStore, account: AccountId) -> Vec<Entry> {
    let (mut entries, mut request) = (Vec::new(), PageRequest::first(PageLimit::MAX));
    loop {
        let page = store.entries(account, request).await.expect("a page");
        entries.extend(page.items);
        match page.next {
            Some(cursor) => request = PageRequest::after(cursor, PageLimit::MAX),
            None => return entries,
        }
    }
}

/// Runs a history on the model and on two nodes; how often each kind of answer came.
async fn compare(nodes: [&RedisStore; 2], seed: u64, amounts: Amounts, steps: usize) -> BTreeMap<String, usize> {
    let (mut model, mut history, mut answers) = (Ledger::new(), History::new(seed, amounts), BTreeMap::new());
    for step in 0..steps {
        let (id, operation, now) = history.next(&model);
        let expected = model.apply(id, &operation, now);
        let answer = nodes[step % 2].apply(id, &operation, now).await.expect("an answer");
        assert_eq!(answer, expected, "seed {seed}, step {step}: {operation:?}");
        let kind = format!("{answer:?}");
        *answers.entry(kind.split([' ', '{']).next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    for account in &history.accounts {
        let store = nodes[0];
        assert_eq!(store.account(*account).await.expect("an answer").as_ref(), model.account(*account));
        let entries: Vec<_> = model.entries(*account, None, usize::MAX).entries.into_iter().cloned().collect();
        assert_eq!(journal(store, *account).await, entries);
    }
    for (id, operation) in &history.asked {
        let account = operation.account();
        let found = nodes[1].reservation(account, *id).await.expect("an answer");
        assert_eq!(found.as_ref(), model.reservation(account, *id));
        assert_eq!(nodes[1].refund(account, *id).await.expect("an answer").as_ref(), model.refund(account, *id));
    }
    for now in [later(0), later(60), MAX_INSTANT] {
        let due = nodes[0].due(now, PageLimit::MAX).await.expect("an answer");
        let of_these = due.into_iter().filter(|due| model.accounts().any(|it| it.id() == due.fields().account));
        let expected: Vec<Reservation> = model.due(now, usize::MAX).cloned().collect();
        assert_eq!(Vec::from_iter(of_these), expected, "due at {now}");
    }
    model.snapshot().audit().expect("the model is sound");
    answers
}

async fn compare_many(url: &str, seeds: u64, steps: usize) {
    let (one, two) = (open(url).await, open(url).await);
    let mut answers = BTreeMap::new();
    for seed in 0..seeds {
        let amounts = if seed % 2 == 0 { Amounts::Small } else { Amounts::UpToTheEnd };
        for (kind, count) in compare([&*one, &*two], seed, amounts, steps).await {
            *answers.entry(kind).or_insert(0) += count;
        }
    }
    println!("{answers:?}");
    let expected = [
        "Opened",
        "LimitSet",
        "Credited",
        "Reserved",
        "Settled",
        "Released",
        "Swept",
        "Charged",
        "RefundBegun",
        "RefundCompleted",
        "RefundCancelled",
        "OperationMismatch",
        "InstantOutOfRange",
        "DeadlinePassed",
        "ZeroAmount",
        "TagMismatch",
        "AccountExists",
        "UnknownAccount",
        "TooDeep",
        "NotARoot",
        "NotAChild",
        "UnknownReservation",
        "ReservationEnded",
        "NotDue",
        "UnknownRefund",
        "RefundEnded",
        "ReservationOpen",
        "LimitExceeded",
        "InsufficientBalance",
        "Overflow",
    ];
    for kind in expected {
        let is_seen = |answer: &String| answer.contains(&format!("({kind}"));
        assert!(answers.keys().any(is_seen), "no history came to {kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn histories_are_answered_as_by_the_rules() {
    let Some(server) = or_skip(Redis::start(Durability::Fast, Access::Password)) else { return };
    compare_many(&format!("{}?durability=volatile", server.url()), 24, 500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn histories_are_answered_as_by_the_rules_in_a_cluster() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Fast, Access::Password)) else { return };
    compare_many(&format!("{}?durability=volatile", cluster.url()), 12, 500).await;
}

/// A root account with these sums, put there by hand; the same for the rules.
async fn put_account(url: &str, fields: AccountFields) -> Chain {
    let mut connection = raw(url).await;
    let digits: String = fields.id.tag().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut set = redis::cmd("HSET");
    set.arg(format!("kw:{{{digits}}}:acct:{}", fields.id)).arg("path").arg("").arg("root").arg(fields.root.to_string());
    set.arg("depth").arg(0).arg("limit").arg("").arg("created_at").arg(fields.created_at.as_millis());
    let sums = [
        ("balance", fields.balance),
        ("reserved", fields.reserved),
        ("withheld", fields.withheld),
        ("spent", fields.spent),
        ("deposited", fields.deposited),
        ("refunded", fields.refunded),
    ];
    for (name, sum) in sums {
        set.arg(name).arg(sum.as_msat());
    }
    set.arg("entries").arg(fields.entries);
    let _: i64 = set.query_async(&mut connection).await.expect("an answer");
    Chain::new(vec![Account::new(fields).expect("it is sound")]).expect("a chain")
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_all_numbers_the_script_is_exact() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let (url, store) = (server.url(), open(&server.url()).await);
    const MAX: u64 = Msat::MAX.as_msat();
    for (deposited, spent, reserved) in [(MAX, 0, 0), (MAX, MAX - 1, 0), (MAX - 1, MAX / 2, 3), (MAX - 2, 1, MAX - 3)] {
        for entries in [0, MAX_ENTRIES - 1, MAX_ENTRIES] {
            for amount in [0, 1, 2, MAX / 2, MAX - 1, MAX] {
                let account = account_id();
                let fields = AccountFields {
                    id: account,
                    parent: None,
                    root: account,
                    depth: 0,
                    balance: msat(deposited - spent),
                    reserved: msat(reserved),
                    withheld: msat(0),
                    limit: None,
                    spent: msat(spent),
                    deposited: msat(deposited),
                    refunded: msat(0),
                    entries,
                    created_at: NOW,
                };
                let chain = put_account(&url, fields.clone()).await;
                let operations = [
                    Operation::Credit { account, amount: msat(amount), description: about("") },
                    Operation::Reserve { account, amount: msat(amount), deadline: MAX_INSTANT },
                    Operation::Charge { account, amount: msat(amount), description: about("") },
                    Operation::BeginRefund { account, amount: msat(amount), description: about("") },
                ];
                for operation in operations {
                    put_account(&url, fields.clone()).await;
                    let records = Records { chain: Some(chain.clone()), ..Records::default() };
                    let id = operation_id();
                    let answer = store.apply(id, &operation, NOW).await.expect("an answer");
                    let found = store.account(account).await.expect("an answer").expect("the account");
                    match keyward_ledger::apply(records, id, &operation, NOW) {
                        Ok(changes) => {
                            assert_eq!(answer, Applied::Done(changes.operation.fields().outcome), "{operation:?}");
                            assert_eq!(found, changes.accounts[0], "{operation:?}");
                        }
                        Err(NotApplied::Rejected(reason)) => {
                            assert_eq!(answer, Applied::Rejected(reason), "{operation:?} on {fields:?}");
                            assert_eq!(found.fields(), &fields);
                        }
                        Err(NotApplied::Invalid(error)) => panic!("{error}"),
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_is_an_error_and_nothing_is_done() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let (store, mut connection) = (open(&server.url()).await, raw(&server.url()).await);
    for (field, value) in [("balance", "1e3"), ("spent", "-1"), ("entries", "9007199254740992"), ("reserved", "nan")] {
        let account = funded(&store, 100).await;
        let digits: String = account.tag().iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("kw:{{{digits}}}:acct:{account}");
        let _: i64 =
            redis::cmd("HSET").arg(&name).arg(field).arg(value).query_async(&mut connection).await.expect("an answer");
        let charge = Operation::Charge { account, amount: msat(1), description: about("damaged") };
        let id = operation_id();
        let answer = store.apply(id, &charge, NOW).await;
        assert!(matches!(answer, Err(StoreError::Corrupt { record: "account", .. })), "{field}: {answer:?}");
        let answer = store.account(account).await;
        assert!(matches!(answer, Err(StoreError::Corrupt { record: "account", .. })), "{field}: {answer:?}");
        let operation: Option<String> = redis::cmd("GET")
            .arg(format!("kw:{{{digits}}}:op:{id}"))
            .query_async(&mut connection)
            .await
            .expect("an answer");
        assert_eq!(operation, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_on_two_nodes_share_one_hot_account() {
    let Some(server) = or_skip(Redis::start(Durability::Fast, Access::Password)) else { return };
    let url = format!("{}?durability=volatile", server.url());
    let nodes = [open(&url).await, open(&url).await];
    let account = funded(&nodes[0], 64 * 50).await;
    let start = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|number: usize| {
            let store = nodes[number % 2].clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let charge = Operation::Charge { account, amount: msat(1), description: about("hot") };
                    let applied = book_as(&store, operation_id(), &charge).await;
                    assert!(matches!(applied, Applied::Done(Outcome::Charged { .. })), "{applied:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    println!("3,200 charges of 64 tasks on one account: {:.2?}", start.elapsed());
    let charge = Operation::Charge { account, amount: msat(1), description: about("hot") };
    let poor = Rejection::InsufficientBalance { available: msat(0), required: msat(1) };
    assert_eq!(book_as(&nodes[1], operation_id(), &charge).await, Applied::Rejected(poor));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_reservation_is_found_when_it_is_due_whoever_looks_meanwhile() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Fast, Access::Password)) else { return };
    let url = format!("{}?durability=volatile", cluster.url());
    let nodes = [open(&url).await, open(&url).await];
    let mut accounts = Vec::new();
    for _ in 0..8 {
        accounts.push(funded(&nodes[0], 1_000_000).await);
    }
    // While some reserve with deadlines near and far, others look and sweep, and so move registrations about.
    let writers: Vec<_> = (0..8)
        .map(|number: usize| {
            let (store, account) = (nodes[number % 2].clone(), accounts[number]);
            tokio::spawn(async move {
                let mut numbers = Numbers(number as u64);
                for _ in 0..150 {
                    let deadline = later(1 + numbers.below(2_000));
                    book(&store, &Operation::Reserve { account, amount: msat(1), deadline }).await;
                }
            })
        })
        .collect();
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let sweepers: Vec<_> = (0..3)
        .map(|number: usize| {
            let (store, is_over) = (nodes[number % 2].clone(), is_over.clone());
            tokio::spawn(async move {
                let (mut swept, mut numbers) = (0, Numbers(100 + number as u64));
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    swept += sweep(&store, later(numbers.below(1_500))).await;
                }
                swept
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no panic");
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut swept = 0;
    for sweeper in sweepers {
        swept += sweeper.await.expect("no panic");
    }
    assert!(swept > 100, "the sweepers had nothing to do");
    // What they have left is found, to the last one.
    loop {
        match sweep(&nodes[0], later(2_001)).await {
            0 => break,
            more => swept += more,
        }
    }
    assert_eq!(swept, 8 * 150);
    for account in accounts {
        let fields = nodes[1].account(account).await.expect("an answer").expect("the account").into_fields();
        assert_eq!(fields.reserved, msat(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_due_are_found_without_a_look_at_all_that_are_due() {
    const ACCOUNTS: u64 = 200;
    let Some(server) = or_skip(Redis::start(Durability::Fast, Access::Open)) else { return };
    let store = open(&format!("{}?durability=volatile", server.url())).await;
    let mut expected = Vec::new();
    for number in 0..ACCOUNTS {
        // All in one shard; the same deadline for several.
        let account = std::iter::repeat_with(account_id).find(|id| id.tag()[0] < 16).expect("one of them");
        book(&store, &Operation::OpenRoot { account }).await;
        book(&store, &Operation::Credit { account, amount: msat(10), description: about("") }).await;
        for deadline in [later(1 + number / 3), later(1 + number)] {
            let id = book(&store, &Operation::Reserve { account, amount: msat(1), deadline }).await;
            expected.push((deadline, account.tag(), id));
        }
    }
    expected.sort_unstable();
    let mut connection = raw(&server.url()).await;
    for limit in [1, 7, 50] {
        let () = redis::cmd("CONFIG").arg("RESETSTAT").query_async(&mut connection).await.expect("an answer");
        let due = store.due(later(1_000), PageLimit::new(limit).expect("a limit")).await.expect("an answer");
        let places = due.iter().map(Reservation::fields).map(|due| (due.deadline, due.account.tag(), due.id));
        assert_eq!(Vec::from_iter(places), expected[..usize::from(limit)]);
        let stats: String =
            redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.expect("an answer");
        let calls = |name: &str| {
            let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
            line.map_or(0, |line| line.split(',').next().unwrap_or_default().parse::<u64>().expect("a number"))
        };
        let looks = calls("evalsha") + calls("eval");
        assert!(looks < ACCOUNTS / 2, "{looks} accounts looked at for {limit}");
    }
}

/// Sweeps what is due; how many of them ended by it.
async fn sweep(store: &RedisStore, now: UnixMillis) -> usize {
    let mut swept = 0;
    for due in store.due(now, PageLimit::new(50).expect("a limit")).await.expect("an answer") {
        let sweep = Operation::Sweep { account: due.fields().account, reservation: due.id() };
        let applied = store.apply(operation_id(), &sweep, now).await.expect("an answer");
        swept += usize::from(matches!(applied, Applied::Done(_)));
    }
    swept
}
