use core::ops::Add;

use crate::fp::reduce_96;
use crate::{Fp, Fp5};

/// A linear combination of elements of GF(p^5) that is reduced once, at its end: cheaper than one step at a time.
///
/// # Invariant
///
/// Each coefficient is below 2^96. Factors are small, so that a handful of terms
/// keeps well below it; debug builds check it when the sum is reduced.
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

    /// The sum as an element.
    #[inline(always)]
    pub fn reduce(self) -> Fp5 {
        debug_assert!(self.0.iter().all(|coefficient| coefficient >> 96 == 0));
        Fp5::from_words(self.0.map(reduce_96))
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
