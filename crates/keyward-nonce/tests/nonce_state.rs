//! Which nonces a slot takes.

use keyward_nonce::NonceMode::{Sequential, Skip};
use keyward_nonce::NonceRefusal::{Exhausted, NotNext, SkipTooFar, Used};
use keyward_nonce::{Nonce, NonceMode, NonceRefusal, NonceState};
use proptest::prelude::*;

const MODES: [NonceMode; 2] = [Sequential, Skip];
const SKIP_LIMIT: u64 = (1 << 47) - 1;
const LAST: u64 = (1 << 48) - 1;

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).expect("a nonce")
}

fn state(next: u64) -> NonceState {
    NonceState::new(next).expect("a state")
}

/// What a slot at `next` answers to `number`: the number of its new state.
fn accept(next: u64, number: u64, mode: NonceMode) -> Result<u64, NonceRefusal> {
    state(next).accept(nonce(number), mode).map(NonceState::as_u64)
}

#[test]
fn a_state_is_a_number_up_to_2_to_the_48() {
    assert_eq!(NonceState::NEW, state(0));
    assert_eq!(NonceState::NEW.next(), Some(Nonce::ZERO));
    assert_eq!(NonceState::from_next(nonce(7)), state(7));
    assert_eq!(NonceState::after(nonce(7)), state(8));
    assert_eq!(state(LAST).next(), Some(Nonce::MAX));
    assert_eq!(NonceState::after(Nonce::MAX), NonceState::EXHAUSTED);
    assert_eq!(state(LAST + 1), NonceState::EXHAUSTED);
    assert_eq!(NonceState::EXHAUSTED.next(), None);
    assert!(NonceState::new(LAST + 2).is_err());
}

#[test]
fn a_new_slot_starts_at_0() {
    assert_eq!(accept(0, 0, Sequential), Ok(1));
    assert_eq!(accept(0, 1, Sequential), Err(NotNext { next: Nonce::ZERO }));
    assert_eq!(accept(0, 0, Skip), Ok(1));
    assert_eq!(accept(0, 1_787_850_000_000, Skip), Ok(1_787_850_000_001));
}

#[test]
fn without_skipping_only_the_next_nonce_is_taken() {
    for next in [1, 7, SKIP_LIMIT - 1, SKIP_LIMIT, SKIP_LIMIT + 1, LAST - 1] {
        assert_eq!(accept(next, next - 1, Sequential), Err(Used { next: nonce(next) }));
        assert_eq!(accept(next, next, Sequential), Ok(next + 1));
        assert_eq!(accept(next, next + 1, Sequential), Err(NotNext { next: nonce(next) }));
    }
}

#[test]
fn skipping_takes_the_next_nonce_and_any_above_it() {
    for number in [7, 8, 1 << 40, SKIP_LIMIT - 1] {
        assert_eq!(accept(7, number, Skip), Ok(number + 1));
    }
    assert_eq!(accept(7, 6, Skip), Err(Used { next: nonce(7) }));
}

#[test]
fn skipping_ends_below_2_to_the_47_minus_1() {
    assert_eq!(Nonce::MAX_SKIP, nonce(SKIP_LIMIT - 1));
    for next in [0, SKIP_LIMIT - 1] {
        assert_eq!(accept(next, SKIP_LIMIT - 1, Skip), Ok(SKIP_LIMIT));
        assert_eq!(accept(next, SKIP_LIMIT, Skip), Err(SkipTooFar));
    }
    // Not even the nonce that is due.
    assert_eq!(accept(SKIP_LIMIT, SKIP_LIMIT, Skip), Err(SkipTooFar));
    assert_eq!(accept(SKIP_LIMIT, SKIP_LIMIT - 1, Skip), Err(Used { next: nonce(SKIP_LIMIT) }));
    assert_eq!(accept(LAST, LAST, Skip), Err(SkipTooFar));
}

#[test]
fn a_slot_skipped_to_the_end_goes_on_one_by_one() {
    let skipped = state(7).accept(Nonce::MAX_SKIP, Skip).expect("the highest nonce to skip to");
    let next = skipped.accept(nonce(SKIP_LIMIT), Sequential).expect("the next nonce");
    assert_eq!(next, state(SKIP_LIMIT + 1));
}

#[test]
fn the_last_nonce_exhausts_the_slot() {
    assert_eq!(state(LAST).accept(Nonce::MAX, Sequential), Ok(NonceState::EXHAUSTED));
    for mode in MODES {
        for number in [0, SKIP_LIMIT, LAST] {
            assert_eq!(NonceState::EXHAUSTED.accept(nonce(number), mode), Err(Exhausted));
        }
    }
}

/// The rules in the words of the venue's documentation: a last used nonce, -1 at first, and a new one.
struct Documented {
    old: i64,
}

impl Documented {
    fn is_accepted(&self, new: i64, mode: NonceMode) -> bool {
        match mode {
            Sequential => new == self.old + 1 && new <= LAST as i64,
            Skip => (1_i64 << 47) - 1 > new && new > self.old,
        }
    }
}

/// Where a slot may begin: anywhere, and more often at the ends.
fn any_start() -> impl Strategy<Value = u64> {
    prop_oneof![0..8_u64, SKIP_LIMIT - 8..SKIP_LIMIT + 8, LAST - 8..=LAST + 1, 0..=LAST + 1]
}

/// A transaction: its mode, and its nonce near the one that is due, near an end, or anywhere.
fn any_transaction() -> impl Strategy<Value = (NonceMode, Result<i64, u64>)> {
    let place = prop_oneof![
        6 => (-2..=2_i64).prop_map(Ok),
        1 => (SKIP_LIMIT - 3..SKIP_LIMIT + 3).prop_map(Err),
        1 => (LAST - 2..=LAST).prop_map(Err),
        1 => (0..=LAST).prop_map(Err),
    ];
    (prop::sample::select(MODES.to_vec()), place)
}

proptest! {
    #[test]
    fn a_history_is_the_one_that_the_documentation_allows(
        start in any_start(),
        transactions in prop::collection::vec(any_transaction(), 1..40),
    ) {
        let mut state = state(start);
        let mut documented = Documented { old: start as i64 - 1 };
        for (mode, place) in transactions {
            let number = match place {
                Ok(distance) => (state.as_u64() as i64 + distance).clamp(0, LAST as i64),
                Err(number) => number as i64,
            };
            let answer = state.accept(nonce(number as u64), mode);
            prop_assert_eq!(answer.is_ok(), documented.is_accepted(number, mode), "{:?} {} {:?}", state, number, mode);
            if let Ok(after) = answer {
                documented.old = number;
                state = after;
            }
            prop_assert_eq!(state.as_u64() as i64, documented.old + 1);
        }
    }
}
