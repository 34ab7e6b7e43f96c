//! Four scalars times the generator, one in each lane, as [`comb`](crate::comb) has it for one: the same table and digits, the same
//! chords. No branch and no address depends on a value.

mod sums;

use sums::Sums;
use zeroize::Zeroizing;

use crate::generator_comb::GENERATOR_COMB;
use crate::windows::{COUNT, odd_digits_x4};
use crate::{Point, Scalar};

/// Each of the scalars times the generator.
#[target_feature(enable = "avx2,fma")]
pub(super) fn mul_generator_x4(scalars: &[&Scalar; 4]) -> [Point; 4] {
    const { assert!(COUNT == 2 * 32) }
    let digits = odd_digits_x4(scalars);
    let mut sums = Sums::vacant();
    for i in 0..COUNT {
        sums.select(i, &GENERATOR_COMB[i], digits[i]);
    }
    // A sum of such a round has every second, fourth, … window, and so not both the first and the last: its chord exists. Four scalars share
    // the inversions, so that these pay to the end. The last two sums have the first and the last window: they take complete formulas.
    sums.add_upper::<32>();
    sums.add_upper::<16>();
    sums.add_upper::<8>();
    sums.add_upper::<4>();
    sums.add_upper::<2>();
    let points = sums.first_two();
    sums.wipe();
    let [first, second] = &*points;
    core::array::from_fn(|lane| Zeroizing::new(first[lane].to_point()).add_torsion(&second[lane]))
}
