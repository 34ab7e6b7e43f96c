use core::fmt;
use core::ops::{Add, Mul, Neg, Sub};

use keyward_goldilocks::{Fp, Fp5, value_barrier};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

/// Five 64-bit limbs, the lowest first.
type Limbs = [u64; 5];

/// The group's order n, a prime of 319 bits.
const ORDER: Limbs =
    [0xe80f_d996_948b_ffe1, 0xe888_5c39_d724_a09c, 0x7fff_ffe6_cfb8_0639, 0x7fff_fff1_0000_0016, 0x7fff_fffd_8000_0007];

/// −1/n mod 2^64.
const ORDER_NEG_INVERSE: u64 = 0xd78b_ef72_057b_7bdf;

/// 2^640 mod n: R² for Montgomery's R = 2^320.
const R_SQUARED: Limbs =
    [0xa010_01dc_e33d_c739, 0x6c32_28d3_3f62_accf, 0xd1d7_96cc_91cf_8525, 0xaadf_ff5d_1574_c1d8, 0x4aca_13b2_8ca2_51f5];

/// An integer modulo the group's order n = 0x7ffffffd80000007…948bffe1 (319 bits), always in 0..n.
///
/// All operations take the same time for all values. A scalar is not wiped by itself: who holds a secret one wipes
/// it, with [`Zeroize`].
#[derive(Clone, Copy)]
pub struct Scalar(Limbs);

impl Scalar {
    /// The neutral element of addition.
    pub const ZERO: Self = Self([0; 5]);
    /// The neutral element of multiplication.
    pub const ONE: Self = Self([1, 0, 0, 0, 0]);
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = 40;
    /// The group's order n, which is no scalar itself: 40 bytes, little-endian.
    pub const ORDER_BYTES: [u8; Self::BYTE_SIZE] = to_bytes(&ORDER);

    /// Reads 40 bytes, little-endian; `None` if their value is n or more.
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Option<Self> {
        let limbs = from_bytes(bytes);
        let (_, below_order) = sub(&limbs, &ORDER);
        // Whether a value is canonical is no secret: one that is not is refused.
        below_order.then_some(Self(limbs))
    }

    /// The value of 40 bytes, little-endian, mod n.
    pub fn from_bytes_mod_order(bytes: &[u8; Self::BYTE_SIZE]) -> Self {
        Self(reduce(&from_bytes(bytes)))
    }

    /// The value of 64 bytes, little-endian, mod n. For uniform bytes the bias is below 2^−190.
    pub fn from_bytes_mod_order_wide(bytes: &[u8; 64]) -> Self {
        let mut parts = [[0; 5]; 2];
        for (limb, chunk) in parts.as_flattened_mut().iter_mut().zip(bytes.as_chunks().0) {
            *limb = u64::from_le_bytes(*chunk);
        }
        // The product with R²/R moves the upper part up by 2^320.
        let mut high = montgomery_product(&R_SQUARED, &parts[1]);
        let mut low = reduce(&parts[0]);
        let sum = Self(subtract_order_once(&add(&low, &high)));
        parts.zeroize();
        low.zeroize();
        high.zeroize();
        sum
    }

    /// The scalar that Schnorr's challenge stands for: the canonical coefficients of `hash`, a0 lowest, read as one
    /// integer of five 64-bit limbs, mod n.
    pub fn from_challenge(hash: &Fp5) -> Self {
        Self(reduce(&hash.coefficients().map(Fp::to_u64)))
    }

    /// 40 bytes, little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTE_SIZE] {
        to_bytes(&self.0)
    }

    /// Whether this is zero.
    pub fn is_zero(&self) -> Choice {
        self.ct_eq(&Self::ZERO)
    }

    /// The limbs, lowest first; the top bit is 0.
    #[inline(always)]
    pub(crate) fn limbs(&self) -> &Limbs {
        &self.0
    }

    /// The limbs of k or k + n, whichever is odd. In constant time.
    #[inline(always)]
    pub(crate) fn odd_limbs(&self) -> Limbs {
        // n is odd, and 2n is below 2^320.
        add_order_if(self.0[0] & 1 == 0, &self.0)
    }
}

const fn from_bytes(bytes: &[u8; 40]) -> Limbs {
    let (words, _) = bytes.as_chunks();
    let mut limbs = [0; 5];
    let mut i = 0;
    while i < 5 {
        limbs[i] = u64::from_le_bytes(words[i]);
        i += 1;
    }
    limbs
}

const fn to_bytes(limbs: &Limbs) -> [u8; 40] {
    let mut bytes = [0; 40];
    let (words, _) = bytes.as_chunks_mut();
    let mut i = 0;
    while i < 5 {
        words[i] = limbs[i].to_le_bytes();
        i += 1;
    }
    bytes
}

/// The sum mod 2^320.
#[inline(always)]
pub(crate) fn add(a: &Limbs, b: &Limbs) -> Limbs {
    let mut carry = 0;
    core::array::from_fn(|i| {
        let sum = u128::from(a[i]) + u128::from(b[i]) + carry;
        carry = sum >> 64;
        sum as u64
    })
}

/// The difference mod 2^320, and whether `a` is the smaller one.
#[inline(always)]
fn sub(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let mut borrow = false;
    let difference = core::array::from_fn(|i| {
        let (difference, borrow1) = a[i].overflowing_sub(b[i]);
        let (difference, borrow2) = difference.overflowing_sub(u64::from(borrow));
        borrow = borrow1 | borrow2;
        difference
    });
    (difference, borrow)
}

/// The limbs, less the order where they are not below it.
#[inline(always)]
fn subtract_order_once(limbs: &Limbs) -> Limbs {
    let (difference, below_order) = sub(limbs, &ORDER);
    add_order_if(below_order, &difference)
}

/// Any five limbs mod n: 2^320 is less than 3n.
fn reduce(limbs: &Limbs) -> Limbs {
    subtract_order_once(&subtract_order_once(limbs))
}

/// The limbs, plus the order mod 2^320 if `condition` holds. In constant time; and, unlike a choice between two values, with no more
/// of them than registers hold.
#[inline(always)]
fn add_order_if(condition: bool, limbs: &Limbs) -> Limbs {
    let mask = value_barrier(u64::from(condition).wrapping_neg());
    add(limbs, &ORDER.map(|limb| limb & mask))
}

#[inline(always)]
fn select(a: &Limbs, b: &Limbs, choice: Choice) -> Limbs {
    core::array::from_fn(|i| u64::conditional_select(&a[i], &b[i], choice))
}

/// `a·b/2^320` mod n, for `a` below n and any `b`.
fn montgomery_product(a: &Limbs, b: &Limbs) -> Limbs {
    let mut sum: [u64; 6] = [0; 6];
    for &multiplier in b {
        // sum = (sum + a·multiplier + n·quotient) / 2^64, where the quotient makes it divisible. It stays below
        // a + n, so it needs no seventh limb.
        let mut carry = 0;
        for (limb, &a) in sum.iter_mut().zip(a) {
            let wide = u128::from(a) * u128::from(multiplier) + u128::from(*limb) + carry;
            *limb = wide as u64;
            carry = wide >> 64;
        }
        sum[5] = carry as u64;

        let quotient = u128::from(sum[0].wrapping_mul(ORDER_NEG_INVERSE));
        let mut carry = (quotient * u128::from(ORDER[0]) + u128::from(sum[0])) >> 64;
        for i in 1..5 {
            let wide = quotient * u128::from(ORDER[i]) + u128::from(sum[i]) + carry;
            sum[i - 1] = wide as u64;
            carry = wide >> 64;
        }
        sum[4] = sum[5].wrapping_add(carry as u64);
        sum[5] = 0;
    }
    let [s0, s1, s2, s3, s4, _] = sum;
    subtract_order_once(&[s0, s1, s2, s3, s4])
}

/// By reference, so that no copy of a secret is made on the way.
impl Add<&Scalar> for &Scalar {
    type Output = Scalar;

    fn add(self, other: &Scalar) -> Scalar {
        // 2n is below 2^320.
        Scalar(subtract_order_once(&add(&self.0, &other.0)))
    }
}

impl Add for Scalar {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Add::add(&self, &other)
    }
}

/// By reference, so that no copy of a secret is made on the way.
impl Sub<&Scalar> for &Scalar {
    type Output = Scalar;

    fn sub(self, other: &Scalar) -> Scalar {
        let (difference, negative) = sub(&self.0, &other.0);
        Scalar(add_order_if(negative, &difference))
    }
}

impl Sub for Scalar {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Sub::sub(&self, &other)
    }
}

/// By reference, so that no copy of a secret is made on the way. A multiple of the first factor by a constant is: it had better be the
/// one that is no secret.
impl Mul<&Scalar> for &Scalar {
    type Output = Scalar;

    fn mul(self, other: &Scalar) -> Scalar {
        Scalar(montgomery_product(&montgomery_product(&self.0, &R_SQUARED), &other.0))
    }
}

impl Mul for Scalar {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Mul::mul(&self, &other)
    }
}

impl Neg for Scalar {
    type Output = Self;

    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl ConstantTimeEq for Scalar {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Scalar {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(select(&a.0, &b.0, choice))
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Scalar {}

impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Without the value, which is secret more often than not.
impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalar").finish_non_exhaustive()
    }
}
