use core::arch::x86_64::__m512i;

use super::{Factor, Fpx8, Products};
use crate::{Fp, Fp5};

/// Eight elements of GF(p^5), one in each lane.
///
/// What [`Fpx8`] says of limbs holds for those of all coefficients.
#[derive(Clone, Copy, Debug)]
pub struct Fp5x8([Fpx8; 5]);

impl Fp5x8 {
    /// The elements a0 + a1·z + a2·z² + a3·z³ + a4·z⁴ for `[a0, a1, a2, a3, a4]`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn from_coefficients(coefficients: [Fpx8; 5]) -> Self {
        Self(coefficients)
    }

    /// Zero.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn zero() -> Self {
        Self::splat(&Fp5::ZERO)
    }

    /// The coefficients.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn coefficients(&self) -> &[Fpx8; 5] {
        &self.0
    }

    /// The element of each lane. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn load(elements: &[Fp5; 8]) -> Self {
        let [a0, a1, a2, a3, a4] = [0, 1, 2, 3, 4].map(|i| elements.map(|element| element.coefficients()[i]));
        Self([Fpx8::load(&a0), Fpx8::load(&a1), Fpx8::load(&a2), Fpx8::load(&a3), Fpx8::load(&a4)])
    }

    /// The same element in all lanes. Limbs are below 2^32.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn splat(element: &Fp5) -> Self {
        let [a0, a1, a2, a3, a4] = element.coefficients();
        Self([Fpx8::splat(a0), Fpx8::splat(a1), Fpx8::splat(a2), Fpx8::splat(a3), Fpx8::splat(a4)])
    }

    /// The element of each lane, for limbs below 2^63.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn store(&self) -> [Fp5; 8] {
        let [a0, a1, a2, a3, a4] = self.0;
        let coefficients = [a0.store(), a1.store(), a2.store(), a3.store(), a4.store()];
        core::array::from_fn(|lane| Fp5::from_coefficients(coefficients.map(|eight: [Fp; 8]| eight[lane])))
    }

    /// The sum, whose limbs are the sums of the limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn add(&self, other: &Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0.add(b0), a1.add(b1), a2.add(b2), a3.add(b3), a4.add(b4)])
    }

    /// The difference: [`Fpx8::sub`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub(&self, other: &Self) -> Self {
        self.sub_below::<34>(other)
    }

    /// The difference: [`Fpx8::sub_below`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn sub_below<const BITS: u32>(&self, other: &Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            a0.sub_below::<BITS>(b0),
            a1.sub_below::<BITS>(b1),
            a2.sub_below::<BITS>(b2),
            a3.sub_below::<BITS>(b3),
            a4.sub_below::<BITS>(b4),
        ])
    }

    /// Multiplied by a small factor: [`Fpx8::times`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn times(&self, factor: u32) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        Self([a0.times(factor), a1.times(factor), a2.times(factor), a3.times(factor), a4.times(factor)])
    }

    /// Multiplied by `factor`·z: limbs become up to 3·`factor` times as large, and must stay below 2^52.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn times_z(&self, factor: u32) -> Self {
        // z^5 = 3.
        let [a0, a1, a2, a3, a4] = self.0;
        Self([a4.times(3 * factor), a0.times(factor), a1.times(factor), a2.times(factor), a3.times(factor)])
    }

    /// The sum with `other * factor`: [`Fpx8::plus_times`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_times(&self, other: &Self, factor: u32) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            a0.plus_times(b0, factor),
            a1.plus_times(b1, factor),
            a2.plus_times(b2, factor),
            a3.plus_times(b3, factor),
            a4.plus_times(b4, factor),
        ])
    }

    /// The sum with `other * factor * z`, on whose limbs there are the limits of [`times_z`](Self::times_z).
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn plus_times_z(&self, other: &Self, factor: u32) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            a0.plus_times(b4, 3 * factor),
            a1.plus_times(b0, factor),
            a2.plus_times(b1, factor),
            a3.plus_times(b2, factor),
            a4.plus_times(b3, factor),
        ])
    }

    /// The product, reduced: [`Factor5::mul`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(&self, other: &Self) -> Self {
        Factor5::new(other).mul(self)
    }

    /// The same elements with reduced limbs: [`Fpx8::reduce`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn reduce(&self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        Self([a0.reduce(), a1.reduce(), a2.reduce(), a3.reduce(), a4.reduce()])
    }

    /// Each lane of `self`, or of `other` where the bit of the lane is set in `mask`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn blend(&self, other: &Self, mask: u8) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0.blend(b0, mask), a1.blend(b1, mask), a2.blend(b2, mask), a3.blend(b3, mask), a4.blend(b4, mask)])
    }

    /// Lane i is lane `lanes[i]` of `self`, or, from 8 on, lane `lanes[i] - 8` of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn pick(&self, other: &Self, lanes: __m512i) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0.pick(b0, lanes), a1.pick(b1, lanes), a2.pick(b2, lanes), a3.pick(b3, lanes), a4.pick(b4, lanes)])
    }

    /// Lane i is lane `lanes[i]` of `self`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn permute(&self, lanes: __m512i) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        Self([a0.permute(lanes), a1.permute(lanes), a2.permute(lanes), a3.permute(lanes), a4.permute(lanes)])
    }
}

/// Elements of GF(p^5) prepared to be multiplied by, once or more often.
#[derive(Clone, Copy, Debug)]
pub struct Factor5<'a> {
    element: &'a Fp5x8,
    sums: [__m512i; 5],
    /// Three times coefficients 1 to 4, for the products that z^5 = 3 brings back.
    wrapped: [Factor; 4],
}

impl<'a> Factor5<'a> {
    /// For limbs below 2^48.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn new(element: &'a Fp5x8) -> Self {
        let [b0, b1, b2, b3, b4] = element.0;
        let (b0, b1, b2, b3, b4) =
            (Factor::new(b0), Factor::new(b1), Factor::new(b2), Factor::new(b3), Factor::new(b4));
        Self {
            element,
            sums: [b0.sum(), b1.sum(), b2.sum(), b3.sum(), b4.sum()],
            wrapped: [b1.triple(), b2.triple(), b3.triple(), b4.triple()],
        }
    }

    /// The product, reduced. The limbs of the two factors must have a product below 2^77: both below 2^38, for instance. Or,
    /// where they differ from coefficient to coefficient, what [`Products::plus`] says of a sum must hold for each of the
    /// five, where a product that is wrapped counts three times.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul(&self, other: &Fp5x8) -> Fp5x8 {
        self.mul_onto::<0>(other, other)
    }

    /// The product plus `term`, reduced. The limbs of the two factors are as for [`mul`](Self::mul), those of `term` below
    /// 2^56.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul_add(&self, other: &Fp5x8, term: &Fp5x8) -> Fp5x8 {
        self.mul_onto::<1>(other, term)
    }

    /// The product less `term`, reduced. The limbs of the two factors are as for [`mul`](Self::mul), those of `term` below
    /// 2^55.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub fn mul_sub(&self, other: &Fp5x8, term: &Fp5x8) -> Fp5x8 {
        self.mul_onto::<-1>(other, term)
    }

    /// The product plus `SIGN * term`.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn mul_onto<const SIGN: i8>(&self, other: &Fp5x8, term: &Fp5x8) -> Fp5x8 {
        let [a0, a1, a2, a3, a4] = other.0;
        let (a0, a1, a2, a3, a4) =
            (Factor::new(a0), Factor::new(a1), Factor::new(a2), Factor::new(a3), Factor::new(a4));
        let [b0, b1, b2, b3, b4] = self.element.0;
        let [t0, t1, t2, t3, t4] = self.sums;
        let (b0, b1, b2, b3, b4) = (
            Factor::with_sum(b0, t0),
            Factor::with_sum(b1, t1),
            Factor::with_sum(b2, t2),
            Factor::with_sum(b3, t3),
            Factor::with_sum(b4, t4),
        );
        let [w1, w2, w3, w4] = self.wrapped;
        let [s0, s1, s2, s3, s4] = term.0;
        Fp5x8([
            start::<SIGN>(s0).plus(a0, b0).plus(a1, w4).plus(a2, w3).plus(a3, w2).plus(a4, w1).reduce(),
            start::<SIGN>(s1).plus(a0, b1).plus(a1, b0).plus(a2, w4).plus(a3, w3).plus(a4, w2).reduce(),
            start::<SIGN>(s2).plus(a0, b2).plus(a1, b1).plus(a2, b0).plus(a3, w4).plus(a4, w3).reduce(),
            start::<SIGN>(s3).plus(a0, b3).plus(a1, b2).plus(a2, b1).plus(a3, b0).plus(a4, w4).reduce(),
            start::<SIGN>(s4).plus(a0, b4).plus(a1, b3).plus(a2, b2).plus(a3, b1).plus(a4, b0).reduce(),
        ])
    }
}

/// `SIGN * term`, to add products to.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn start<const SIGN: i8>(term: Fpx8) -> Products {
    match SIGN {
        0 => Products::zero(),
        1 => Products::zero().plus_element(term),
        _ => Products::zero().minus_element(term),
    }
}
