use core::iter::FusedIterator;

use crate::{OutOfRange, TimeSlot, UnixSeconds};

/// A run of consecutive time slots to be covered, for example by one pre-generated token each.
///
/// ```
/// use keyward_time::{SlotPlan, TimeSlot, UnixSeconds};
///
/// let today = TimeSlot::containing(UnixSeconds::new(1_763_700_000)?);
/// let plan = SlotPlan::for_days(today, 28)?;
/// assert_eq!(plan.len(), 112);
/// assert_eq!(plan.iter().next(), Some(today));
/// # Ok::<(), keyward_time::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotPlan {
    first: TimeSlot,
    // Invariant: `first` plus `len - 1` slots exists.
    len: u32,
}

impl SlotPlan {
    /// The plan of `len` slots from `first` on; it may be empty.
    ///
    /// # Errors
    /// - the plan reaches past [`TimeSlot::LAST`]
    pub const fn new(first: TimeSlot, len: u32) -> Result<Self, OutOfRange> {
        match OutOfRange::check(len as u64, Self::max_len(first)) {
            Ok(_) => Ok(Self { first, len }),
            Err(error) => Err(error),
        }
    }

    /// The plan of `days` days of four slots each from `first` on.
    ///
    /// # Errors
    /// - the plan has more than 2^32 - 1 slots
    /// - the plan reaches past [`TimeSlot::LAST`]
    pub const fn for_days(first: TimeSlot, days: u32) -> Result<Self, OutOfRange> {
        let max_days = Self::max_len(first) / TimeSlot::PER_DAY as u64;
        match OutOfRange::check(days as u64, max_days) {
            Ok(_) => Self::new(first, days * TimeSlot::PER_DAY),
            Err(error) => Err(error),
        }
    }

    /// The slot with which the plan starts, or would start if it is empty.
    pub const fn first(self) -> TimeSlot {
        self.first
    }

    /// The last slot of the plan; `None` if it is empty.
    pub const fn last(self) -> Option<TimeSlot> {
        match self.len.checked_sub(1) {
            Some(index) => self.get(index),
            None => None,
        }
    }

    /// The number of slots.
    pub const fn len(self) -> u32 {
        self.len
    }

    /// Whether the plan has no slots at all.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The slot at `index`, counted from 0; `None` past the end.
    pub const fn get(self, index: u32) -> Option<TimeSlot> {
        if index < self.len { self.first.checked_add(index) } else { None }
    }

    /// Whether `slot` is one of the plan's.
    pub const fn contains(self, slot: TimeSlot) -> bool {
        match slot.start().checked_secs_since(self.first.start()) {
            Some(secs) => secs / TimeSlot::LENGTH_SECS < self.len as u64,
            None => false,
        }
    }

    /// The slots, earliest first.
    pub const fn iter(self) -> Slots {
        Slots { plan: self, next: 0, end: self.len }
    }

    /// The largest length, at most 2^32 - 1, of a plan from `first` on.
    const fn max_len(first: TimeSlot) -> u64 {
        let slots = (UnixSeconds::MAX.as_secs() - first.start().as_secs()) / TimeSlot::LENGTH_SECS + 1;
        if slots < u32::MAX as u64 { slots } else { u32::MAX as u64 }
    }
}

impl IntoIterator for SlotPlan {
    type Item = TimeSlot;
    type IntoIter = Slots;

    fn into_iter(self) -> Slots {
        self.iter()
    }
}

/// The slots of a [`SlotPlan`], earliest first.
#[derive(Debug, Clone)]
pub struct Slots {
    plan: SlotPlan,
    next: u32,
    end: u32,
}

impl Iterator for Slots {
    type Item = TimeSlot;

    fn next(&mut self) -> Option<TimeSlot> {
        if self.next == self.end {
            return None;
        }
        let slot = self.plan.get(self.next);
        self.next += 1;
        slot
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = (self.end - self.next) as usize;
        (len, Some(len))
    }
}

impl DoubleEndedIterator for Slots {
    fn next_back(&mut self) -> Option<TimeSlot> {
        if self.next == self.end {
            return None;
        }
        self.end -= 1;
        self.plan.get(self.end)
    }
}

impl ExactSizeIterator for Slots {}

impl FusedIterator for Slots {}
