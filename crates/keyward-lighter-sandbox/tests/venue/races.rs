//! Many threads at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use keyward_lighter::ApiCode;
use keyward_lighter_sandbox::Refusal;

use crate::workbench::{MAIN, NEW_TOKEN, SLOT, START, Workbench, change_key, key, main_order, owner, token};

/// 0 to 99, in an order that looks like none.
fn shuffled() -> impl Iterator<Item = u64> {
    (0..100).map(|place| (place * 37 + 11) % 100)
}

#[test]
fn a_hundred_nonces_in_any_order_are_each_accepted_once() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let orders: Vec<_> = shuffled().map(|number| main_order(number + 1, &key(1))).collect();
    let accepted = AtomicUsize::new(0);
    let barrier = Barrier::new(orders.len());
    thread::scope(|scope| {
        for order in &orders {
            scope.spawn(|| {
                barrier.wait();
                while let Err(refusal) = bench.send(order) {
                    assert_eq!(refusal.code, ApiCode::INVALID_NONCE);
                    thread::yield_now();
                }
                accepted.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(accepted.into_inner(), 100);
    assert_eq!(bench.next_nonce(MAIN, SLOT), 101);
    for order in &orders {
        assert_eq!(bench.send(order).unwrap_err().code, ApiCode::INVALID_NONCE);
    }
}

#[test]
fn of_two_identical_posts_one_wins() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    for nonce in 1..=200 {
        let order = main_order(nonce, &key(1));
        let barrier = Barrier::new(2);
        let outcomes = thread::scope(|scope| {
            let post = || {
                barrier.wait();
                bench.send(&order).map(|_| ()).map_err(|refusal| refusal.code)
            };
            let [first, second] = [scope.spawn(post), scope.spawn(post)];
            [first.join().unwrap(), second.join().unwrap()]
        });
        let invalid_nonce = Err(ApiCode::INVALID_NONCE);
        assert!(outcomes == [Ok(()), invalid_nonce] || outcomes == [invalid_nonce, Ok(())], "{outcomes:?}");
    }
}

#[test]
fn of_many_changes_at_once_no_more_are_made_than_there_may_be() {
    const THREADS: usize = 30;
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let at_once = |change: &(dyn Fn() -> Result<(), Refusal> + Sync)| {
        let barrier = Barrier::new(THREADS);
        let post = || {
            barrier.wait();
            change().map_err(|refusal| refusal.code)
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let posts: Vec<_> = (0..THREADS).map(|_| scope.spawn(post)).collect();
            posts.into_iter().map(|post| post.join().unwrap()).collect()
        });
        let refused = |code| outcomes.iter().filter(|outcome| **outcome == Err(code)).count();
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        (done, [ApiCode::TOO_MANY_TOKENS, ApiCode::TOKEN_ALREADY_REVOKED, ApiCode::TOO_MANY_REQUESTS].map(refused))
    };
    let create = || bench.venue.create_token(&principal, &NEW_TOKEN).map(drop);
    assert_eq!(at_once(&create), (10, [THREADS - 10, 0, 0]));
    assert_eq!(at_once(&|| bench.venue.revoke_token(&principal, 1).map(drop)), (1, [0, THREADS - 1, 0]));
    assert_eq!(at_once(&|| bench.venue.set_maker_only(&principal, "[4]").map(drop)), (1, [0, 0, THREADS - 1]));
}

#[test]
fn no_token_of_the_old_key_is_taken_once_the_rotation_was_answered() {
    let bench = Workbench::new();
    for round in 0..20 {
        bench.register(MAIN, SLOT, &key(round));
        let old = token(MAIN, SLOT, &key(round), START + 600);
        let rotation = change_key(MAIN, SLOT, bench.next_nonce(MAIN, SLOT), &key(1_000), &owner());
        let rotated = AtomicBool::new(false);
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        let already_rotated = rotated.load(Ordering::SeqCst);
                        let outcome = bench.read(&old, MAIN);
                        assert!(!already_rotated || outcome.is_err());
                        match outcome {
                            Ok(_) => taken.fetch_add(1, Ordering::SeqCst),
                            Err(_) => break,
                        };
                    }
                });
            }
            // Not before the token was of use.
            while taken.load(Ordering::SeqCst) < 3 {
                thread::yield_now();
            }
            bench.send(&rotation).unwrap();
            rotated.store(true, Ordering::SeqCst);
        });
    }
}

#[test]
fn reads_see_whole_changes() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(0));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let keys: Vec<_> =
                (0..100).map(|number| keyward_lighter::public_key_hex(key(number).verifying_key())).collect();
            while !done.load(Ordering::SeqCst) {
                let listed = bench.venue.api_keys(MAIN as i64, SLOT.into()).unwrap().api_keys;
                // The key of number n is there after the transaction of nonce n.
                assert_eq!(listed[0].public_key, keys[listed[0].nonce as usize - 1]);
            }
        });
        for number in 1..100 {
            bench.register(MAIN, SLOT, &key(number));
        }
        done.store(true, Ordering::SeqCst);
    });
}
