//! What an allocator hands out, and when it stops to ask.

use std::collections::BTreeSet;
use std::num::NonZero;

use keyward_nonce::NonceMode::{Sequential, Skip};
use keyward_nonce::{AllocateError, Lease, Nonce, NonceAllocator, NonceMode, NonceState, SlotsError, UnknownSlot};
use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;

const MAX_SKIP: u64 = (1 << 47) - 2;

fn api_key(index: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(index).expect("a key slot")
}

fn state(next: u64) -> NonceState {
    NonceState::new(next).expect("a state")
}

fn millis(millis: u64) -> UnixMillis {
    UnixMillis::new(millis).expect("an instant")
}

/// An allocator of the slot 4, in which `next` is due.
fn single(next: u64, mode: NonceMode) -> NonceAllocator {
    NonceAllocator::new([(api_key(4), state(next))], mode).expect("one slot")
}

fn try_take(allocator: &NonceAllocator) -> Result<Lease, AllocateError> {
    allocator.allocate(UnixMillis::EPOCH)
}

fn take(allocator: &NonceAllocator) -> Lease {
    try_take(allocator).expect("a nonce")
}

fn take_at(allocator: &NonceAllocator, now: u64) -> Lease {
    allocator.allocate(millis(now)).expect("a nonce")
}

fn number(lease: &Lease) -> u64 {
    lease.nonce().as_u64()
}

/// The numbers of a run of at most `count`, and the run.
fn take_run(allocator: &NonceAllocator, count: usize, now: u64) -> (Vec<u64>, Vec<Lease>) {
    let run = allocator.allocate_run(NonZero::new(count).expect("not 0"), millis(now)).expect("a nonce");
    (run.iter().map(number).collect(), run)
}

/// Asks a venue that answers at once.
fn resync(allocator: &NonceAllocator, venue: u64) {
    allocator.begin_resync(api_key(4)).expect("a slot").finish(state(venue));
}

#[test]
fn slots_are_there_and_each_once() {
    assert_eq!(NonceAllocator::new([], Sequential).err(), Some(SlotsError::Empty));
    let twice = [4, 5, 4].map(|index| (api_key(index), NonceState::NEW));
    assert_eq!(NonceAllocator::new(twice, Sequential).err(), Some(SlotsError::Repeated));
}

#[test]
fn only_own_slots_are_known() {
    let allocator = single(0, Sequential);
    let refusal = allocator.allocate_for(api_key(5), UnixMillis::EPOCH).expect_err("a foreign slot");
    assert_eq!(refusal, AllocateError::UnknownSlot(UnknownSlot));
    assert_eq!(allocator.begin_resync(api_key(5)).err(), Some(UnknownSlot));
}

#[test]
fn leases_and_allocators_go_into_tasks() {
    fn check<T: Send + Sync + 'static>() {}
    check::<NonceAllocator>();
    check::<Lease>();
}

#[test]
fn keys_take_turns() {
    let allocator = NonceAllocator::new([(api_key(4), state(7)), (api_key(9), state(70))], Sequential).expect("slots");
    let leases: Vec<Lease> = (0..5).map(|_| take(&allocator)).collect();
    let taken: Vec<_> = leases.iter().map(|lease| (lease.api_key().as_u8(), number(lease))).collect();
    assert_eq!(taken, [(4, 7), (9, 70), (4, 8), (9, 71), (4, 9)]);
    let chosen = allocator.allocate_for(api_key(4), UnixMillis::EPOCH).expect("a nonce");
    assert_eq!((chosen.api_key(), number(&chosen), chosen.mode()), (api_key(4), 10, Sequential));
}

#[test]
fn a_key_that_has_none_is_passed_over() {
    let slots = [(api_key(4), state(7)), (api_key(5), NonceState::EXHAUSTED), (api_key(6), state(70))];
    let allocator = NonceAllocator::new(slots, Sequential).expect("slots");
    take(&allocator).unknown();
    assert_eq!(allocator.stale_slots(), [api_key(4)]);
    for nonce in 70..75 {
        let lease = take(&allocator);
        assert_eq!((lease.api_key(), number(&lease)), (api_key(6), nonce));
        lease.accepted();
    }
    take(&allocator).unknown();
    // What can be mended comes before what cannot.
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Stale));
    assert_eq!(allocator.stale_slots(), [api_key(4), api_key(6)]);
}

/// The official Python SDK's optimistic manager counts down on a refusal, and so hands out a nonce that is out.
#[test]
fn a_refusal_while_a_later_nonce_is_out_does_not_hand_that_out_again() {
    let allocator = single(7, Sequential);
    let (refused, later) = (take(&allocator), take(&allocator));
    assert_eq!((number(&refused), number(&later)), (7, 8));
    refused.refused();
    let (first, second) = (take(&allocator), take(&allocator));
    assert_eq!((number(&first), number(&second)), (7, 9));
}

#[test]
fn refused_nonces_go_out_again_smallest_first() {
    let allocator = single(7, Sequential);
    let mut leases: Vec<Lease> = (0..6).map(|_| take(&allocator)).collect();
    for nonce in [11, 8, 10] {
        let position = leases.iter().position(|lease| number(lease) == nonce).expect("in flight");
        leases.remove(position).refused();
    }
    // 7, 9 and 12 are still out.
    let again: Vec<_> = (0..5).map(|_| take(&allocator)).collect();
    assert_eq!(again.iter().map(number).collect::<Vec<_>>(), [8, 10, 11, 13, 14]);
}

#[test]
fn a_doubtful_outcome_stops_the_slot_until_the_venue_was_asked() {
    for doubt in [Lease::unknown, Lease::refused_invalid_nonce, drop] {
        let allocator = single(7, Sequential);
        doubt(take(&allocator));
        assert_eq!(try_take(&allocator).err(), Some(AllocateError::Stale));
        assert_eq!(allocator.stale_slots(), [api_key(4)]);
        resync(&allocator, 8);
        assert!(allocator.stale_slots().is_empty());
        assert_eq!(number(&take(&allocator)), 8);
    }
}

#[test]
fn a_nonce_that_the_venue_did_not_use_goes_out_again() {
    let allocator = single(7, Sequential);
    take(&allocator).unknown();
    resync(&allocator, 7);
    assert_eq!(number(&take(&allocator)), 7);
}

#[test]
fn a_resync_spares_what_is_in_flight() {
    let allocator = single(7, Sequential);
    let mut leases: Vec<Lease> = (0..5).map(|_| take(&allocator)).collect();
    leases.remove(2).refused_invalid_nonce();
    resync(&allocator, 8);
    let after: Vec<Lease> = (0..2).map(|_| take(&allocator)).collect();
    assert_eq!(after.iter().map(number).collect::<Vec<_>>(), [9, 12]);
}

#[test]
fn what_the_venue_has_passed_is_no_reason_for_doubt_and_does_not_come_back() {
    for outcome in [Lease::accepted, Lease::refused, Lease::refused_invalid_nonce, Lease::unknown, drop] {
        let allocator = single(7, Sequential);
        let (first, second) = (take(&allocator), take(&allocator));
        resync(&allocator, 20);
        first.accepted();
        outcome(second);
        assert!(allocator.stale_slots().is_empty());
        assert_eq!(number(&take(&allocator)), 20);
    }
}

#[test]
fn acceptance_of_a_later_nonce_tells_of_the_earlier_ones() {
    let allocator = single(7, Sequential);
    let (earlier, later) = (take(&allocator), take(&allocator));
    later.accepted();
    earlier.unknown();
    assert_eq!(number(&take(&allocator)), 9);
}

#[test]
fn an_answer_from_before_an_acceptance_does_not_bring_the_nonce_back() {
    let allocator = single(7, Sequential);
    let (first, second) = (take(&allocator), take(&allocator));
    second.refused_invalid_nonce();
    let resync = allocator.begin_resync(api_key(4)).expect("a slot");
    // The venue answers 7, and then takes 7.
    first.accepted();
    resync.finish(state(7));
    assert_eq!(number(&take(&allocator)), 8);
}

#[test]
fn an_answer_overtaken_by_a_newer_one_changes_nothing() {
    let allocator = single(7, Sequential);
    let early = allocator.begin_resync(api_key(4)).expect("a slot");
    take(&allocator).unknown();
    resync(&allocator, 9);
    early.finish(state(7));
    assert_eq!(number(&take(&allocator)), 9);
}

#[test]
fn a_doubt_that_arose_after_the_question_remains() {
    let allocator = single(7, Sequential);
    let (first, second) = (take(&allocator), take(&allocator));
    second.refused_invalid_nonce();
    let early = allocator.begin_resync(api_key(4)).expect("a slot");
    first.unknown();
    early.finish(state(7));
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Stale));
    resync(&allocator, 8);
    assert_eq!(number(&take(&allocator)), 8);
}

#[test]
fn a_question_without_an_answer_changes_nothing() {
    let allocator = single(7, Sequential);
    take(&allocator).unknown();
    drop(allocator.begin_resync(api_key(4)));
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Stale));
}

#[test]
fn a_nonce_that_the_venue_gives_back_goes_out_again() {
    let allocator = single(7, Sequential);
    take(&allocator).accepted();
    // Taken by the interface, dropped by the sequencer without using the nonce.
    take(&allocator).refused_invalid_nonce();
    resync(&allocator, 7);
    assert_eq!(number(&take(&allocator)), 7);
}

#[test]
fn a_venue_that_is_far_behind_or_ahead_is_believed_at_once() {
    let allocator = single(1 << 40, Sequential);
    let high = take(&allocator);
    resync(&allocator, 0);
    assert_eq!(number(&take(&allocator)), 0);
    resync(&allocator, 1 << 47);
    assert_eq!(number(&take(&allocator)), 1 << 47);
    high.refused();
}

#[test]
fn the_last_nonce_is_handed_out_and_comes_back_if_refused() {
    let allocator = single((1 << 48) - 2, Sequential);
    let (before, last) = (take(&allocator), take(&allocator));
    assert_eq!(last.nonce(), Nonce::MAX);
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Exhausted));
    last.refused();
    before.accepted();
    let last = take(&allocator);
    assert_eq!(last.nonce(), Nonce::MAX);
    last.accepted();
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Exhausted));
    resync(&allocator, 1 << 48);
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Exhausted));
}

#[test]
fn skipping_takes_the_time_and_goes_on_from_the_last_one() {
    let allocator = single(7, Skip);
    let taken = [1000, 1000, 990, 0, 1003, 1010].map(|now| take_at(&allocator, now));
    assert_eq!(taken.each_ref().map(number), [1000, 1001, 1002, 1003, 1004, 1010]);
    assert!(taken.iter().all(|lease| lease.mode() == Skip));
}

#[test]
fn skipping_does_not_repeat_a_nonce_after_a_restart_with_the_clock_set_back() {
    let venue = NonceState::NEW.accept(take_at(&single(0, Skip), 5000).nonce(), Skip).expect("a high nonce");
    let restarted = NonceAllocator::new([(api_key(4), venue)], Skip).expect("one slot");
    assert_eq!(number(&take_at(&restarted, 4000)), 5001);
    assert_eq!(number(&take_at(&restarted, 6000)), 6000);
}

#[test]
fn skipping_from_a_kept_nonce_does_not_repeat_what_is_still_on_its_way() {
    let last = take_at(&single(0, Skip), 5000).nonce();
    // The venue has not got it yet, and the clock was set back.
    let restarted = |state| NonceAllocator::new([(api_key(4), state)], Skip).expect("one slot");
    assert!(take_at(&restarted(NonceState::NEW), 4000).nonce() < last);
    let allocator = restarted(NonceState::NEW.max(NonceState::after(last)));
    assert_eq!(number(&take_at(&allocator, 4000)), 5001);
    resync(&allocator, 0);
    assert_eq!(number(&take_at(&allocator, 4000)), 5002);
}

#[test]
fn skipping_leaves_out_what_was_refused_or_lost() {
    let allocator = single(7, Skip);
    for (now, outcome) in [Lease::refused, Lease::unknown, drop, Lease::accepted].into_iter().enumerate() {
        let lease = take(&allocator);
        assert_eq!(number(&lease), 7 + now as u64);
        outcome(lease);
    }
    assert!(allocator.stale_slots().is_empty());
}

#[test]
fn skipping_asks_the_venue_only_if_the_highest_nonce_was_invalid() {
    let allocator = single(7, Skip);
    let (overtaken, highest) = (take(&allocator), take(&allocator));
    overtaken.refused_invalid_nonce();
    assert!(allocator.stale_slots().is_empty());
    highest.refused_invalid_nonce();
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Stale));
    resync(&allocator, 500);
    assert_eq!(number(&take(&allocator)), 500);
    // A venue that is behind does not bring back what was handed out.
    resync(&allocator, 3);
    assert_eq!(number(&take(&allocator)), 501);
}

#[test]
fn skipping_asks_the_venue_though_there_is_always_a_higher_nonce_out() {
    // Another client has skipped far ahead: the venue refuses all.
    let allocator = single(7, Skip);
    let (refused, mut out) = (take(&allocator), take(&allocator));
    refused.refused_invalid_nonce();
    let mut rounds = 0;
    while let Ok(higher) = try_take(&allocator) {
        std::mem::replace(&mut out, higher).refused_invalid_nonce();
        rounds += 1;
        assert!(rounds < 10, "never asked");
    }
    assert_eq!(allocator.stale_slots(), [api_key(4)]);
    resync(&allocator, 1 << 46);
    out.refused_invalid_nonce();
    assert_eq!(number(&take(&allocator)), 1 << 46);
}

#[test]
fn skipping_goes_on_where_an_acceptance_explains_a_refusal() {
    let allocator = single(7, Skip);
    for _ in 0..10 {
        // The refusal is heard first.
        let (overtaken, faster) = (take(&allocator), take(&allocator));
        overtaken.refused_invalid_nonce();
        let (overtaken_too, faster_too) = (take(&allocator), take(&allocator));
        faster.accepted();
        overtaken_too.refused_invalid_nonce();
        assert!(allocator.stale_slots().is_empty());
        faster_too.accepted();
    }
}

#[test]
fn skipping_after_a_resync_looks_at_refusals_anew() {
    let allocator = single(7, Skip);
    let (refused, out) = (take(&allocator), take(&allocator));
    refused.refused_invalid_nonce();
    resync(&allocator, 7);
    let (overtaken, _higher) = (take(&allocator), take(&allocator));
    overtaken.refused_invalid_nonce();
    assert!(allocator.stale_slots().is_empty());
    out.refused();
}

#[test]
fn skipping_ends_at_its_bound_from_where_sequential_mode_goes_on() {
    let allocator = single(MAX_SKIP - 1, Skip);
    take(&allocator).accepted();
    let highest = take(&allocator);
    assert_eq!(highest.nonce(), Nonce::MAX_SKIP);
    highest.accepted();
    assert_eq!(try_take(&allocator).err(), Some(AllocateError::Exhausted));
    assert_eq!(try_take(&single(MAX_SKIP + 1, Skip)).err(), Some(AllocateError::Exhausted));
    assert_eq!(number(&take(&single(MAX_SKIP + 1, Sequential))), MAX_SKIP + 1);
}

#[test]
fn an_absurd_time_uses_up_nothing() {
    let allocator = single(7, Skip);
    for now in [MAX_SKIP + 1, 1 << 48, UnixMillis::MAX.as_millis()] {
        assert_eq!(allocator.allocate(millis(now)).err(), Some(AllocateError::Exhausted));
    }
    assert_eq!(number(&take_at(&allocator, 1000)), 1000);
}

#[test]
fn clones_share_their_books() {
    let allocator = single(0, Sequential);
    let leases: Vec<Lease> = (0..10).map(|_| take(&allocator.clone())).collect();
    let distinct: BTreeSet<Nonce> = leases.iter().map(Lease::nonce).collect();
    assert_eq!(distinct.len(), 10);
    assert_eq!(number(&take(&allocator)), 10);
}

#[test]
fn a_run_is_of_one_slot_and_without_a_gap() {
    let allocator = NonceAllocator::new([(api_key(4), state(7)), (api_key(9), state(70))], Sequential).expect("slots");
    let (first, _first) = take_run(&allocator, 3, 0);
    let (second, leases) = take_run(&allocator, 2, 0);
    assert_eq!((first, second), (vec![7, 8, 9], vec![70, 71]));
    assert!(leases.iter().all(|lease| lease.api_key() == api_key(9)));
    assert_eq!(number(&take(&allocator)), 10);
    let run = allocator.allocate_run_for(api_key(9), NonZero::<usize>::MIN, UnixMillis::EPOCH).expect("a nonce");
    assert_eq!(run.iter().map(number).collect::<Vec<_>>(), [72]);
    let foreign = allocator.allocate_run_for(api_key(5), NonZero::<usize>::MIN, UnixMillis::EPOCH);
    assert_eq!(foreign.err(), Some(AllocateError::UnknownSlot(UnknownSlot)));
}

#[test]
fn a_run_ends_before_a_nonce_that_is_in_flight() {
    let allocator = single(7, Sequential);
    let (_, mut leases) = take_run(&allocator, 5, 0);
    for nonce in [7, 8, 10] {
        let position = leases.iter().position(|lease| number(lease) == nonce).expect("in flight");
        leases.remove(position).refused();
    }
    // 9 and 11 are still out.
    let runs = [5, 5, 5].map(|count| take_run(&allocator, count, 0));
    assert_eq!(runs.map(|(numbers, _)| numbers), [vec![7, 8], vec![10], vec![12, 13, 14, 15, 16]]);
}

#[test]
fn a_run_ends_with_the_range() {
    let allocator = single((1 << 48) - 2, Sequential);
    assert_eq!(take_run(&allocator, usize::MAX, 0).0, [(1 << 48) - 2, (1 << 48) - 1]);
    let allocator = single(7, Skip);
    assert_eq!(take_run(&allocator, usize::MAX, MAX_SKIP - 2).0, [MAX_SKIP - 2, MAX_SKIP - 1, MAX_SKIP]);
    let more = allocator.allocate_run(NonZero::<usize>::MIN, UnixMillis::EPOCH);
    assert_eq!(more.err(), Some(AllocateError::Exhausted));
}

#[test]
fn a_stale_slot_has_no_run() {
    let allocator = single(7, Sequential);
    let (_, leases) = take_run(&allocator, 3, 0);
    drop(leases);
    let run = || allocator.allocate_run(NonZero::<usize>::MIN, UnixMillis::EPOCH);
    assert_eq!(run().err(), Some(AllocateError::Stale));
    resync(&allocator, 9);
    assert_eq!(take_run(&allocator, 3, 0).0, [9, 10, 11]);
}

#[test]
fn a_run_of_skipped_nonces_begins_with_the_time() {
    let allocator = single(7, Skip);
    let _held = take_at(&allocator, 1000);
    assert_eq!(take_run(&allocator, 3, 1000).0, [1001, 1002, 1003]);
    assert_eq!(take_run(&allocator, 2, 2000).0, [2000, 2001]);
}
