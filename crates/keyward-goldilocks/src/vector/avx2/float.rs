use core::arch::x86_64::{
    __m256d, __m256i, _CMP_LE_OQ, _mm256_add_epi64, _mm256_add_pd, _mm256_and_pd, _mm256_and_si256,
    _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_cmpgt_epi64, _mm256_extract_epi64,
    _mm256_movemask_pd, _mm256_or_si256, _mm256_set_epi64x, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_setzero_pd,
    _mm256_slli_epi64, _mm256_srli_epi64, _mm256_sub_epi64, _mm256_sub_pd, _mm256_xor_pd, _mm256_xor_si256,
};

use crate::{Fp, Fp5};

/// Four elements of GF(p^5), one in each lane, in doubles.
///
/// A coefficient is a0 + a1·2^24 + a2·2^48, where the limbs are integers of either sign. Sums and products of limbs are exact,
/// in a double, as long as they are not above 2^53.
///
/// # Invariant
///
/// Limbs are integers. How large they may be is for each operation to say; they are *reduced* if |a0| and |a1| are not above 2^23
/// and |a2| is not above 2^20. So is what [`load`](Self::load) gives, and each product.
///
/// # Time
///
/// Additions and multiplications of doubles take the same time for all values but subnormal ones, which are no integers,
/// and no constant here is one. The results are exact or rounded on purpose, to nearest: Rust code may rely on that mode, since
/// to change it is undefined behaviour.
#[derive(Clone, Copy, Debug)]
pub struct FloatFp5x4 {
    /// `[limb][coefficient]`: the products take all coefficients of a limb together.
    pub(super) limbs: [[__m256d; 5]; 3],
}

/// The bounds of reduced limbs.
pub(super) const REDUCED: [f64; 3] = [pow2(23), pow2(23), pow2(20)];

/// A limb of 24 bits.
const MASK: i64 = 0xff_ffff;

/// Half of the range of each of the lower limbs.
const HALVES: i64 = (1 << 23) + (1 << 47);

/// 2^52, whose lowest bit counts one: an integer below, put in the place of its mantissa, is added to it.
const TWO_52: f64 = pow2(52);

impl FloatFp5x4 {
    /// The elements. Limbs are reduced.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn load(elements: &[Fp5; 4]) -> Self {
        let [a, b, c, d] = elements.each_ref().map(Fp5::words);
        let words = |i: usize| _mm256_set_epi64x(d[i] as i64, c[i] as i64, b[i] as i64, a[i] as i64);
        Self::from_words([words(0), words(1), words(2), words(3), words(4)])
    }

    /// The elements whose coefficients have these words. Limbs are reduced.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn from_words(words: [__m256i; 5]) -> Self {
        let mut limbs = [[_mm256_setzero_pd(); 5]; 3];
        for (i, words) in words.into_iter().enumerate() {
            // The lower 48 bits and half of each limb's range: below 2^49, so that a bit is carried at most.
            let low = _mm256_and_si256(words, _mm256_set1_epi64x((1 << 48) - 1));
            let low = _mm256_add_epi64(low, _mm256_set1_epi64x(HALVES));
            let mask = _mm256_set1_epi64x(MASK);
            // From −2^23 to below 2^23.
            limbs[0][i] = less_half(_mm256_and_si256(low, mask));
            limbs[1][i] = less_half(_mm256_and_si256(_mm256_srli_epi64::<24>(low), mask));
            // Up to 2^16.
            let high = _mm256_add_epi64(_mm256_srli_epi64::<48>(words), _mm256_srli_epi64::<48>(low));
            limbs[2][i] = to_float(high, TWO_52);
        }
        Self { limbs }
    }

    /// The elements, for reduced limbs.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn store(&self) -> [Fp5; 4] {
        debug_assert!(self.is_within(REDUCED), "the limbs are too large");
        let mut elements = [[Fp::ZERO; 5]; 4];
        let [low, middle, high] = &self.limbs;
        for (i, ((low, middle), high)) in low.iter().zip(middle).zip(high).enumerate() {
            let words = to_words([*low, *middle, *high]);
            let words = [
                _mm256_extract_epi64::<0>(words),
                _mm256_extract_epi64::<1>(words),
                _mm256_extract_epi64::<2>(words),
                _mm256_extract_epi64::<3>(words),
            ];
            for (element, word) in elements.iter_mut().zip(words) {
                element[i] = Fp::from_u64_mod_order(word.cast_unsigned());
            }
        }
        elements.map(Fp5::from_coefficients)
    }

    /// The difference, whose limbs are the differences of the limbs.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        let mut difference = *self;
        for (limbs, others) in difference.limbs.iter_mut().zip(&other.limbs) {
            for (limb, other) in limbs.iter_mut().zip(others) {
                *limb = _mm256_sub_pd(*limb, *other);
            }
        }
        difference
    }

    /// The negated element in those lanes whose words have the highest bit set in `signs`; limbs but for their signs as they are.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    #[must_use]
    pub fn negate_where(&self, signs: __m256i) -> Self {
        let signs = _mm256_and_pd(_mm256_castsi256_pd(signs), _mm256_set1_pd(-0.0));
        let mut negated = *self;
        for limb in negated.limbs.as_flattened_mut() {
            *limb = _mm256_xor_pd(*limb, signs);
        }
        negated
    }

    /// Whether no limb is above its bound, of those for a0, a1 and a2.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn is_within(&self, bounds: [f64; 3]) -> bool {
        let is_within = |limb: &__m256d, bound: f64| {
            let magnitude = _mm256_and_pd(*limb, _mm256_castsi256_pd(_mm256_set1_epi64x(i64::MAX)));
            _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(magnitude, _mm256_set1_pd(bound))) == 0b1111
        };
        self.limbs.iter().zip(bounds).all(|(limbs, bound)| limbs.iter().all(|limb| is_within(limb, bound)))
    }
}

/// A word with the residue of each lane, for reduced limbs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_words([low, middle, high]: [__m256d; 3]) -> __m256i {
    // A multiple of p whose limbs are at least as large as the reduced ones may be, so that the sums are not negative:
    // 32·p = 2^69 − 2^37 + 2^5.
    const BIASES: [i64; 3] = [(1 << 24) + (1 << 5), (1 << 24) - (1 << 13) - 1, (1 << 21) - 1];
    const {
        assert!(
            BIASES[0] as i128 + ((BIASES[1] as i128) << 24) + ((BIASES[2] as i128) << 48) == 32 * Fp::MODULUS as i128
        )
    }
    let positive = |limb: __m256d, bias: i64| {
        let sum = _mm256_add_pd(limb, _mm256_set1_pd(TWO_52 + bias as f64));
        _mm256_xor_si256(_mm256_castpd_si256(sum), _mm256_castpd_si256(_mm256_set1_pd(TWO_52)))
    };
    let (low, middle, high) = (positive(low, BIASES[0]), positive(middle, BIASES[1]), positive(high, BIASES[2]));
    // The limbs are below 2^26, 2^26 and 2^22. What of the highest is above its lowest 16 bits counts 2^64 = 2^32 − 1.
    let above = _mm256_srli_epi64::<16>(high);
    let above = _mm256_sub_epi64(_mm256_slli_epi64::<32>(above), above);
    let rest = _mm256_add_epi64(_mm256_add_epi64(low, _mm256_slli_epi64::<24>(middle)), above);
    let high = _mm256_slli_epi64::<48>(high);
    let sum = _mm256_add_epi64(high, rest);
    // There is a comparison of signed words only. The rest is below 2^51, so that the correction carries nothing.
    let top = _mm256_set1_epi64x(i64::MIN);
    let carry = _mm256_cmpgt_epi64(_mm256_xor_si256(high, top), _mm256_xor_si256(sum, top));
    _mm256_add_epi64(sum, _mm256_srli_epi64::<32>(carry))
}

/// A limb of 24 bits less half of its range.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn less_half(limb: __m256i) -> __m256d {
    to_float(limb, TWO_52 + pow2(23))
}

/// An integer below 2^52 less what `minus` has above 2^52.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_float(integer: __m256i, minus: f64) -> __m256d {
    let sum = _mm256_or_si256(integer, _mm256_castpd_si256(_mm256_set1_pd(TWO_52)));
    _mm256_sub_pd(_mm256_castsi256_pd(sum), _mm256_set1_pd(minus))
}

/// 2^`exponent`.
pub(super) const fn pow2(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}
