use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_blend_epi32, _mm256_castps_si256, _mm256_castsi256_ps,
    _mm256_cmpgt_epi64, _mm256_extract_epi64, _mm256_movehdup_ps, _mm256_moveldup_ps, _mm256_mul_epu32,
    _mm256_set_epi64x, _mm256_set1_epi64x, _mm256_slli_epi64, _mm256_srli_epi64, _mm256_sub_epi64, _mm256_xor_si256,
};

use crate::Fp;
use crate::fp::EPSILON;

/// Four elements of GF(p), one in each lane: any word stands for its residue, as in [`Fp`].
#[derive(Clone, Copy, Debug)]
pub struct Fpx4(__m256i);

/// Sums of elements: l + h·2^32 in each lane, where l and h are sums of the halves of words.
///
/// # Invariant
///
/// l and h are below 2^60: no more than 2^28 elements make a sum.
#[derive(Clone, Copy, Debug)]
pub struct Sumx4 {
    l: __m256i,
    h: __m256i,
}

impl Fpx4 {
    /// The element of each lane.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn load(elements: &[Fp; 4]) -> Self {
        let [a, b, c, d] = elements.map(|element| element.word().cast_signed());
        Self(_mm256_set_epi64x(d, c, b, a))
    }

    /// The same element in all lanes.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn splat(element: Fp) -> Self {
        Self(splat(element.word()))
    }

    /// The element of each lane.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn store(self) -> [Fp; 4] {
        [
            _mm256_extract_epi64::<0>(self.0),
            _mm256_extract_epi64::<1>(self.0),
            _mm256_extract_epi64::<2>(self.0),
            _mm256_extract_epi64::<3>(self.0),
        ]
        .map(|word| Fp::from_u64_mod_order(word.cast_unsigned()))
    }

    /// The product.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn mul(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let (a_high, b_high) = (copy_high(a), copy_high(b));
        combine([low_product(a, b), low_product(a, b_high), low_product(a_high, b), low_product(a_high, b_high)])
    }

    /// The square.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn square(self) -> Self {
        let (a, a_high) = (self.0, copy_high(self.0));
        let mixed = low_product(a, a_high);
        combine([low_product(a, a), mixed, mixed, low_product(a_high, a_high)])
    }

    /// The product plus `term`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn mul_add(self, other: Self, term: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let (a_high, b_high) = (copy_high(a), high(b));
        // Still below 2^64, as is what `combine` makes of them: (2^32 − 1)² + 2·(2^32 − 1) = 2^64 − 1.
        let low = _mm256_add_epi64(low_product(a, b), low(term.0));
        let mixed = _mm256_add_epi64(low_product(a_high, b), high(term.0));
        combine([low, low_product(a, b_high), mixed, low_product(a_high, b_high)])
    }
}

impl Sumx4 {
    /// A sum of one element.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn new(element: Fpx4) -> Self {
        Self { l: low(element.0), h: high(element.0) }
    }

    /// The sum of both.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn add(self, other: Self) -> Self {
        Self { l: _mm256_add_epi64(self.l, other.l), h: _mm256_add_epi64(self.h, other.h) }
    }

    /// The sum with the same element in all lanes.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn add_splat(self, element: Fp) -> Self {
        self.add(Self { l: splat(element.word() & EPSILON), h: splat(element.word() >> 32) })
    }

    /// The element that this comes to.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn reduce(self) -> Fpx4 {
        let h = _mm256_add_epi64(self.h, high(self.l));
        // What of h is above its lower 32 bits, less than 2^29, counts 2^64 = 2^32 − 1: that and one correction more are below 2^64.
        let above = high(h);
        let above = _mm256_sub_epi64(_mm256_slli_epi64::<32>(above), above);
        let word = flip_top(halves(self.l, h));
        let sum = _mm256_add_epi64(word, above);
        Fpx4(flip_top(_mm256_add_epi64(sum, high(_mm256_cmpgt_epi64(word, sum)))))
    }
}

/// An element with the residue of ll + (lh + hl)·2^32 + hh·2^64, for products of two halves each; all of that is below 2^128.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn combine([ll, lh, hl, hh]: [__m256i; 4]) -> Fpx4 {
    // No sum carries: (2^32 − 1)² + 2^32 − 1 is below 2^64.
    let middle = _mm256_add_epi64(hl, high(ll));
    let middle_2 = _mm256_add_epi64(lh, low(middle));
    let above = _mm256_add_epi64(_mm256_add_epi64(hh, high(middle)), high(middle_2));
    // 2^64 = 2^32 − 1 and 2^96 = −1: less the upper half of what is above the word, plus 2^32 − 1 times the lower. Neither correction
    // wraps again, as in the portable code. Words are compared as signed ones, with their highest bits turned over.
    let word = flip_top(halves(ll, middle_2));
    let difference = _mm256_sub_epi64(word, high(above));
    let difference = _mm256_sub_epi64(difference, high(_mm256_cmpgt_epi64(difference, word)));
    let sum = _mm256_add_epi64(difference, low_product(above, splat(EPSILON)));
    Fpx4(flip_top(_mm256_add_epi64(sum, high(_mm256_cmpgt_epi64(difference, sum)))))
}

/// The product of the lower halves.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn low_product(a: __m256i, b: __m256i) -> __m256i {
    _mm256_mul_epu32(a, b)
}

/// The lower half.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn low(a: __m256i) -> __m256i {
    _mm256_and_si256(a, splat(EPSILON))
}

/// The upper half.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn high(a: __m256i) -> __m256i {
    _mm256_srli_epi64::<32>(a)
}

/// The upper half in the place of the lower, for a product: not by a shift, of which a processor does fewer at a time.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn copy_high(a: __m256i) -> __m256i {
    _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(a)))
}

/// A word of the lower halves of both.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn halves(low: __m256i, high: __m256i) -> __m256i {
    let high = _mm256_castps_si256(_mm256_moveldup_ps(_mm256_castsi256_ps(high)));
    _mm256_blend_epi32::<0b1010_1010>(low, high)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn flip_top(a: __m256i) -> __m256i {
    _mm256_xor_si256(a, splat(1 << 63))
}

/// `word` in all lanes.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn splat(word: u64) -> __m256i {
    _mm256_set1_epi64x(word.cast_signed())
}
