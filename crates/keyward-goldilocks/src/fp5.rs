use core::fmt;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::barrier::ordered_barrier;
use crate::fp::{reduce, reduce_96};
use crate::{Fp, LazyFp5, NonCanonical};

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

    /// `self * self`.
    #[inline]
    #[must_use]
    pub fn square(&self) -> Self {
        let [a0, a1, a2, a3, a4] = self.words();
        let [d0, d1, d2, d3, _] = self.times(2);
        let [_, _, _, w3, w4] = self.times(3);
        Self::from_words([
            Wide::product(a0, a0).plus(d1, w4).plus(d2, w3).reduce(),
            Wide::product(d0, a1).plus(d2, w4).plus(a3, w3).reduce(),
            Wide::product(d0, a2).plus(a1, a1).plus(d3, w4).reduce(),
            Wide::product(d0, a3).plus(d1, a2).plus(a4, w4).reduce(),
            Wide::product(d0, a4).plus(d1, a3).plus(a2, a2).reduce(),
        ])
    }

    /// `self * factor + term`, cheaper than the two operations one after the other.
    #[inline]
    #[must_use]
    pub fn mul_add(&self, factor: &Self, term: LazyFp5) -> Self {
        self.mul_onto(factor, term.0)
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
        let [a0, a1, a2, a3, a4] = self.words();
        let [b0, ..] = other.words();
        let [_, b1, b2, b3, b4] = other.times(3);
        let sum = Wide::product(a0, b0).plus(a1, b4).plus(a2, b3).plus(a3, b2).plus(a4, b1);
        Fp::from_u64_mod_order(sum.reduce())
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

    /// Each coefficient times a small factor.
    #[inline(always)]
    fn times(&self, factor: u32) -> [u64; 5] {
        self.words().map(|word| reduce_96(u128::from(word) * u128::from(factor)))
    }

    /// The product with `other`, where `start[k]` is added to coefficient k before its reduction.
    #[inline(always)]
    fn mul_onto(&self, other: &Self, start: [u128; 5]) -> Self {
        let [a0, a1, a2, a3, a4] = self.words();
        let [b0, b1, b2, b3, b4] = other.words();
        // z^5 = 3.
        let [_, w1, w2, w3, w4] = other.times(3);
        let [s0, s1, s2, s3, s4] = start.map(|low| Wide { low, top: 0 });
        // One coefficient after the other: five sums at a time do not fit the registers.
        Self::from_words([
            s0.plus(a0, b0).plus(a1, w4).plus(a2, w3).plus(a3, w2).plus(a4, w1).reduce(),
            s1.plus(a0, b1).plus(a1, b0).plus(a2, w4).plus(a3, w3).plus(a4, w2).reduce(),
            s2.plus(a0, b2).plus(a1, b1).plus(a2, b0).plus(a3, w4).plus(a4, w3).reduce(),
            s3.plus(a0, b3).plus(a1, b2).plus(a2, b1).plus(a3, b0).plus(a4, w4).reduce(),
            s4.plus(a0, b4).plus(a1, b3).plus(a2, b2).plus(a3, b1).plus(a4, b0).reduce(),
        ])
    }
}

/// A sum of a few products of two words: below 2^160.
#[derive(Clone, Copy)]
struct Wide {
    low: u128,
    top: u64,
}

impl Wide {
    #[inline(always)]
    fn product(a: u64, b: u64) -> Self {
        Self { low: u128::from(a) * u128::from(b), top: 0 }
    }

    #[inline(always)]
    fn plus(self, a: u64, b: u64) -> Self {
        let (low, carry) = self.low.overflowing_add(u128::from(a) * u128::from(b));
        // Opaque, or the carries of a sum are counted in a vector register.
        Self { low, top: ordered_barrier(self.top + u64::from(carry)) }
    }

    #[inline(always)]
    fn reduce(self) -> u64 {
        ordered_barrier(reduce(self.low as u64, (self.low >> 64) as u64, self.top))
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

    #[inline]
    fn mul(self, other: Self) -> Self {
        self.mul_onto(&other, [0; 5])
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
