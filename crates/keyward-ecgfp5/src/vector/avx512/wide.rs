//! Scalars in windows of seven bits, for a batch: the wider the windows, the fewer additions, and the table is read once for eight
//! products. For one product wider windows than those of the portable code do not pay.

use core::arch::x86_64::{
    __m512i, _mm512_abs_epi64, _mm512_and_si512, _mm512_mask_blend_epi64, _mm512_maskz_mov_epi64, _mm512_or_si512,
    _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_sllv_epi64, _mm512_srlv_epi64,
    _mm512_sub_epi64, _mm512_test_epi64_mask,
};

use keyward_goldilocks::vector::load;
use zeroize::Zeroize;

use super::point::AffinePointx8;
use super::table::signed;
use crate::Scalar;
use crate::scalar::add;
use crate::windows::offset;

/// Bits of a window.
const WIDTH: usize = 7;
/// Windows of a scalar.
const COUNT: usize = 46;
/// Digits lie in −`HALF`..=`HALF`.
const HALF: usize = 1 << (WIDTH - 1);

const _: () = assert!(WIDTH * COUNT >= 320);

/// As that of the windows of a single scalar.
const OFFSET: [u64; 5] = offset(WIDTH, COUNT);

/// A window's multiples, word by word.
pub(super) type Row = [[u64; HALF]; 10];

/// The generator's multiples: `[window][word][j]` is of the affine point (j + 1)·2^(7·window)·G.
#[repr(align(64))]
pub(super) struct Table(pub(super) [Row; COUNT]);

/// The signed digits of eight scalars, one window at a time. Wiped on drop.
pub(super) struct Digits([[u64; 8]; 6]);

impl Digits {
    pub(super) fn new(scalars: &[&Scalar; 8]) -> Self {
        // The last limb of all is 0, for the window that reaches beyond the others.
        let mut digits = [[0; 8]; 6];
        for (lane, scalar) in scalars.iter().enumerate() {
            let mut limbs = add(scalar.limbs(), &OFFSET);
            for (limb, eight) in limbs.iter().zip(&mut digits) {
                eight[lane] = *limb;
            }
            limbs.zeroize();
        }
        Self(digits)
    }

    /// The digits of one window, one scalar's in each lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn window(&self, window: usize) -> __m512i {
        // The minimum, of numbers that are not above 4 anyway, is there for the compiler, which would check the indices.
        let (limb, shift) = ((WIDTH * window / 64).min(4), (WIDTH * window % 64) as i64);
        let low = _mm512_srlv_epi64(load(&self.0[limb]), _mm512_set1_epi64(shift));
        // A shift by 64 gives 0.
        let high = _mm512_sllv_epi64(load(&self.0[limb + 1]), _mm512_set1_epi64(64 - shift));
        let bits = _mm512_and_si512(_mm512_or_si512(low, high), _mm512_set1_epi64((1 << WIDTH) - 1));
        // The last window carries no offset.
        let half = if window == COUNT - 1 { 0 } else { HALF as i64 };
        _mm512_sub_epi64(bits, _mm512_set1_epi64(half))
    }

    /// The points of one window's digits, from that window's `row` of the table, in constant time: no address depends on a digit, and a permutation takes the same time
    /// for all indices.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn points(&self, window: usize, row: &Row) -> AffinePointx8 {
        let digits = self.window(window);
        let indices = _mm512_sub_epi64(_mm512_abs_epi64(digits), _mm512_set1_epi64(1));
        // A permutation picks one of 16 entries by the lower four bits.
        let bit_4 = _mm512_test_epi64_mask(indices, _mm512_set1_epi64(16));
        let bit_5 = _mm512_test_epi64_mask(indices, _mm512_set1_epi64(32));
        let present = _mm512_test_epi64_mask(digits, digits);
        let mut words = [_mm512_setzero_si512(); 10];
        for (word, entries) in words.iter_mut().zip(row) {
            const { assert!(HALF == 64) }
            let (eights, _) = entries.as_chunks::<8>();
            let pick = |i: usize| _mm512_permutex2var_epi64(load(&eights[i]), indices, load(&eights[i + 1]));
            let low = _mm512_mask_blend_epi64(bit_4, pick(0), pick(2));
            let high = _mm512_mask_blend_epi64(bit_4, pick(4), pick(6));
            *word = _mm512_maskz_mov_epi64(present, _mm512_mask_blend_epi64(bit_5, low, high));
        }
        signed(words, digits)
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::super::wide_table::WIDE_TABLE;
    use crate::Point;
    use crate::point::AffinePoint;

    #[test]
    fn the_table_is_that_of_the_generator() {
        let mut base = Point::GENERATOR;
        for window in &WIDE_TABLE.0 {
            let mut multiples = [base; 64];
            for i in 1..64 {
                multiples[i] = multiples[i - 1] + base;
            }
            for (j, point) in Point::to_affine(&multiples).map(AffinePoint::to_entry).into_iter().enumerate() {
                assert_eq!(window.map(|entries| entries[j]), point);
            }
            base = multiples[63].double();
        }
    }
}
