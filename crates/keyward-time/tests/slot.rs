//! Six-hour slots: alignment, neighbours and the ends of time.

use keyward_time::{DecimalError, NotAligned, TimeSlot, TimeSlotError, UnixSeconds};
use proptest::prelude::*;

const SIX_HOURS: u64 = 21_600;

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).expect("in range")
}

#[test]
fn slot_owns_its_start_but_not_its_end() {
    let start = at(1_763_683_200);
    let slot = TimeSlot::from_start(start).expect("aligned");
    assert_eq!(slot.start(), start);
    assert_eq!(slot.end(), at(1_763_704_800));
    assert_eq!(TimeSlot::containing(start), slot);
    assert_eq!(TimeSlot::containing(at(1_763_704_799)), slot);
    assert_eq!(Some(TimeSlot::containing(slot.end())), slot.next());
    assert_eq!(Some(TimeSlot::containing(at(1_763_683_199))), slot.previous());
}

#[test]
fn unaligned_start_is_refused() {
    // The slots of the sample in Lighter's own example are off by two hours.
    for secs in [1, 21_599, 21_601, 1_697_184_000, 1_697_205_600, 1_697_227_200] {
        assert_eq!(TimeSlot::from_start(at(secs)), Err(NotAligned), "{secs}");
    }
}

#[test]
fn time_begins_and_ends_with_a_slot() {
    assert_eq!(TimeSlot::FIRST.start(), UnixSeconds::EPOCH);
    assert_eq!(TimeSlot::FIRST.previous(), None);
    assert_eq!(TimeSlot::LAST.next(), None);
    assert_eq!(TimeSlot::LAST.end(), UnixSeconds::MAX);
    assert_eq!(TimeSlot::LAST, TimeSlot::containing(UnixSeconds::MAX));
    let before = TimeSlot::LAST.previous().expect("there is one before the last");
    assert_eq!(before.end(), TimeSlot::LAST.start());
    assert_eq!(before.checked_add(1), Some(TimeSlot::LAST));
    assert_eq!(before.checked_add(2), None);
    assert_eq!(before.checked_add(u32::MAX), None);
}

#[test]
fn text_is_the_start() {
    let slot = TimeSlot::containing(at(1_763_700_000));
    assert_eq!(slot.to_string(), "1763683200");
    assert_eq!("1763683200".parse(), Ok(slot));
    assert_eq!("1763683201".parse::<TimeSlot>(), Err(TimeSlotError::NotAligned(NotAligned)));
    assert_eq!("01763683200".parse::<TimeSlot>(), Err(TimeSlotError::Instant(DecimalError::NotCanonical)));
    assert_eq!(TimeSlotError::from(NotAligned).to_string(), "not a multiple of 21600 seconds");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_instant_lies_in_one_aligned_slot(secs in 0..=i64::MAX as u64) {
        let slot = TimeSlot::containing(at(secs));
        prop_assert_eq!(slot.start().as_secs(), secs / SIX_HOURS * SIX_HOURS);
        prop_assert_eq!(TimeSlot::from_start(slot.start()), Ok(slot));
        prop_assert!(slot.start() <= at(secs));
        prop_assert!(at(secs) < slot.end() || slot == TimeSlot::LAST);
        if let Some(next) = slot.next() {
            prop_assert_eq!(next.start(), slot.end());
            prop_assert_eq!(next.previous(), Some(slot));
        }
    }
}
