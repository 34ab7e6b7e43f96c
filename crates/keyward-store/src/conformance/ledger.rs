use keyward_ledger::{AccountId, Applied, Entry, EntryKind, Ledger, Operation, OperationId, Outcome, Rejection};
use keyward_time::UnixMillis;

use super::sample::{NOW, about, account_fields, account_id, book, book_as, funded, later, msat, operation_id};
use super::{Case, Nodes, cases};
use crate::{Cursor, PageLimit, PageRequest, Store, StoreError};

pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::from(cases![Ledger:
        a_history_is_answered_as_by_the_model,
        a_replay_brings_the_first_answer,
        a_rejection_is_not_remembered,
        reservations_end_once_in_every_order,
        a_reservation_that_is_due_is_listed_until_it_ends,
        a_refund_is_paid_or_returned_once,
        a_journal_is_read_page_by_page,
        an_account_of_another_tag_is_another_book,
    ]);
    all.extend(cases![NoLedger: without_a_ledger_every_method_says_so]);
    all
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

async fn a_history_is_answered_as_by_the_model(nodes: Nodes) {
    for seed in 0..6 {
        let (mut model, mut history) = (Ledger::new(), History::new(seed));
        for step in 0..250 {
            let (id, operation, now) = history.next(&model);
            let expected = model.apply(id, &operation, now);
            let answer = nodes.of_task(step).apply(id, &operation, now).await.expect("an answer");
            assert_eq!(answer, expected, "seed {seed}, step {step}: {operation:?}");
            if matches!(answer, Applied::Done(_)) {
                history.done.push((id, operation));
            }
        }
        assert!(history.done.len() > 80, "the history is too poor: {} of 250 were done", history.done.len());
        let store = &*nodes.second;
        for account in history.accounts {
            assert_eq!(store.account(account).await.expect("an answer").as_ref(), model.account(account));
            let entries: Vec<_> = model.entries(account, None, usize::MAX).entries.into_iter().cloned().collect();
            assert_eq!(journal(store, account, 7).await, entries);
            for (id, _) in history.done.iter().filter(|(_, done)| done.account() == account) {
                let found = store.reservation(account, *id).await.expect("an answer");
                assert_eq!(found.as_ref(), model.reservation(account, *id));
                assert_eq!(store.refund(account, *id).await.expect("an answer").as_ref(), model.refund(account, *id));
            }
        }
    }
}

/// Operations as they might come: most can be done, some repeat, some make no sense.
struct History {
    numbers: Numbers,
    roots: [AccountId; 2],
    accounts: Vec<AccountId>,
    done: Vec<(OperationId, Operation)>,
}

impl History {
    fn new(seed: u64) -> Self {
        let roots = [account_id(), account_id()];
        Self { numbers: Numbers(seed), accounts: roots.into(), roots, done: Vec::new() }
    }

    fn next(&mut self, model: &Ledger) -> (OperationId, Operation, UnixMillis) {
        let now = later(self.numbers.below(100));
        let operation = self.operation(model);
        // Now and then the same once more, or another one under the same id.
        match (self.numbers.below(10), self.done.last()) {
            (0, Some((id, last))) => (*id, last.clone(), now),
            (1, Some((id, _))) => (*id, operation, now),
            _ => (operation_id(), operation, now),
        }
    }

    fn operation(&mut self, model: &Ledger) -> Operation {
        if let Some(root) = self.roots.into_iter().find(|root| model.account(*root).is_none()) {
            return Operation::OpenRoot { account: root };
        }
        let root = self.roots[self.numbers.below(2) as usize];
        let account = self.pick(&self.accounts.clone()).unwrap_or(root);
        let amount = msat(self.numbers.below(120));
        let description = about("some \"use\" \\ of it");
        let open =
            Vec::from_iter(model.due(UnixMillis::MAX, usize::MAX).map(|due| (due.fields().account, due.fields().id)));
        let ended = Vec::from_iter(self.done.iter().map(|(id, done)| (done.account(), *id)));
        let is_sensible = self.numbers.below(5) > 0;
        let named = if is_sensible { self.pick(&open) } else { self.pick(&ended) };
        let (holder, named) = named.unwrap_or((account, operation_id()));
        let begun = self.done.iter().rev().find(|(_, done)| matches!(done, Operation::BeginRefund { .. }));
        let (refunded, refund) = begun.map_or((root, named), |(id, done)| (done.account(), *id));
        match self.numbers.below(20) {
            0 => Operation::OpenRoot { account },
            1 | 2 => {
                let child = AccountId::child_of(&account, &mut getrandom::SysRng).expect("randomness");
                let limit = (self.numbers.below(2) == 0).then(|| msat(self.numbers.below(500)));
                self.accounts.push(child);
                Operation::OpenChild { account: child, parent: account, limit }
            }
            3 => Operation::SetLimit { account, limit: is_sensible.then_some(amount) },
            4..=7 => Operation::Credit { account: if is_sensible { root } else { account }, amount, description },
            8..=10 => Operation::Reserve { account, amount, deadline: later(self.numbers.below(120)) },
            11 | 12 => Operation::Settle { account: holder, reservation: named, amount, description },
            13 => Operation::Release { account: holder, reservation: named },
            14 => Operation::Sweep { account: holder, reservation: named },
            15 | 16 => Operation::Charge { account, amount, description },
            17 => Operation::BeginRefund { account: root, amount, description },
            18 => Operation::CompleteRefund { account: refunded, refund },
            _ => Operation::CancelRefund { account: refunded, refund, description },
        }
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        match items.len() as u64 {
            0 => None,
            count => items.get(self.numbers.below(count) as usize).copied(),
        }
    }
}

async fn journal(store: &dyn Store, account: AccountId, limit: u16) -> Vec<Entry> {
    let limit = PageLimit::new(limit).expect("a limit");
    let (mut entries, mut request) = (Vec::new(), PageRequest::first(limit));
    loop {
        let page = store.entries(account, request).await.expect("a page");
        assert!(page.items.len() <= limit.get());
        entries.extend(page.items);
        match page.next {
            Some(cursor) => request = PageRequest::after(cursor, limit),
            None => return entries,
        }
    }
}

async fn a_replay_brings_the_first_answer(nodes: Nodes) {
    let account = funded(&*nodes.first, 100).await;
    let charge = Operation::Charge { account, amount: msat(60), description: about("first") };
    let id = operation_id();
    let first = book_as(&*nodes.first, id, &charge).await;
    assert_eq!(first, Applied::Done(Outcome::Charged { balance: msat(40) }));
    book(&*nodes.first, &Operation::Credit { account, amount: msat(5), description: about("more") }).await;
    let again = book_as(&*nodes.second, id, &charge).await;
    assert_eq!(again, Applied::Replayed(Outcome::Charged { balance: msat(40) }));
    let other = Operation::Charge { account, amount: msat(1), description: about("first") };
    assert_eq!(book_as(&*nodes.second, id, &other).await, Applied::Rejected(Rejection::OperationMismatch));
    assert_eq!(balance(&*nodes.first, account).await, 45);
}

async fn balance(store: &dyn Store, account: AccountId) -> u64 {
    account_fields(store, account).await.balance.as_msat()
}

async fn a_rejection_is_not_remembered(nodes: Nodes) {
    let account = funded(&*nodes.first, 10).await;
    let charge = Operation::Charge { account, amount: msat(30), description: about("too much") };
    let id = operation_id();
    let [available, required] = [msat(10), msat(30)];
    let poor = Applied::Rejected(Rejection::InsufficientBalance { available, required });
    assert_eq!(book_as(&*nodes.first, id, &charge).await, poor);
    book(&*nodes.second, &Operation::Credit { account, amount: msat(20), description: about("more") }).await;
    assert_eq!(book_as(&*nodes.first, id, &charge).await, Applied::Done(Outcome::Charged { balance: msat(0) }));
}

async fn reservations_end_once_in_every_order(nodes: Nodes) {
    let endings = |account, reservation| {
        [
            Operation::Settle { account, reservation, amount: msat(7), description: about("used") },
            Operation::Release { account, reservation },
            Operation::Sweep { account, reservation },
        ]
    };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let account = funded(&*nodes.first, 100).await;
        let (reservation, _) =
            book(&*nodes.first, &Operation::Reserve { account, amount: msat(10), deadline: later(50) }).await;
        let endings = endings(account, reservation);
        let mut done = Vec::new();
        for which in order {
            let answer = nodes.of_task(which).apply(operation_id(), &endings[which], later(50)).await;
            match answer.expect("an answer") {
                Applied::Done(_) => done.push(which),
                other => assert!(matches!(other, Applied::Rejected(Rejection::ReservationEnded { .. })), "{other:?}"),
            }
        }
        assert_eq!(done, [order[0]]);
        let fields = account_fields(&*nodes.second, account).await;
        let spent = if order[0] == 0 { 7 } else { 0 };
        assert_eq!((fields.balance, fields.reserved, fields.spent), (msat(100 - spent), msat(0), msat(spent)));
    }
}

async fn a_reservation_that_is_due_is_listed_until_it_ends(nodes: Nodes) {
    let account = funded(&*nodes.first, 100).await;
    let mut ids = Vec::new();
    for deadline in [30, 10, 20] {
        let reserve = Operation::Reserve { account, amount: msat(1), deadline: later(deadline) };
        ids.push(book(&*nodes.first, &reserve).await.0);
    }
    let due = async |now: UnixMillis| {
        let found = nodes.second.due(now, PageLimit::MAX).await.expect("an answer");
        assert!(found.iter().all(|reservation| reservation.fields().deadline <= now));
        let of_this = found.iter().filter(|reservation| reservation.fields().account == account);
        Vec::from_iter(of_this.map(|reservation| reservation.fields().id))
    };
    assert_eq!(due(later(9)).await, []);
    assert_eq!(due(later(20)).await, [ids[1], ids[2]], "the longest due first");
    let sweep = Operation::Sweep { account, reservation: ids[1] };
    assert!(matches!(nodes.first.apply(operation_id(), &sweep, later(20)).await, Ok(Applied::Done(_))));
    let settle = Operation::Settle { account, reservation: ids[0], amount: msat(1), description: about("used") };
    assert!(matches!(nodes.first.apply(operation_id(), &settle, later(20)).await, Ok(Applied::Done(_))));
    assert_eq!(due(later(1000)).await, [ids[2]]);
}

async fn a_refund_is_paid_or_returned_once(nodes: Nodes) {
    let account = funded(&*nodes.first, 100).await;
    let (reservation, _) =
        book(&*nodes.first, &Operation::Reserve { account, amount: msat(10), deadline: later(50) }).await;
    let begin = Operation::BeginRefund { account, amount: msat(90), description: about("refund") };
    let open = Applied::Rejected(Rejection::ReservationOpen { reserved: msat(10) });
    assert_eq!(book_as(&*nodes.second, operation_id(), &begin).await, open);
    book(&*nodes.first, &Operation::Release { account, reservation }).await;
    let (refund, _) = book(&*nodes.second, &begin).await;
    assert_eq!(balance(&*nodes.first, account).await, 10);
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = nodes.of_task(number);
            let ending = match number % 3 {
                0 => Operation::CompleteRefund { account, refund },
                _ => Operation::CancelRefund { account, refund, description: about("not paid") },
            };
            tokio::spawn(async move { book_as(&*store, operation_id(), &ending).await })
        })
        .collect();
    let mut endings = Vec::new();
    for task in tasks {
        match task.await.expect("no panic") {
            Applied::Done(outcome) => endings.push(outcome),
            other => assert!(matches!(other, Applied::Rejected(Rejection::RefundEnded { .. })), "{other:?}"),
        }
    }
    assert_eq!(endings.len(), 1);
    let fields = account_fields(&*nodes.second, account).await;
    let is_paid = matches!(endings[0], Outcome::RefundCompleted { .. });
    assert_eq!(fields.balance.as_msat(), if is_paid { 10 } else { 100 });
}

async fn a_journal_is_read_page_by_page(nodes: Nodes) {
    let root = funded(&*nodes.first, 1000).await;
    let child = AccountId::child_of(&root, &mut getrandom::SysRng).expect("randomness");
    book(&*nodes.first, &Operation::OpenChild { account: child, parent: root, limit: None }).await;
    for number in 0..25 {
        let account = if number % 2 == 0 { root } else { child };
        let description = about(&format!("request {number}: 50 prompt + 150 completion tokens"));
        book(&*nodes.of_task(number), &Operation::Charge { account, amount: msat(1), description }).await;
    }
    let limit = PageLimit::new(10).expect("a limit");
    let first = nodes.second.entries(root, PageRequest::first(limit)).await.expect("a page");
    assert_eq!(first.items.len(), 10);
    // Entries that come meanwhile change no page.
    book(&*nodes.first, &Operation::Charge { account: root, amount: msat(1), description: about("late") }).await;
    let rest = nodes.first.entries(root, PageRequest::after(first.next.expect("more"), limit)).await.expect("a page");
    let numbers = Vec::from_iter(first.items.iter().chain(&rest.items).map(|entry| entry.fields().number));
    assert_eq!(numbers, Vec::from_iter((7..=26).rev()));
    assert_eq!(first.items[0].fields().balance_after, msat(975));
    assert_eq!(journal(&*nodes.second, child, 5).await.len(), 12);
    let deposits = journal(&*nodes.second, root, 1000).await;
    assert_eq!(deposits.last().map(|entry| entry.fields().kind), Some(EntryKind::Deposit));

    for text in ["!", "x", "-1", "18446744073709551616", "';--"] {
        let request = PageRequest::after(Cursor::new(text).expect("a cursor"), limit);
        let answer = nodes.first.entries(root, request).await;
        assert!(matches!(answer, Err(StoreError::BadCursor(_))), "{text}: {answer:?}");
    }
}

async fn an_account_of_another_tag_is_another_book(nodes: Nodes) {
    let [one, two] = [funded(&*nodes.first, 10).await, funded(&*nodes.first, 10).await];
    let id = operation_id();
    let charge = |account| Operation::Charge { account, amount: msat(1), description: about("use") };
    assert!(matches!(book_as(&*nodes.first, id, &charge(one)).await, Applied::Done(_)));
    assert!(matches!(book_as(&*nodes.second, id, &charge(two)).await, Applied::Done(_)));
    assert_eq!((balance(&*nodes.first, one).await, balance(&*nodes.first, two).await), (9, 9));
}

async fn without_a_ledger_every_method_says_so(nodes: Nodes) {
    let (store, account, id) = (&nodes.first, account_id(), operation_id());
    let open = Operation::OpenRoot { account };
    assert!(matches!(store.apply(id, &open, NOW).await, Err(StoreError::Unsupported(_))));
    assert!(matches!(store.account(account).await, Err(StoreError::Unsupported(_))));
    assert!(matches!(store.reservation(account, id).await, Err(StoreError::Unsupported(_))));
    assert!(matches!(store.refund(account, id).await, Err(StoreError::Unsupported(_))));
    let request = PageRequest::first(PageLimit::MAX);
    assert!(matches!(store.entries(account, request).await, Err(StoreError::Unsupported(_))));
    assert!(matches!(store.due(NOW, PageLimit::MAX).await, Err(StoreError::Unsupported(_))));
}
