//! Inputs that lean on the edges: the words around 0, 2^32, p/2, p and 2^64, and unreduced representations of them.

use core::array;

use keyward_goldilocks::{Fp, Fp5};
use proptest::prelude::*;
use proptest::sample::select;

const P: u64 = 0xFFFF_FFFF_0000_0001;

/// Words where a carry, a borrow or the reduction modulo p changes its course.
pub(crate) const EDGES: [u64; 26] = [
    0,
    1,
    2,
    3,
    7,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x1_0000_0001,
    0x1_FFFF_FFFE,
    0x7FFF_FFFF_8000_0000,
    0x7FFF_FFFF_8000_0001,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_FFFE_0000_0001,
    0xFFFF_FFFE_FFFF_FFFF,
    P - 2,
    P - 1,
    P,
    P + 1,
    0xFFFF_FFFF_7FFF_FFFF,
    0xFFFF_FFFF_8000_0000,
    0xFFFF_FFFF_FFFF_FFFE,
    0xFFFF_FFFF_FFFF_FFFF,
];

/// How a word becomes an element: several ways, because one that leaves its sums unreduced holds a different word for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Making {
    Reduced,
    /// As a sum of two halves.
    Halves,
    /// As a sum of a part of at most p - 1 and the rest, so that words from p to 2^64 - 1 arise as unreduced sums.
    Overflow,
    /// As a product by one.
    Product,
}

pub(crate) const MAKINGS: [Making; 4] = [Making::Reduced, Making::Halves, Making::Overflow, Making::Product];

impl Making {
    pub(crate) fn make(self, word: u64) -> Fp {
        match self {
            Making::Reduced => Fp::from_u64_mod_order(word),
            Making::Halves => Fp::from_u64_mod_order(word / 2) + Fp::from_u64_mod_order(word - word / 2),
            Making::Overflow => {
                let low = word.min(P - 1);
                Fp::from_u64_mod_order(low) + Fp::from_u64_mod_order(word - low)
            }
            Making::Product => Fp::from_u64_mod_order(word) * Fp::ONE,
        }
    }
}

pub(crate) fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => any::<u64>(),
        3 => select(&EDGES[..]),
        1 => (select(&EDGES[..]), 0u64..16).prop_map(|(edge, step)| edge.wrapping_add(step).wrapping_sub(8)),
        1 => (0u32..64).prop_map(|bit| 1 << bit),
    ]
}

pub(crate) fn making() -> impl Strategy<Value = Making> {
    select(&MAKINGS[..])
}

/// An element and a word that it is congruent to.
pub(crate) fn fp() -> impl Strategy<Value = (Fp, u64)> {
    (word(), making()).prop_map(|(word, making)| (making.make(word), word))
}

pub(crate) fn words() -> impl Strategy<Value = [u64; 5]> {
    prop_oneof![
        4 => array::from_fn::<_, 5, _>(|_| word()),
        1 => word().prop_map(|word| [word; 5]),
        1 => word().prop_map(|word| [word, 0, 0, 0, 0]),
        1 => (word(), 0..5usize).prop_map(|(word, i)| array::from_fn(|j| if i == j { word } else { 0 })),
    ]
}

/// An element and five words that its coefficients are congruent to.
pub(crate) fn fp5() -> impl Strategy<Value = (Fp5, [u64; 5])> {
    (words(), array::from_fn::<_, 5, _>(|_| making())).prop_map(|(words, makings)| {
        let coefficients = array::from_fn(|i| makings[i].make(words[i]));
        (Fp5::from_coefficients(coefficients), words)
    })
}
