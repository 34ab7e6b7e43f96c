use super::{Factor, Fpx8, Products};
use crate::{Fp, Fp5};

/// Four elements of GF(p^5), each in two lanes: coefficients 0, 1 and 2 are in lane i, 3 and 4 in lane i + 4. So the four
/// products of two of these take three quarters of the instructions that eight take.
///
/// What [`Fpx8`] says of limbs holds for those of all coefficients. Where coefficient 5 would be there is something, as small as the
/// others, that no element depends on.
#[derive(Clone, Copy, Debug)]
pub struct SplitFp5x4([Fpx8; 3]);

impl SplitFp5x4 {
    /// The elements, in order. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn load(elements: &[Fp5; 4]) -> Self {
        let [a, b, c, d] = elements.map(|element| element.coefficients());
        let three = |i: usize, j: usize| Fpx8::load(&[a[i], b[i], c[i], d[i], a[j], b[j], c[j], d[j]]);
        Self([three(0, 3), three(1, 4), three(2, 2)])
    }

    /// The elements, in order, for limbs below 2^63.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn store(&self) -> [Fp5; 4] {
        let [c03, c14, c2] = self.0;
        let (c03, c14, c2): ([Fp; 8], [Fp; 8], [Fp; 8]) = (c03.store(), c14.store(), c2.store());
        core::array::from_fn(|i| Fp5::from_coefficients([c03[i], c14[i], c2[i], c03[i + 4], c14[i + 4]]))
    }

    /// Zero.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn zero() -> Self {
        Self([Fpx8::splat(Fp::ZERO); 3])
    }

    /// The sum, whose limbs are the sums of the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add(&self, other: &Self) -> Self {
        self.add_where(0b1111, other)
    }

    /// The sum for each element whose bit is set in `elements`; the others as they are. Limbs are the sums of the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add_where(&self, elements: u8, other: &Self) -> Self {
        let ([a0, a1, a2], [b0, b1, b2]) = (self.0, other.0);
        let mask = lanes(elements);
        Self([a0.add_where(mask, b0), a1.add_where(mask, b1), a2.add_where(mask, b2)])
    }

    /// The difference: [`Fpx8::sub_below`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub_below<const BITS: u32>(&self, other: &Self) -> Self {
        let ([a0, a1, a2], [b0, b1, b2]) = (self.0, other.0);
        Self([a0.sub_below::<BITS>(b0), a1.sub_below::<BITS>(b1), a2.sub_below::<BITS>(b2)])
    }

    /// The sum with `other * factor * z`. Limbs of `other` and their multiples by 3·`factor` must be below 2^52.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_times_z(&self, other: &Self, factor: u32) -> Self {
        // z^5 = 3.
        let ([a0, a1, a2], [b03, b14, b2]) = (self.0, other.0);
        Self([
            a0.plus_times_halves(b14.upper_lower(b2), [3 * factor, factor]),
            a1.plus_times(b03, factor),
            a2.plus_times(b14, factor),
        ])
    }

    /// The same elements with reduced limbs: [`Fpx8::reduce`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn reduce(&self) -> Self {
        let [a0, a1, a2] = self.0;
        Self([a0.reduce(), a1.reduce(), a2.reduce()])
    }

    /// Element i is element `ORDER[i]` of `self`, for an `ORDER` as [`order`] has it.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn permute<const ORDER: i32>(&self) -> Self {
        let [a0, a1, a2] = self.0;
        Self([a0.permute_halves::<ORDER>(), a1.permute_halves::<ORDER>(), a2.permute_halves::<ORDER>()])
    }

    /// Each element of `self`, or of `other` where its bit is set in `elements`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(&self, elements: u8, other: &Self) -> Self {
        let ([a0, a1, a2], [b0, b1, b2]) = (self.0, other.0);
        let mask = lanes(elements);
        Self([a0.blend(b0, mask), a1.blend(b1, mask), a2.blend(b2, mask)])
    }

    /// Each element whose bit is set in `elements` is replaced by element `ORDER[i]` of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn replace<const ORDER: i32>(&self, elements: u8, other: &Self) -> Self {
        let ([a0, a1, a2], [b0, b1, b2]) = (self.0, other.0);
        let mask = lanes(elements);
        Self([a0.replace::<ORDER>(mask, b0), a1.replace::<ORDER>(mask, b1), a2.replace::<ORDER>(mask, b2)])
    }

    /// The products, reduced, for limbs of the two that have a product below 2^77: both below 2^38, for instance.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(&self, other: &Self) -> Self {
        let [a03, a14, a2] = self.0;
        // In both halves: each is multiplied for the three coefficients of either.
        let (a0, a1, a2, a3, a4) = (
            Factor::new(a03.lower_lower(a03)),
            Factor::new(a14.lower_lower(a14)),
            Factor::new(a2.lower_lower(a2)),
            Factor::new(a03.upper_upper(a03)),
            Factor::new(a14.upper_upper(a14)),
        );
        // What coefficient i is multiplied by for coefficient i + m in the lower half, i + m + 3 in the upper: b_m and b_(m + 3), where an
        // index that z^5 = 3 brings back counts three times.
        let [b03, b14, b2] = other.0;
        let [w03, w14, w2] = other.0.map(|c| c.add(c).add(c));
        let minus_1 = Factor::new(w14.upper_lower(b2));
        let minus_2 = Factor::new(w03.upper_lower(b14));
        let minus_3 = Factor::new(w2.lower_lower(b03));
        let minus_4 = Factor::new(w14);
        let (b03, b14, b2) = (Factor::new(b03), Factor::new(b14), Factor::new(b2));
        let zero = Products::zero();
        Self([
            zero.plus(a0, b03).plus(a1, minus_1).plus(a2, minus_2).plus(a3, minus_3).plus(a4, minus_4).reduce(),
            zero.plus(a0, b14).plus(a1, b03).plus(a2, minus_1).plus(a3, minus_2).plus(a4, minus_3).reduce(),
            zero.plus(a0, b2).plus(a1, b14).plus(a2, b03).plus(a3, minus_1).plus(a4, minus_2).reduce(),
        ])
    }
}

/// The order of four elements as [`SplitFp5x4::permute`] takes it: element i comes from `from[i]`.
///
/// # Panics
/// If an index is above 3.
#[must_use]
pub const fn order(from: [u8; 4]) -> i32 {
    let [a, b, c, d] = from;
    assert!(a < 4 && b < 4 && c < 4 && d < 4, "there are four elements");
    (a | b << 2 | c << 4 | d << 6) as i32
}

/// The lanes of some elements.
fn lanes(elements: u8) -> u8 {
    debug_assert!(elements < 16, "there are four elements");
    elements | elements << 4
}
