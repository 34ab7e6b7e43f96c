use keyward_ledger::{AccountId, Applied, Operation, Outcome, Rejection};

use super::sample::{about, account_fields, book, book_as, dropped_after, funded, later, msat, operation_id};
use super::{Case, Nodes, cases};
use crate::PageLimit;

pub(super) fn cases() -> Vec<Case> {
    cases![Ledger:
        racing_debits_never_overdraw_and_their_sums_are_exact,
        twenty_children_share_one_balance,
        one_operation_of_many_tasks_has_one_effect,
        racing_ends_of_a_reservation_have_one_winner,
        racing_sweepers_give_back_once,
        a_debit_that_was_dropped_is_made_once,
    ]
    .into()
}

async fn racing_debits_never_overdraw_and_their_sums_are_exact(nodes: Nodes) {
    let account = funded(&*nodes.first, 1000).await;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = nodes.of_task(number);
            let amount = msat(15 + number as u64 % 3);
            let charge = Operation::Charge { account, amount, description: about("race") };
            tokio::spawn(async move { (amount.as_msat(), book_as(&*store, operation_id(), &charge).await) })
        })
        .collect();
    let (mut charged, mut count) = (0, 0);
    for task in tasks {
        match task.await.expect("no panic") {
            (amount, Applied::Done(Outcome::Charged { .. })) => {
                charged += amount;
                count += 1;
            }
            (_, other) => {
                assert!(matches!(other, Applied::Rejected(Rejection::InsufficientBalance { .. })), "{other:?}");
            }
        }
    }
    let fields = account_fields(&*nodes.second, account).await;
    assert_eq!((fields.balance, fields.spent), (msat(1000 - charged), msat(charged)));
    // Deposit, and one for each charge.
    assert_eq!(fields.entries, 1 + count);
    assert!(fields.balance < msat(17), "{count} of 100 went through, and {} is left", fields.balance);
}

async fn twenty_children_share_one_balance(nodes: Nodes) {
    let root = funded(&*nodes.first, 1000).await;
    let mut children = Vec::new();
    for _ in 0..20 {
        let account = AccountId::child_of(&root, &mut getrandom::SysRng).expect("randomness");
        book(&*nodes.first, &Operation::OpenChild { account, parent: root, limit: Some(msat(60)) }).await;
        children.push(account);
    }
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (store, account) = (nodes.of_task(number), children[number % 20]);
            tokio::spawn(async move {
                let deadline = later(1000);
                let reserve = Operation::Reserve { account, amount: msat(12), deadline };
                let reservation = operation_id();
                match book_as(&*store, reservation, &reserve).await {
                    Applied::Done(_) => {}
                    Applied::Rejected(Rejection::InsufficientBalance { .. } | Rejection::LimitExceeded { .. }) => {
                        return 0;
                    }
                    other => panic!("{other:?}"),
                }
                let ending = match number % 3 {
                    0 => Operation::Release { account, reservation },
                    _ => Operation::Settle { account, reservation, amount: msat(9), description: about("use") },
                };
                match book_as(&*store, operation_id(), &ending).await {
                    Applied::Done(Outcome::Settled { charged, shortfall, .. }) => {
                        assert_eq!(shortfall, msat(0));
                        charged.as_msat()
                    }
                    Applied::Done(_) => 0,
                    other => panic!("{other:?}"),
                }
            })
        })
        .collect();
    let mut charged = 0;
    for task in tasks {
        charged += task.await.expect("no panic");
    }
    let top = account_fields(&*nodes.second, root).await;
    assert_eq!((top.balance, top.spent, top.reserved), (msat(1000 - charged), msat(charged), msat(0)));
    let mut of_children = 0;
    for child in children {
        let fields = account_fields(&*nodes.second, child).await;
        assert!(fields.spent <= msat(60) && fields.reserved == msat(0));
        of_children += fields.spent.as_msat();
    }
    assert_eq!(of_children, charged);
}

async fn one_operation_of_many_tasks_has_one_effect(nodes: Nodes) {
    let account = funded(&*nodes.first, 100).await;
    let id = operation_id();
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = nodes.of_task(number);
            let charge = Operation::Charge { account, amount: msat(60), description: about("once") };
            tokio::spawn(async move { book_as(&*store, id, &charge).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        let outcome = match task.await.expect("no panic") {
            Applied::Done(outcome) => {
                done += 1;
                outcome
            }
            Applied::Replayed(outcome) => outcome,
            Applied::Rejected(rejection) => panic!("rejected: {rejection}"),
        };
        assert_eq!(outcome, Outcome::Charged { balance: msat(40) });
    }
    assert_eq!(done, 1);
    assert_eq!(account_fields(&*nodes.second, account).await.balance, msat(40));
}

async fn racing_ends_of_a_reservation_have_one_winner(nodes: Nodes) {
    for _ in 0..4 {
        let account = funded(&*nodes.first, 100).await;
        let reserve = Operation::Reserve { account, amount: msat(50), deadline: later(10) };
        let (reservation, _) = book(&*nodes.first, &reserve).await;
        let tasks: Vec<_> = (0..24)
            .map(|number| {
                let store = nodes.of_task(number);
                let ending = match number % 3 {
                    0 => Operation::Settle { account, reservation, amount: msat(30), description: about("use") },
                    1 => Operation::Release { account, reservation },
                    _ => Operation::Sweep { account, reservation },
                };
                tokio::spawn(async move { store.apply(operation_id(), &ending, later(10)).await.expect("an answer") })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.expect("no panic") {
                Applied::Done(outcome) => winners.push(outcome),
                other => assert!(matches!(other, Applied::Rejected(Rejection::ReservationEnded { .. })), "{other:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        let spent = if matches!(winners[0], Outcome::Settled { .. }) { 30 } else { 0 };
        let fields = account_fields(&*nodes.second, account).await;
        assert_eq!((fields.balance, fields.reserved, fields.spent), (msat(100 - spent), msat(0), msat(spent)));
    }
}

async fn racing_sweepers_give_back_once(nodes: Nodes) {
    let account = funded(&*nodes.first, 100).await;
    for number in 0..10 {
        let reserve = Operation::Reserve { account, amount: msat(10), deadline: later(10 + number) };
        book(&*nodes.first, &reserve).await;
    }
    assert_eq!(account_fields(&*nodes.second, account).await.reserved, msat(100));
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let store = nodes.of_task(number);
            tokio::spawn(async move {
                let mut swept = 0;
                for due in store.due(later(1000), PageLimit::MAX).await.expect("an answer") {
                    let due = due.fields();
                    let sweep = Operation::Sweep { account: due.account, reservation: due.id };
                    // What other cases have left lying is swept along.
                    let answer = store.apply(operation_id(), &sweep, later(1000)).await.expect("an answer");
                    swept += u32::from(matches!(answer, Applied::Done(_)) && due.account == account);
                }
                swept
            })
        })
        .collect();
    let mut swept = 0;
    for task in tasks {
        swept += task.await.expect("no panic");
    }
    assert_eq!(swept, 10);
    let fields = account_fields(&*nodes.second, account).await;
    assert_eq!((fields.balance, fields.reserved), (msat(100), msat(0)));
}

async fn a_debit_that_was_dropped_is_made_once(nodes: Nodes) {
    let root = funded(&*nodes.first, 1000).await;
    let account = AccountId::child_of(&root, &mut getrandom::SysRng).expect("randomness");
    book(&*nodes.first, &Operation::OpenChild { account, parent: root, limit: Some(msat(500)) }).await;
    let charge = Operation::Charge { account, amount: msat(7), description: about("dropped") };
    for reads in Vec::from_iter((0..8).cycle().take(32)) {
        let id = operation_id();
        dropped_after(&*nodes.second, reads, book_as(&*nodes.first, id, &charge)).await;
        // Nobody knows what became of it. The same again settles that.
        let answer = book_as(&*nodes.of_task(reads), id, &charge).await;
        assert!(matches!(answer, Applied::Done(_) | Applied::Replayed(_)), "{answer:?}");
    }
    for store in [&nodes.first, &nodes.second] {
        let [top, child] = [account_fields(&**store, root).await, account_fields(&**store, account).await];
        assert_eq!((top.balance, top.spent, child.spent), (msat(1000 - 32 * 7), msat(32 * 7), msat(32 * 7)));
        // The deposit, and one for each charge.
        assert_eq!((top.entries, child.entries), (1 + 32, 32));
    }
}
