use core::ops::Add;

use crate::Fp5;
use crate::fp::reduce_96;

/// A linear combination of elements of GF(p^5) that is reduced once, at its end: cheaper than one step at a time.
///
/// # Invariant
///
/// Each coefficient is below 2^96. The factors of [`times_z`](Self::times_z) are small so that a handful of terms
/// keeps well below it; debug builds check it when the sum is reduced.
#[derive(Clone, Copy)]
pub struct LazyFp5(pub(crate) [u128; 5]);

impl LazyFp5 {
    /// `element * factor * z`.
    #[inline(always)]
    pub fn times_z(element: &Fp5, factor: u16) -> Self {
        let [a0, a1, a2, a3, a4] = element.words().map(u128::from);
        let factor = u128::from(factor);
        // z^5 = 3.
        Self([3 * factor * a4, factor * a0, factor * a1, factor * a2, factor * a3])
    }

    /// `self - element`.
    #[inline(always)]
    #[must_use]
    pub fn minus(self, element: &Fp5) -> Self {
        // 2p is above every word.
        const TWICE_MODULUS: u128 = 2 * crate::Fp::MODULUS as u128;
        self + Self(element.words().map(|word| TWICE_MODULUS - u128::from(word)))
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
