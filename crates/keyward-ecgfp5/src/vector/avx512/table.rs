use core::arch::x86_64::{
    __m512i, _mm512_abs_epi64, _mm512_mask_sub_epi64, _mm512_maskz_permutex2var_epi64, _mm512_movepi64_mask,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_sub_epi64, _mm512_ternarylogic_epi64, _mm512_test_epi64_mask,
};

use keyward_goldilocks::Fp;
use keyward_goldilocks::vector::{Fp5x8, Fpx8, load};

use super::point::AffinePointx8;
use crate::generator_table::GENERATOR_TABLE;
use crate::windows::{COUNT, HALF};

/// A window's multiples: `[word][half][entry]`, each word of all of them in two vectors.
pub(super) type Row = [[[u64; 8]; 2]; 10];

/// [`GENERATOR_TABLE`], turned over for look-ups by permutation: 80 KiB that the compiler fills.
#[repr(align(64))]
pub(super) struct Table([Row; COUNT]);

pub(super) static TABLE: Table = {
    let mut table = [[[[0; 8]; 2]; 10]; COUNT];
    let mut window = 0;
    while window < COUNT {
        let mut entry = 0;
        while entry < HALF {
            let mut word = 0;
            while word < 10 {
                table[window][word][entry / 8][entry % 8] = GENERATOR_TABLE[window][entry][word];
                word += 1;
            }
            entry += 1;
        }
        window += 1;
    }
    Table(table)
};

impl Table {
    /// The rows of eight neighbouring windows.
    #[inline]
    pub(super) fn step(&self, step: usize) -> &[Row; 8] {
        &self.0.as_chunks().0[step]
    }
}

/// The point of each row for the digit in its lane, in constant time: no address depends on a digit, and a permutation takes the
/// same time for all indices.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn select_each(rows: &[Row; 8], digits: __m512i) -> AffinePointx8 {
    let (indices, present) = indices(digits);
    let mut words = [_mm512_setzero_si512(); 10];
    for (pair, lane) in rows.as_chunks::<2>().0.iter().zip([0, 2, 4, 6]) {
        for (i, word) in words.iter_mut().enumerate() {
            let first = pick(&pair[0][i], indices, present & 1 << lane);
            let second = pick(&pair[1][i], indices, present & 2 << lane);
            // "a or b or c".
            *word = _mm512_ternarylogic_epi64::<0b1111_1110>(*word, first, second);
        }
    }
    signed(words, digits)
}

/// Where a digit's point is in its row, and for which lanes there is one: not for 0.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn indices(digits: __m512i) -> (__m512i, u8) {
    let indices = _mm512_sub_epi64(_mm512_abs_epi64(digits), _mm512_set1_epi64(1));
    (indices, _mm512_test_epi64_mask(digits, digits))
}

/// The candidate that each lane's index names, for the lanes in `mask`, else 0.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn pick([low, high]: &[[u64; 8]; 2], indices: __m512i, mask: u8) -> __m512i {
    const { assert!(HALF == 16) }
    _mm512_maskz_permutex2var_epi64(mask, load(low), indices, load(high))
}

/// The points with these canonical words, negated for a negative digit.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn signed([x0, x1, x2, x3, x4, u0, u1, u2, u3, u4]: [__m512i; 10], digits: __m512i) -> AffinePointx8 {
    let negative = _mm512_movepi64_mask(digits);
    let modulus = _mm512_set1_epi64(Fp::MODULUS.cast_signed());
    // p is a form of 0.
    let [u0, u1, u2, u3, u4] = [
        _mm512_mask_sub_epi64(u0, negative, modulus, u0),
        _mm512_mask_sub_epi64(u1, negative, modulus, u1),
        _mm512_mask_sub_epi64(u2, negative, modulus, u2),
        _mm512_mask_sub_epi64(u3, negative, modulus, u3),
        _mm512_mask_sub_epi64(u4, negative, modulus, u4),
    ];
    AffinePointx8 { x: from_words([x0, x1, x2, x3, x4]), u: from_words([u0, u1, u2, u3, u4]) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn from_words([a0, a1, a2, a3, a4]: [__m512i; 5]) -> Fp5x8 {
    Fp5x8::from_coefficients([
        Fpx8::from_words(a0),
        Fpx8::from_words(a1),
        Fpx8::from_words(a2),
        Fpx8::from_words(a3),
        Fpx8::from_words(a4),
    ])
}
