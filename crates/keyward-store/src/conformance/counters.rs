use keyward_ledger::OperationId;

use super::sample::{SampleKey, later, operation_id};
use super::{Case, Nodes, cases};
use crate::{CounterId, CounterName, HitMode, LeaseAnswer, Store, WindowLimit, count_hit};

pub(super) fn cases() -> Vec<Case> {
    cases![Nothing:
        a_window_lets_its_limit_through_whoever_races,
        windows_are_counted_as_by_the_rule_under_a_stepping_clock,
        leases_are_held_by_no_more_than_the_limit,
        a_lease_ends_in_time_and_is_given_back,
    ]
    .into()
}

fn counter(name: &str) -> CounterId {
    CounterId { key: SampleKey::new().id(), name: CounterName::new(name).expect("a name") }
}

async fn a_window_lets_its_limit_through_whoever_races(nodes: Nodes) {
    let counter = counter("requests_per_minute");
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (store, counter) = (nodes.of_task(number), counter.clone());
            tokio::spawn(async move {
                let limit = WindowLimit::per_minute(40);
                store.hit(&counter, limit, 1, HitMode::Refuse, later(number as u64)).await.expect("an answer")
            })
        })
        .collect();
    let mut within = 0;
    for task in tasks {
        let hit = task.await.expect("no panic");
        within += u32::from(hit.is_within_limit);
        assert_eq!(hit.reset, later(60_000));
    }
    assert_eq!(within, 40);
}

async fn windows_are_counted_as_by_the_rule_under_a_stepping_clock(nodes: Nodes) {
    let counter = counter("tokens_per_hour");
    let limit = WindowLimit::per_minute(100);
    let mut window = None;
    let mut number: u64 = 1;
    for step in 0..200 {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Mostly forward, now and then back, and sometimes by hours.
        let drift = [0, 500, 20_000, 61_000, 4_000_000][(number >> 40) as usize % 5];
        let now = if number >> 63 == 0 {
            later(step * 3_000 + drift)
        } else {
            later(step * 3_000).saturating_sub_millis(drift)
        };
        let cost = (number >> 50) % 40;
        let mode = if number >> 62 & 1 == 0 { HitMode::Refuse } else { HitMode::Record };
        let (next, expected) = count_hit(window, limit, cost, mode, now);
        window = Some(next);
        let hit = nodes.of_task(step as usize).hit(&counter, limit, cost, mode, now).await.expect("an answer");
        assert_eq!(hit, expected, "step {step}");
    }
    // Counters of one key know nothing of each other.
    let other = CounterId { key: counter.key, name: CounterName::new("other").expect("a name") };
    let hit = nodes.first.hit(&other, limit, 100, HitMode::Refuse, later(0)).await.expect("an answer");
    assert!(hit.is_within_limit && hit.remaining == 0);
}

async fn acquire(store: &dyn Store, counter: &CounterId, lease: OperationId, now: u64, expires_at: u64) -> LeaseAnswer {
    store.acquire_lease(counter, lease, 10, later(now), later(expires_at)).await.expect("an answer")
}

async fn leases_are_held_by_no_more_than_the_limit(nodes: Nodes) {
    let counter = counter("concurrent");
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let (store, counter) = (nodes.of_task(number), counter.clone());
            tokio::spawn(async move {
                let lease = operation_id();
                (lease, acquire(&*store, &counter, lease, 0, 1000).await)
            })
        })
        .collect();
    let mut held = Vec::new();
    for task in tasks {
        match task.await.expect("no panic") {
            (lease, LeaseAnswer::Held { held: count }) => {
                assert!(count <= 10);
                held.push(lease);
            }
            (_, LeaseAnswer::Full { next_expiry }) => assert_eq!(next_expiry, later(1000)),
        }
    }
    assert_eq!(held.len(), 10);
    // One that is held is not taken twice.
    assert_eq!(acquire(&*nodes.second, &counter, held[0], 1, 1000).await, LeaseAnswer::Held { held: 10 });
    nodes.first.release_lease(&counter, held[0]).await.expect("an answer");
    nodes.first.release_lease(&counter, held[0]).await.expect("an answer");
    assert_eq!(acquire(&*nodes.second, &counter, operation_id(), 2, 1000).await, LeaseAnswer::Held { held: 10 });
    assert!(matches!(acquire(&*nodes.first, &counter, held[0], 2, 1000).await, LeaseAnswer::Full { .. }));
}

async fn a_lease_ends_in_time_and_is_given_back(nodes: Nodes) {
    let counter = counter("concurrent");
    for number in 0..10 {
        let answer = acquire(&*nodes.first, &counter, operation_id(), 0, 100 + number).await;
        assert_eq!(answer, LeaseAnswer::Held { held: number + 1 });
    }
    let late = operation_id();
    let full = LeaseAnswer::Full { next_expiry: later(100) };
    assert_eq!(acquire(&*nodes.second, &counter, late, 99, 500).await, full);
    assert_eq!(acquire(&*nodes.second, &counter, late, 100, 500).await, LeaseAnswer::Held { held: 10 });
    // Of those that have expired all go at once.
    assert_eq!(acquire(&*nodes.first, &counter, operation_id(), 109, 500).await, LeaseAnswer::Held { held: 2 });
    let none = nodes.first.acquire_lease(&counter, operation_id(), 0, later(109), later(500)).await;
    assert!(matches!(none, Ok(LeaseAnswer::Full { .. })));
}
