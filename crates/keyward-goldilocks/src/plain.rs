//! The arithmetic that [`x86_64`](crate::x86_64) has in assembly, for all other processors.

#![cfg_attr(
    all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, test))),
    expect(dead_code, reason = "the assembly takes its place")
)]

use crate::Fp;
use crate::barrier::{add_with_correction, ordered_barrier, sub_with_correction, value_barrier};
use crate::fp::reduce;

/// `a + b` in GF(p).
#[inline(always)]
pub(crate) fn fp_add(a: u64, b: u64) -> u64 {
    let (sum, correction) = add_with_correction(a, b);
    // The second carry needs both operands to be non-canonical.
    let (sum, correction) = add_with_correction(sum, correction);
    value_barrier(sum.wrapping_add(correction))
}

/// `a - b` in GF(p).
#[inline(always)]
pub(crate) fn fp_sub(a: u64, b: u64) -> u64 {
    let (difference, correction) = sub_with_correction(a, b);
    let (difference, correction) = sub_with_correction(difference, correction);
    value_barrier(difference.wrapping_sub(correction))
}

/// The residue of `low + 2^64·high`.
#[inline(always)]
pub(crate) fn reduce_128(low: u64, high: u64) -> u64 {
    reduce(low, high, 0)
}

/// The residue of `low + 2^64·high` for `high` below 2^32.
#[inline(always)]
pub(crate) fn reduce_96(low: u64, high: u64) -> u64 {
    // 2^64 = 2^32 − 1.
    let (sum, correction) = add_with_correction(low, (high << 32) - high);
    ordered_barrier(sum.wrapping_add(correction))
}

/// `a * b` in GF(p^5).
#[inline]
pub(crate) fn mul(a: &[Fp; 5], b: &[Fp; 5]) -> [u64; 5] {
    mul_onto(a, b, &[0; 5])
}

/// `a * b + term` in GF(p^5).
#[inline]
pub(crate) fn mul_add(a: &[Fp; 5], b: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    mul_onto(a, b, term)
}

/// `a * a` in GF(p^5).
#[inline]
pub(crate) fn square(a: &[Fp; 5]) -> [u64; 5] {
    square_onto(a, &[0; 5])
}

/// `a * a + term` in GF(p^5).
#[inline]
pub(crate) fn square_add(a: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    square_onto(a, term)
}

/// Coefficient 0 of `a * b` in GF(p^5).
pub(crate) fn mul_constant_term(a: &[Fp; 5], b: &[Fp; 5]) -> u64 {
    let [a0, a1, a2, a3, a4] = a.map(Fp::word);
    let [b0, ..] = b.map(Fp::word);
    let [_, w1, w2, w3, w4] = tripled(b);
    Wide::new(0).plus(a0, b0).plus(a1, w4).plus(a2, w3).plus(a3, w2).plus(a4, w1).reduce()
}

#[inline(always)]
fn mul_onto(a: &[Fp; 5], b: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    let [a0, a1, a2, a3, a4] = a.map(Fp::word);
    let [b0, b1, b2, b3, b4] = b.map(Fp::word);
    // z^5 = 3.
    let [_, w1, w2, w3, w4] = tripled(b);
    let [s0, s1, s2, s3, s4] = term.map(Wide::new);
    // One coefficient after the other: five sums at a time do not fit the registers.
    [
        s0.plus(a0, b0).plus(a1, w4).plus(a2, w3).plus(a3, w2).plus(a4, w1).reduce(),
        s1.plus(a0, b1).plus(a1, b0).plus(a2, w4).plus(a3, w3).plus(a4, w2).reduce(),
        s2.plus(a0, b2).plus(a1, b1).plus(a2, b0).plus(a3, w4).plus(a4, w3).reduce(),
        s3.plus(a0, b3).plus(a1, b2).plus(a2, b1).plus(a3, b0).plus(a4, w4).reduce(),
        s4.plus(a0, b4).plus(a1, b3).plus(a2, b2).plus(a3, b1).plus(a4, b0).reduce(),
    ]
}

#[inline(always)]
fn square_onto(a: &[Fp; 5], term: &[u128; 5]) -> [u64; 5] {
    let [a0, a1, a2, a3, a4] = a.map(Fp::word);
    let [_, _, _, w3, w4] = tripled(a);
    let [s0, s1, s2, s3, s4] = *term;
    let start = Wide::new(0);
    [
        start.plus(a1, w4).plus(a2, w3).doubled().plus(a0, a0).plus_wide(s0).reduce(),
        start.plus(a0, a1).plus(a2, w4).doubled().plus(a3, w3).plus_wide(s1).reduce(),
        start.plus(a0, a2).plus(a3, w4).doubled().plus(a1, a1).plus_wide(s2).reduce(),
        start.plus(a0, a3).plus(a1, a2).doubled().plus(a4, w4).plus_wide(s3).reduce(),
        start.plus(a0, a4).plus(a1, a3).doubled().plus(a2, a2).plus_wide(s4).reduce(),
    ]
}

#[inline(always)]
fn tripled(a: &[Fp; 5]) -> [u64; 5] {
    a.map(|coefficient| {
        let tripled = u128::from(coefficient.word()) * 3;
        reduce_96(tripled as u64, (tripled >> 64) as u64)
    })
}

/// A sum of a few products of two words: below 2^160.
#[derive(Clone, Copy)]
struct Wide {
    low: u128,
    top: u64,
}

impl Wide {
    #[inline(always)]
    fn new(low: u128) -> Self {
        Self { low, top: 0 }
    }

    #[inline(always)]
    fn plus(self, a: u64, b: u64) -> Self {
        self.plus_wide(u128::from(a) * u128::from(b))
    }

    #[inline(always)]
    fn plus_wide(self, term: u128) -> Self {
        let (low, carry) = self.low.overflowing_add(term);
        // Opaque, or the carries of a sum are counted in a vector register.
        Self { low, top: ordered_barrier(self.top + u64::from(carry)) }
    }

    #[inline(always)]
    fn doubled(self) -> Self {
        Self { low: self.low << 1, top: ordered_barrier(self.top << 1 | (self.low >> 127) as u64) }
    }

    #[inline(always)]
    fn reduce(self) -> u64 {
        ordered_barrier(reduce(self.low as u64, (self.low >> 64) as u64, self.top))
    }
}
