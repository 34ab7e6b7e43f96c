use core::fmt;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::{Fp, LazyFp5, NonCanonical, kernel, plain};

/// An element of GF(p^5) = GF(p)\[z\]/(z^5 − 3).
///
/// Arithmetic takes the same time for all values, except in functions whose name ends in `_vartime`.
#[derive(Clone, Copy)]
pub struct Fp5([Fp; 5]);

/// `[k][i]` is θ^(i·k), θ = 3^((p − 1)/5): what coefficient i is multiplied with in x → x^(p^k).
const FROBENIUS: [[u64; 5]; 5] = {
    let theta = 1_041_288_259_238_279_555_u128;
    let mut table = [[1; 5]; 5];
    let mut k = 1;
    while k < 5 {
        let mut i = 1;
        while i < 5 {
            let mut power = 1;
            let mut n = 0;
            while n < i * k {
                power = power * theta % Fp::MODULUS as u128;
                n += 1;
            }
            table[k][i] = power as u64;
            i += 1;
        }
        k += 1;
    }
    table
};

impl Fp5 {
    /// The neutral element of addition.
    pub const ZERO: Self = Self([Fp::ZERO; 5]);
    /// The neutral element of multiplication.
    pub const ONE: Self = Self([Fp::ONE, Fp::ZERO, Fp::ZERO, Fp::ZERO, Fp::ZERO]);
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = 40;

    /// The element a0 + a1·z + a2·z² + a3·z³ + a4·z⁴ for `[a0, a1, a2, a3, a4]`.
    #[inline(always)]
    pub const fn from_coefficients(coefficients: [Fp; 5]) -> Self {
        Self(coefficients)
    }

    /// The coefficients `[a0, a1, a2, a3, a4]` of a0 + a1·z + a2·z² + a3·z³ + a4·z⁴.
    #[inline(always)]
    pub const fn coefficients(&self) -> [Fp; 5] {
        self.0
    }

    /// Reads 40 bytes: the coefficients from a0 to a4, 8 bytes each, little-endian.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`], with the coefficient's index, if one is not below [`Fp::MODULUS`].
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, NonCanonical> {
        let mut coefficients = [Fp::ZERO; 5];
        let (words, _) = bytes.as_chunks();
        for (index, (coefficient, word)) in coefficients.iter_mut().zip(words).enumerate() {
            *coefficient = Fp::from_bytes(word).map_err(|_| NonCanonical::at(index))?;
        }
        Ok(Self(coefficients))
    }

    /// 40 bytes: the coefficients from a0 to a4, 8 bytes each, little-endian, canonical.
    pub fn to_bytes(&self) -> [u8; Self::BYTE_SIZE] {
        let mut bytes = [0; Self::BYTE_SIZE];
        let (words, _) = bytes.as_chunks_mut();
        for (word, coefficient) in words.iter_mut().zip(self.0) {
            *word = coefficient.to_bytes();
        }
        bytes
    }

    /// Whether this is zero.
    pub fn is_zero(&self) -> Choice {
        self.ct_eq(&Self::ZERO)
    }

    /// `self + self`.
    #[inline(always)]
    #[must_use]
    pub fn double(&self) -> Self {
        *self + *self
    }

    /// `self / 2`.
    #[inline(always)]
    #[must_use]
    pub fn half(&self) -> Self {
        Self(self.0.map(Fp::half))
    }

    /// `self * self`.
    #[inline(always)]
    #[must_use]
    pub fn square(&self) -> Self {
        Self::from_words(kernel::square(&self.0))
    }

    /// `self * self + term`, cheaper than the two operations one after the other.
    #[inline(always)]
    #[must_use]
    pub fn square_add(&self, term: LazyFp5) -> Self {
        Self::from_words(kernel::square_add(&self.0, &term.0))
    }

    /// `self * factor + term`, cheaper than the two operations one after the other.
    #[inline(always)]
    #[must_use]
    pub fn mul_add(&self, factor: &Self, term: LazyFp5) -> Self {
        Self::from_words(kernel::mul_add(&self.0, &factor.0, &term.0))
    }

    /// `self` squared `n` times, that is `self^(2^n)`.
    fn square_times(&self, n: u32) -> Self {
        (0..n).fold(*self, |power, _| power.square())
    }

    /// `self^(p^k)` for `k` in 0..5, the `k`-th power of the Frobenius automorphism.
    ///
    /// # Panics
    ///
    /// If `k` is 5 or more.
    #[must_use]
    pub fn frobenius(&self, k: usize) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let [_, f1, f2, f3, f4] = FROBENIUS[k].map(Fp::from_u64_mod_order);
        Self([a0, a1 * f1, a2 * f2, a3 * f3, a4 * f4])
    }

    /// `self^(r − 1)` for r = 1 + p + p² + p³ + p⁴.
    fn conjugate_product(&self) -> Self {
        let half = self.frobenius(1) * self.frobenius(2);
        half * half.frobenius(2)
    }

    /// Coefficient 0 of `self * other`.
    fn mul_constant_term(&self, other: &Self) -> Fp {
        Fp::from_u64_mod_order(plain::mul_constant_term(&self.0, &other.0))
    }

    /// The norm over GF(p): the product of all conjugates, `self^(1 + p + p² + p³ + p⁴)`.
    pub fn norm(&self) -> Fp {
        self.mul_constant_term(&self.conjugate_product())
    }

    /// `1 / self`, and 0 for 0.
    #[must_use]
    pub fn invert(&self) -> Self {
        let conjugates = self.conjugate_product();
        conjugates * self.mul_constant_term(&conjugates).invert()
    }

    /// Whether a square root exists. 0 is a square.
    #[must_use]
    pub fn is_square_vartime(&self) -> bool {
        self.norm().is_square_vartime()
    }

    /// A square root, if one exists; which of the two is not specified.
    #[must_use]
    pub fn sqrt_vartime(&self) -> Option<Self> {
        // root = x·e / √(x·e²) with e = x^((r − 1)/2), whose radicand lies in GF(p).
        let mut epsilon_power = *self;
        for length in [1, 2, 4, 8, 16] {
            epsilon_power = epsilon_power.square_times(length) * epsilon_power;
        }
        let d = epsilon_power.square_times(31) * *self;
        let e = (d * d.frobenius(2)).frobenius(1);
        let numerator = *self * e;
        let denominator = numerator.mul_constant_term(&e).sqrt_vartime()?;
        Some(numerator * denominator.invert())
    }

    #[inline(always)]
    pub(crate) fn words(&self) -> [u64; 5] {
        self.0.map(Fp::word)
    }

    #[inline(always)]
    pub(crate) fn from_words(words: [u64; 5]) -> Self {
        Self(words.map(Fp::from_u64_mod_order))
    }
}

impl Add for Fp5 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0 + b0, a1 + b1, a2 + b2, a3 + b3, a4 + b4])
    }
}

impl Sub for Fp5 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([a0 - b0, a1 - b1, a2 - b2, a3 - b3, a4 - b4])
    }
}

impl Mul for Fp5 {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::from_words(kernel::mul(&self.0, &other.0))
    }
}

impl Mul<Fp> for Fp5 {
    type Output = Self;

    #[inline]
    fn mul(self, factor: Fp) -> Self {
        Self(self.0.map(|coefficient| coefficient * factor))
    }
}

impl Neg for Fp5 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(Neg::neg))
    }
}

impl AddAssign for Fp5 {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Fp5 {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Fp5 {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl From<Fp> for Fp5 {
    fn from(constant: Fp) -> Self {
        Self([constant, Fp::ZERO, Fp::ZERO, Fp::ZERO, Fp::ZERO])
    }
}

impl PartialEq for Fp5 {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Fp5 {}

impl ConstantTimeEq for Fp5 {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Fp5 {
    #[inline(always)]
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(core::array::from_fn(|i| Fp::conditional_select(&a.0[i], &b.0[i], choice)))
    }
}

impl Zeroize for Fp5 {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// The coefficients, canonical, in decimal.
impl fmt::Debug for Fp5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a0, a1, a2, a3, a4] = self.0.map(Fp::to_u64);
        write!(f, "Fp5({a0} + {a1}·z + {a2}·z² + {a3}·z³ + {a4}·z⁴)")
    }
}

/// As an array of the five coefficients, canonical numbers.
#[cfg(feature = "serde")]
impl serde::Serialize for Fp5 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Fp5 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[Fp; 5]>::deserialize(deserializer).map(Self)
    }
}
