use core::fmt;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::barrier::{add_with_correction, sub_with_correction, value_barrier};
use crate::{NonCanonical, kernel};

/// 2^64 mod p.
pub(crate) const EPSILON: u64 = 0xffff_ffff;

/// An element of GF(p), p = 2^64 − 2^32 + 1 (the "Goldilocks" prime).
///
/// Arithmetic takes the same time for all values, except in functions whose name ends in `_vartime`.
///
/// # Invariant
///
/// None: every `u64` stands for its residue modulo p. The 2^32 − 1 residues that have two forms are made equal
/// only where it shows: by [`to_u64`](Self::to_u64), [`to_bytes`](Self::to_bytes) and comparison.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Fp(u64);

impl Fp {
    /// The field's modulus, p = 2^64 − 2^32 + 1.
    pub const MODULUS: u64 = 0xffff_ffff_0000_0001;
    /// The neutral element of addition.
    pub const ZERO: Self = Self(0);
    /// The neutral element of multiplication.
    pub const ONE: Self = Self(1);
    /// 7, which generates the multiplicative group.
    pub const GENERATOR: Self = Self(7);

    /// The element `value`.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`] (index 0) if `value` is not below [`MODULUS`](Self::MODULUS).
    pub const fn new(value: u64) -> Result<Self, NonCanonical> {
        if value < Self::MODULUS { Ok(Self(value)) } else { Err(NonCanonical::at(0)) }
    }

    /// The element `value` mod p.
    #[inline(always)]
    pub const fn from_u64_mod_order(value: u64) -> Self {
        Self(value)
    }

    /// The element `value` mod p.
    #[inline(always)]
    pub fn from_u128_mod_order(value: u128) -> Self {
        Self(kernel::reduce_128(value as u64, (value >> 64) as u64))
    }

    /// The element `value` mod p, where `value` must be below 2^96: cheaper than
    /// [`from_u128_mod_order`](Self::from_u128_mod_order). Meant for sums of [words](Self::word).
    #[inline(always)]
    pub fn from_u96_mod_order(value: u128) -> Self {
        debug_assert!(value >> 96 == 0);
        Self(kernel::reduce_96(value as u64, (value >> 64) as u64))
    }

    /// Some `u64` with this element's residue, which need not be canonical: what is free to sum up in a `u128`
    /// and to reduce once at the end.
    #[inline(always)]
    pub const fn word(self) -> u64 {
        self.0
    }

    /// The canonical value, in 0..p.
    #[inline]
    pub const fn to_u64(self) -> u64 {
        let (reduced, borrow) = self.0.overflowing_sub(Self::MODULUS);
        reduced.wrapping_add(Self::MODULUS & (borrow as u64).wrapping_neg())
    }

    /// Reads 8 bytes, little-endian.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`] (index 0) if their value is not below [`MODULUS`](Self::MODULUS).
    pub const fn from_bytes(bytes: &[u8; 8]) -> Result<Self, NonCanonical> {
        Self::new(u64::from_le_bytes(*bytes))
    }

    /// The canonical value as 8 bytes, little-endian.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.to_u64().to_le_bytes()
    }

    /// `self + self`.
    #[inline(always)]
    #[must_use]
    pub fn double(self) -> Self {
        self + self
    }

    /// `self / 2`.
    #[inline(always)]
    #[must_use]
    pub fn half(self) -> Self {
        // An odd word becomes even with p, and half of the sum is below 2^64.
        let odd = value_barrier((self.0 & 1).wrapping_neg());
        Self((self.0 >> 1) + (odd & Self::MODULUS.div_ceil(2)))
    }

    /// `self * self`.
    #[inline(always)]
    #[must_use]
    pub fn square(self) -> Self {
        self * self
    }

    /// `self` squared `n` times, that is `self^(2^n)`.
    #[inline(always)]
    #[must_use]
    fn square_times(self, n: u32) -> Self {
        (0..n).fold(self, |power, _| power.square())
    }

    /// `self^(2^32 − 1)`.
    ///
    /// The chain doubles the length of a run of ones in the exponent: 2^k − 1 for k = 1, 2, 4, 8, 16, 32.
    #[inline]
    fn pow_epsilon(self) -> Self {
        let mut power = self;
        for length in [1, 2, 4, 8, 16] {
            power *= power.square_times(length);
        }
        power
    }

    /// `1 / self`, and 0 for 0.
    #[must_use]
    pub fn invert(self) -> Self {
        // p − 2 = 2·e + 1 with e = (2^31 − 1)(2^32 + 1); runs of ones of lengths 2, 3, 6, 12, 24, 30, 31.
        let ones2 = self.square() * self;
        let ones3 = ones2.square() * self;
        let ones6 = ones3.square_times(3) * ones3;
        let ones12 = ones6.square_times(6) * ones6;
        let ones24 = ones12.square_times(12) * ones12;
        let ones30 = ones24.square_times(6) * ones6;
        let ones31 = ones30.square() * self;
        let e = ones31.square_times(32) * ones31;
        e.square() * self
    }

    /// `self^exponent`. The time depends on `exponent`, not on `self`.
    #[must_use]
    pub fn pow_vartime(self, exponent: u64) -> Self {
        (0..u64::BITS - exponent.leading_zeros()).rev().fold(Self::ONE, |power, bit| {
            let power = power.square();
            if exponent >> bit & 1 == 1 { power * self } else { power }
        })
    }

    /// Whether a square root exists. 0 is a square.
    #[must_use]
    pub fn is_square_vartime(self) -> bool {
        // Euler's criterion, (p − 1)/2 = 2^31·(2^32 − 1).
        let legendre = self.pow_epsilon().square_times(31);
        legendre == Self::ONE || legendre == Self::ZERO
    }

    /// A square root, if one exists; which of the two is not specified.
    #[must_use]
    pub fn sqrt_vartime(self) -> Option<Self> {
        // Tonelli–Shanks: root² = self·defect all along, and `defect` is driven to 1.
        let odd_power = self.pow_epsilon();
        let mut defect = odd_power;
        // self^(2^31), as (q + 1)/2 = 2^31 for the odd part q = 2^32 − 1 of p − 1.
        let mut root = self.square_times(31);
        for i in (1..TWO_ADICITY).rev() {
            if defect.square_times(i as u32 - 1) == -Self::ONE {
                root *= TWO_ADIC_ROOT_POWERS[TWO_ADICITY - 1 - i];
                defect *= TWO_ADIC_ROOT_POWERS[TWO_ADICITY - i];
            }
        }
        (defect == Self::ONE || root == Self::ZERO).then_some(root)
    }
}

/// p − 1 = 2^32 · (2^32 − 1).
const TWO_ADICITY: usize = 32;

/// `[i]` is g^(2^i) for g = 7^(2^32 − 1), which has order 2^32.
const TWO_ADIC_ROOT_POWERS: [Fp; TWO_ADICITY] = {
    let mut powers = [Fp(1_753_635_133_440_165_772); TWO_ADICITY];
    let mut i = 1;
    while i < TWO_ADICITY {
        let root = powers[i - 1].0 as u128;
        powers[i] = Fp((root * root % Fp::MODULUS as u128) as u64);
        i += 1;
    }
    powers
};

/// A word with the residue of `low + 2^64·high + 2^128·top`, for `top` < 2^32.
///
/// 2^64 = 2^32 − 1 and 2^96 = −1 modulo p, so with `high` = l + 2^32·h the value is
/// `low` − (h + 2^32·`top`) + (2^32 − 1)·l. Neither correction below can wrap again.
#[inline(always)]
pub(crate) fn reduce(low: u64, high: u64, top: u64) -> u64 {
    let (difference, correction) = sub_with_correction(low, high >> 32 | top << 32);
    let difference = difference.wrapping_sub(correction);
    let l = high & EPSILON;
    let (sum, correction) = add_with_correction(difference, (l << 32) - l);
    value_barrier(sum.wrapping_add(correction))
}

impl Add for Fp {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(kernel::fp_add(self.0, other.0))
    }
}

impl Sub for Fp {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(kernel::fp_sub(self.0, other.0))
    }
}

impl Mul for Fp {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let product = u128::from(self.0) * u128::from(other.0);
        Self(kernel::reduce_128(product as u64, (product >> 64) as u64))
    }
}

impl Neg for Fp {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl AddAssign for Fp {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Fp {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Fp {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl ConstantTimeEq for Fp {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.to_u64().ct_eq(&other.to_u64())
    }
}

impl ConditionallySelectable for Fp {
    #[inline(always)]
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(u64::conditional_select(&a.0, &b.0, choice))
    }
}

impl PartialEq for Fp {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Fp {}

impl Zeroize for Fp {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// The canonical value in decimal.
impl fmt::Debug for Fp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fp({})", self.to_u64())
    }
}

/// As the canonical value, a number.
#[cfg(feature = "serde")]
impl serde::Serialize for Fp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.to_u64())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Fp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
