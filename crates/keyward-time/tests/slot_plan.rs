//! Plans of consecutive slots: their count, order, members and limits.

use keyward_time::{SlotPlan, TimeSlot, UnixSeconds};
use proptest::prelude::*;

fn slot_at(secs: u64) -> TimeSlot {
    TimeSlot::containing(UnixSeconds::new(secs).expect("in range"))
}

#[test]
fn day_has_four_slots() {
    let first = slot_at(1_763_700_000);
    let plan = SlotPlan::for_days(first, 28).expect("in range");
    assert_eq!(plan, SlotPlan::new(first, 112).expect("in range"));
    let starts: Vec<u64> = plan.iter().map(|slot| slot.start().as_secs()).collect();
    let expected: Vec<u64> = (0..112).map(|index| 1_763_683_200 + index * 21_600).collect();
    assert_eq!(starts, expected);
    assert_eq!(plan.first(), first);
    assert_eq!(plan.last().map(TimeSlot::start), UnixSeconds::new(1_766_080_800).ok());
}

#[test]
fn empty_plan_has_a_start_and_nothing_else() {
    let plan = SlotPlan::for_days(TimeSlot::LAST, 0).expect("in range");
    assert!(plan.is_empty());
    assert_eq!(plan.len(), 0);
    assert_eq!(plan.first(), TimeSlot::LAST);
    assert_eq!(plan.last(), None);
    assert_eq!(plan.get(0), None);
    assert_eq!(plan.iter().next(), None);
    assert!(!plan.contains(TimeSlot::LAST));
}

#[test]
fn plan_past_the_last_slot_is_refused() {
    let before = TimeSlot::LAST.previous().expect("there is one before the last");
    let plan = SlotPlan::new(before, 2).expect("two slots are left");
    assert_eq!(plan.last(), Some(TimeSlot::LAST));
    assert_eq!(plan.iter().collect::<Vec<_>>(), [before, TimeSlot::LAST]);
    assert_eq!(SlotPlan::new(before, 3).unwrap_err().max(), 2);
    assert_eq!(SlotPlan::new(before, u32::MAX).unwrap_err().max(), 2);
    assert_eq!(SlotPlan::for_days(before, 1).unwrap_err().max(), 0);
}

#[test]
fn longest_plan_has_as_many_slots_as_a_u32_counts() {
    let plan = SlotPlan::new(TimeSlot::FIRST, u32::MAX).expect("in range");
    assert_eq!(plan.last(), TimeSlot::FIRST.checked_add(u32::MAX - 1));
    let longest_days = u32::MAX / 4;
    assert_eq!(SlotPlan::for_days(TimeSlot::FIRST, longest_days).map(SlotPlan::len), Ok(longest_days * 4));
    let error = SlotPlan::for_days(TimeSlot::FIRST, longest_days + 1).unwrap_err();
    assert_eq!(error.max(), u64::from(longest_days));
}

#[test]
fn slots_can_be_taken_from_both_ends() {
    let plan = SlotPlan::new(slot_at(0), 3).expect("in range");
    let mut slots = plan.into_iter();
    assert_eq!(slots.len(), 3);
    assert_eq!(slots.next_back(), Some(slot_at(43_200)));
    assert_eq!(slots.next(), Some(slot_at(0)));
    assert_eq!(slots.size_hint(), (1, Some(1)));
    assert_eq!(slots.next_back(), Some(slot_at(21_600)));
    assert_eq!((slots.next(), slots.next_back(), slots.len()), (None, None, 0));
}

proptest! {
    #[test]
    fn plan_contains_its_slots_and_no_others(first in 0..=i64::MAX as u64, len in 0..200_u32) {
        let first = slot_at(first);
        let Ok(plan) = SlotPlan::new(first, len) else {
            prop_assert_eq!(first.checked_add(len - 1), None);
            return Ok(());
        };
        prop_assert_eq!(plan.iter().len(), len as usize);
        prop_assert_eq!(plan.iter().count(), len as usize);
        for (index, slot) in (0..).zip(plan) {
            prop_assert!(plan.contains(slot));
            prop_assert_eq!(plan.get(index), Some(slot));
            prop_assert_eq!(first.checked_add(index), Some(slot));
        }
        prop_assert_eq!(plan.get(len), None);
        prop_assert_eq!(plan.iter().next_back(), plan.last());
        for outside in [first.previous(), first.checked_add(len)].into_iter().flatten() {
            prop_assert!(!plan.contains(outside));
        }
    }
}
