use core::ops::Add;

use crate::{Fp, Fp5, kernel};

/// A linear combination of elements of GF(p^5) that is reduced once, at its end: cheaper than one step at a time.
///
/// # Invariant
///
/// Each coefficient is below 2^96 where the sum is [reduced](Self::reduce): factors are small, so that a handful of terms keeps well
/// below it, and debug builds check it. [`Fp5::mul_add`] and [`Fp5::square_add`] take any sum.
#[derive(Clone, Copy)]
pub struct LazyFp5(pub(crate) [u128; 5]);

impl LazyFp5 {
    /// `element * factor`.
    #[inline(always)]
    pub fn times(element: &Fp5, factor: u16) -> Self {
        Self(element.words().map(|word| u128::from(word) * u128::from(factor)))
    }

    /// `element * factor * z`.
    #[inline(always)]
    pub fn times_z(element: &Fp5, factor: u16) -> Self {
        // z^5 = 3.
        let [a0, a1, a2, a3, a4] = Self::times(element, factor).0;
        Self([3 * a4, a0, a1, a2, a3])
    }

    /// `-element * factor`.
    #[inline(always)]
    pub fn minus_times(element: &Fp5, factor: u16) -> Self {
        // 2p is above every word.
        const TWICE_MODULUS: u128 = 2 * Fp::MODULUS as u128;
        Self(element.words().map(|word| (TWICE_MODULUS - u128::from(word)) * u128::from(factor)))
    }

    /// `self - other`, where `other` is a sum of [`times`](Self::times) and [`times_z`](Self::times_z) whose factors add
    /// up to less than 2^18.
    #[inline(always)]
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        /// A multiple of p above every coefficient of `other`.
        const MULTIPLE: u128 = (Fp::MODULUS as u128) << 20;
        debug_assert!(other.0.iter().all(|&coefficient| coefficient < MULTIPLE));
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            a0 + (MULTIPLE - b0),
            a1 + (MULTIPLE - b1),
            a2 + (MULTIPLE - b2),
            a3 + (MULTIPLE - b3),
            a4 + (MULTIPLE - b4),
        ])
    }

    /// The sum as an element.
    #[inline(always)]
    pub fn reduce(self) -> Fp5 {
        debug_assert!(self.0.iter().all(|coefficient| coefficient >> 96 == 0));
        Fp5::from_words(self.0.map(|coefficient| kernel::reduce_96(coefficient as u64, (coefficient >> 64) as u64)))
    }
}

impl From<&Fp5> for LazyFp5 {
    #[inline(always)]
    fn from(element: &Fp5) -> Self {
        Self(element.words().map(u128::from))
    }
}

impl Add for LazyFp5 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0 + b0, a1 + b1, a2 + b2, a3 + b3, a4 + b4])
    }
}
