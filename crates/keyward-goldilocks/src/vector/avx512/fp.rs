use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmplt_epu64_mask, _mm512_loadu_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_add_epi64, _mm512_mask_blend_epi64, _mm512_mask_permutex_epi64, _mm512_or_si512,
    _mm512_permutex_epi64, _mm512_permutex2var_epi64, _mm512_permutexvar_epi64, _mm512_set_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_shuffle_i64x2, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_si512,
    _mm512_sub_epi64, _mm512_ternarylogic_epi64,
};

use crate::Fp;

/// Eight elements of GF(p), one in each lane.
///
/// An element is l + h·φ with φ = 2^32, where the limbs l and h may exceed 32 bits, so that sums need no carry. Products
/// are cheap by φ² = φ − 1.
///
/// # Invariant
///
/// None that the type keeps: how large limbs may be is for each operation to say. They are *reduced* if they are not above
/// [`REDUCED`](Self::REDUCED), which is what products are and what [`load`](Self::load) gives.
#[derive(Clone, Copy, Debug)]
pub struct Fpx8 {
    l: __m512i,
    h: __m512i,
}

const MASK: u64 = 0xffff_ffff;

impl Fpx8 {
    /// The bound of reduced limbs.
    pub const REDUCED: u64 = (1 << 34) - 8;

    /// The element of each lane. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn load(elements: &[Fp; 8]) -> Self {
        Self::from_words(load(&elements.map(Fp::word)))
    }

    /// The elements with these words, one in each lane. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn from_words(words: __m512i) -> Self {
        Self { l: _mm512_and_si512(words, splat(MASK)), h: _mm512_srli_epi64::<32>(words) }
    }

    /// The elements l + h·2^32, with these limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn from_limbs(l: __m512i, h: __m512i) -> Self {
        Self { l, h }
    }

    /// The same element in all lanes. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn splat(element: Fp) -> Self {
        Self { l: splat(element.word() & MASK), h: splat(element.word() >> 32) }
    }

    /// The element of each lane, for limbs below 2^63.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn store(self) -> [Fp; 8] {
        store(self.to_words()).map(Fp::from_u64_mod_order)
    }

    /// A word with the residue of each lane, for limbs below 2^63. It need not be canonical.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn to_words(self) -> __m512i {
        debug_assert!(self.is_below(1 << 63), "the limbs are too large");
        // l + h·2^32 = low + 2^64·high, and 2^64 = 2^32 − 1.
        let h = _mm512_add_epi64(self.h, _mm512_srli_epi64::<32>(self.l));
        let low = _mm512_or_si512(_mm512_slli_epi64::<32>(h), _mm512_and_si512(self.l, splat(MASK)));
        let high = _mm512_srli_epi64::<32>(h);
        let sum = _mm512_add_epi64(low, _mm512_sub_epi64(_mm512_slli_epi64::<32>(high), high));
        let carry = _mm512_cmplt_epu64_mask(sum, low);
        _mm512_mask_add_epi64(sum, carry, sum, splat(MASK))
    }

    /// The sum, whose limbs are the sums of the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add(self, other: Self) -> Self {
        Self { l: _mm512_add_epi64(self.l, other.l), h: _mm512_add_epi64(self.h, other.h) }
    }

    /// The difference, for an `other` that is reduced. Adds at most 2^34 + 4 to the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub(self, other: Self) -> Self {
        self.sub_below::<34>(other)
    }

    /// The difference, for an `other` whose limbs are not above 2^`BITS` − 2^(`BITS` − 31). Adds at most 2^`BITS` +
    /// 2^(`BITS` − 32) to the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub_below<const BITS: u32>(self, other: Self) -> Self {
        const { assert!(BITS >= 32 && BITS < 52) }
        // A multiple of p: 2^(BITS − 32) times (2^32 + 1) + (2^32 − 2)·2^32.
        let l = splat((1 << BITS) + (1 << (BITS - 32)));
        let h = splat((1 << BITS) - (2 << (BITS - 32)));
        debug_assert!(below_or_equal(other.l, l) && below_or_equal(other.h, h), "the limbs are too large");
        Self {
            l: _mm512_add_epi64(self.l, _mm512_sub_epi64(l, other.l)),
            h: _mm512_add_epi64(self.h, _mm512_sub_epi64(h, other.h)),
        }
    }

    /// Multiplied by a small factor, as are the limbs. These and their multiples must be below 2^52.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn times(self, factor: u32) -> Self {
        let zero = _mm512_setzero_si512();
        Self { l: zero, h: zero }.plus_times(self, factor)
    }

    /// The sum with `other * factor`, as are the limbs. Those of `other` and their multiples must be below 2^52.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_times(self, other: Self, factor: u32) -> Self {
        let largest = splat(((1 << 52) - 1) / u64::from(factor.max(1)));
        debug_assert!(below_or_equal(other.l, largest) && below_or_equal(other.h, largest), "the limbs are too large");
        let factor = splat(u64::from(factor));
        Self { l: _mm512_madd52lo_epu64(self.l, other.l, factor), h: _mm512_madd52lo_epu64(self.h, other.h, factor) }
    }

    /// [`plus_times`](Self::plus_times) a factor for the lower four lanes and one for the upper.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus_times_halves(self, other: Self, factors: [u32; 2]) -> Self {
        let largest = halves(factors.map(|factor| ((1 << 52) - 1) / u64::from(factor.max(1))));
        debug_assert!(below_or_equal(other.l, largest) && below_or_equal(other.h, largest), "the limbs are too large");
        let factors = halves(factors.map(u64::from));
        Self { l: _mm512_madd52lo_epu64(self.l, other.l, factors), h: _mm512_madd52lo_epu64(self.h, other.h, factors) }
    }

    /// The sum in each lane whose bit is set in `mask`, the lane of `self` in the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add_where(self, mask: u8, other: Self) -> Self {
        Self {
            l: _mm512_mask_add_epi64(self.l, mask, self.l, other.l),
            h: _mm512_mask_add_epi64(self.h, mask, self.h, other.h),
        }
    }

    /// The product, reduced, for limbs below 2^39.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(self, other: Self) -> Self {
        Products::zero().plus(Factor::new(self), Factor::new(other)).reduce()
    }

    /// The square, reduced, for limbs below 2^39.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn square(self) -> Self {
        let factor = Factor::new(self);
        Products::zero().plus(factor, factor).reduce()
    }

    /// The same elements with reduced limbs, for limbs below 2^62.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn reduce(self) -> Self {
        debug_assert!(self.is_below(1 << 62), "the limbs are too large");
        // 2^32·k·φ = k·φ − k. The multiple of p keeps l from becoming negative.
        let (k0, k1) = (_mm512_srli_epi64::<32>(self.l), _mm512_srli_epi64::<32>(self.h));
        let l = _mm512_and_si512(self.l, splat(MASK));
        let h = _mm512_and_si512(self.h, splat(MASK));
        Self {
            l: _mm512_add_epi64(l, _mm512_sub_epi64(splat((1 << 32) + 1), k1)),
            h: _mm512_add_epi64(_mm512_add_epi64(h, splat((1 << 32) - 2)), _mm512_add_epi64(k0, k1)),
        }
    }

    /// Whether all limbs are below `bound`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn is_below(self, bound: u64) -> bool {
        below_or_equal(self.l, splat(bound - 1)) && below_or_equal(self.h, splat(bound - 1))
    }

    /// Each lane of `self`, or of `other` where the bit of the lane is set in `mask`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(self, other: Self, mask: u8) -> Self {
        Self { l: _mm512_mask_blend_epi64(mask, self.l, other.l), h: _mm512_mask_blend_epi64(mask, self.h, other.h) }
    }

    /// Lane i is lane `lanes[i]` of `self`, or, from 8 on, lane `lanes[i] - 8` of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn pick(self, other: Self, lanes: __m512i) -> Self {
        Self {
            l: _mm512_permutex2var_epi64(self.l, lanes, other.l),
            h: _mm512_permutex2var_epi64(self.h, lanes, other.h),
        }
    }

    /// Lane i is lane `lanes[i]` of `self`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn permute(self, lanes: __m512i) -> Self {
        Self { l: _mm512_permutexvar_epi64(lanes, self.l), h: _mm512_permutexvar_epi64(lanes, self.h) }
    }
}

/// Moves by halves of four lanes, which need no vector of indices.
impl Fpx8 {
    /// Lane i is lane `ORDER[i]` of its own half, two bits each.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn permute_halves<const ORDER: i32>(self) -> Self {
        Self { l: _mm512_permutex_epi64::<ORDER>(self.l), h: _mm512_permutex_epi64::<ORDER>(self.h) }
    }

    /// Each lane whose bit is set in `mask` is lane `ORDER[i]` of the same half of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn replace<const ORDER: i32>(self, mask: u8, other: Self) -> Self {
        Self {
            l: _mm512_mask_permutex_epi64::<ORDER>(self.l, mask, other.l),
            h: _mm512_mask_permutex_epi64::<ORDER>(self.h, mask, other.h),
        }
    }

    /// The lower half of `self`, then that of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn lower_lower(self, other: Self) -> Self {
        self.shuffle::<0b01_00_01_00>(other)
    }

    /// The upper half of `self`, then the lower one of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn upper_lower(self, other: Self) -> Self {
        self.shuffle::<0b01_00_11_10>(other)
    }

    /// The upper half of `self`, then that of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn upper_upper(self, other: Self) -> Self {
        self.shuffle::<0b11_10_11_10>(other)
    }

    /// Two quarters of `self`, then two of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn shuffle<const QUARTERS: i32>(self, other: Self) -> Self {
        Self {
            l: _mm512_shuffle_i64x2::<QUARTERS>(self.l, other.l),
            h: _mm512_shuffle_i64x2::<QUARTERS>(self.h, other.h),
        }
    }
}

/// Elements prepared to be multiplied: their limbs and the sum of these.
#[derive(Clone, Copy, Debug)]
pub struct Factor {
    l: __m512i,
    h: __m512i,
    sum: __m512i,
}

impl Factor {
    /// For limbs whose sum is below 2^52.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn new(element: Fpx8) -> Self {
        let sum = _mm512_add_epi64(element.l, element.h);
        debug_assert!(below_or_equal(sum, splat((1 << 52) - 1)), "the limbs are too large");
        Self { l: element.l, h: element.h, sum }
    }

    /// The limbs' sum.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn sum(self) -> __m512i {
        self.sum
    }

    /// [`new`](Self::new), given its work.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn with_sum(element: Fpx8, sum: __m512i) -> Self {
        Self { l: element.l, h: element.h, sum }
    }

    /// Three times the elements, for limbs whose sum is below 2^50.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn triple(self) -> Self {
        debug_assert!(below_or_equal(self.sum, splat((1 << 50) - 1)), "the limbs are too large");
        let three = splat(3);
        let zero = _mm512_setzero_si512();
        Self {
            l: _mm512_madd52lo_epu64(zero, self.l, three),
            h: _mm512_madd52lo_epu64(zero, self.h, three),
            sum: _mm512_madd52lo_epu64(zero, self.sum, three),
        }
    }
}

/// A sum of products that is reduced once, at its end.
///
/// (a + b·φ)(c + d·φ) = ac − bd + φ·((a + b)(c + d) − ac): three products of limbs, of which the lower 52 bits and the rest
/// are summed up each for itself.
#[derive(Clone, Copy, Debug)]
pub struct Products {
    ll: [__m512i; 2],
    hh: [__m512i; 2],
    sums: [__m512i; 2],
}

/// 2^25·p = (2^57 + 2^25) + (2^57 − 2^26)·φ: keeps differences of lower parts positive, for up to 16 products.
const BIAS: [u64; 2] = [(1 << 57) + (1 << 25), (1 << 57) - (1 << 26)];
/// Keeps a difference of upper parts positive.
const HIGH_BIAS: u64 = 1 << 31;

impl Products {
    /// No product.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn zero() -> Self {
        let zero = _mm512_setzero_si512();
        Self {
            ll: [zero, splat(HIGH_BIAS)],
            hh: [splat((BIAS[0] - (HIGH_BIAS << 20)).wrapping_neg()), zero],
            // What the reduction adds to l as 2^32 it has too much, by 1 in h.
            sums: [splat(BIAS[1] - 1), zero],
        }
    }

    /// The sum with elements, whose limbs must be below 2^56. There may be one in a sum, added or subtracted.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_element(self, element: Fpx8) -> Self {
        debug_assert!(element.is_below(1 << 56), "the limbs are too large");
        Self {
            hh: [_mm512_sub_epi64(self.hh[0], element.l), self.hh[1]],
            sums: [_mm512_add_epi64(self.sums[0], element.h), self.sums[1]],
            ..self
        }
    }

    /// The difference with elements, whose limbs must be below 2^55. There may be one in a sum, added or subtracted.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn minus_element(self, element: Fpx8) -> Self {
        debug_assert!(element.is_below(1 << 55), "the limbs are too large");
        Self {
            hh: [_mm512_add_epi64(self.hh[0], element.l), self.hh[1]],
            sums: [_mm512_sub_epi64(self.sums[0], element.h), self.sums[1]],
            ..self
        }
    }

    /// The sum with `a * b`.
    ///
    /// There may be 16 products in a sum. Of all of them, (a_l + a_h)·(b_l + b_h) must sum up to less than 2^83.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus(self, a: Factor, b: Factor) -> Self {
        Self {
            ll: multiply_add(self.ll, a.l, b.l),
            hh: multiply_add(self.hh, a.h, b.h),
            sums: multiply_add(self.sums, a.sum, b.sum),
        }
    }

    /// The sum itself, reduced: limbs are so far below 2^33 that [`sub_below::<33>`](Fpx8::sub_below) takes it.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn reduce(self) -> Fpx8 {
        debug_assert!(below_or_equal(self.sums[1], splat(HIGH_BIAS - 1)), "the factors are too large");
        // The upper parts weigh 2^52 = 2^20·φ. A multiplication by 2^20 is a shift that comes with an addition.
        let shift = splat(1 << 20);
        let c0 = _mm512_madd52lo_epu64(
            _mm512_sub_epi64(self.ll[0], self.hh[0]),
            _mm512_sub_epi64(self.ll[1], self.sums[1]),
            shift,
        );
        let c1 = _mm512_madd52lo_epu64(
            _mm512_sub_epi64(self.sums[0], self.ll[0]),
            _mm512_sub_epi64(self.sums[1], self.hh[1]),
            shift,
        );
        // 2^32·k·φ = k·φ − k.
        let (k0, k1) = (_mm512_srli_epi64::<32>(c0), _mm512_srli_epi64::<32>(c1));
        // (c0 & MASK) | 2^32, the function being "a and b, or c".
        let l = _mm512_ternarylogic_epi64::<0b1110_1010>(c0, splat(MASK), splat(1 << 32));
        let h = _mm512_and_si512(c1, splat(MASK));
        Fpx8 { l: _mm512_sub_epi64(l, k1), h: _mm512_add_epi64(h, _mm512_add_epi64(k0, k1)) }
    }
}

/// `[low, high] + a·b`, where the parts are of 52 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn multiply_add([low, high]: [__m512i; 2], a: __m512i, b: __m512i) -> [__m512i; 2] {
    [_mm512_madd52lo_epu64(low, a, b), _mm512_madd52hi_epu64(high, a, b)]
}

/// `word` in all lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

/// One word in the lower four lanes, one in the upper.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn halves(words: [u64; 2]) -> __m512i {
    let [lower, upper] = words.map(u64::cast_signed);
    _mm512_set_epi64(upper, upper, upper, upper, lower, lower, lower, lower)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn below_or_equal(a: __m512i, b: __m512i) -> bool {
    _mm512_cmplt_epu64_mask(b, a) == 0
}

/// Eight words, the first in lane 0.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
#[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
pub fn load(words: &[u64; 8]) -> __m512i {
    // SAFETY: the 64 bytes that are read, at any alignment, are those of the array.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
#[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
fn store(vector: __m512i) -> [u64; 8] {
    let mut words = [0; 8];
    // SAFETY: the 64 bytes that are written, at any alignment, are those of the array.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
    words
}
