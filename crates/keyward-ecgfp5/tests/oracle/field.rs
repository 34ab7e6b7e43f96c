//! The oracle's GF(p) and GF(p^5): integers modulo p, polynomials modulo z^5 - 3, schoolbook products, Euclid's inverses.
//!
//! Plain 128-bit remainders, since a scalar multiplication takes a million of them; `keyward-goldilocks` is what is
//! checked against big integers.

use core::iter;

use keyward_goldilocks::{Fp, Fp5};
use num_bigint::BigUint;

pub(crate) const P: u64 = 0xFFFF_FFFF_0000_0001;

fn reduce(value: u128) -> u64 {
    (value % u128::from(P)) as u64
}

fn add(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) + u128::from(b))
}

fn sub(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) + u128::from(P) - u128::from(b))
}

fn mul(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) * u128::from(b))
}

/// By Euclid's algorithm.
///
/// # Panics
///
/// If `a` is zero.
fn inverse(a: u64) -> u64 {
    assert_ne!(a, 0);
    // `rest` = `cofactor` * `a` modulo p all along.
    let (mut last, mut rest) = (P, a);
    let (mut last_cofactor, mut cofactor) = (0, 1);
    while rest > 1 {
        let quotient = last / rest;
        (last, rest) = (rest, last % rest);
        (last_cofactor, cofactor) = (cofactor, sub(last_cofactor, mul(quotient, cofactor)));
    }
    cofactor
}

/// An element of GF(p)[z]/(z^5 - 3), lowest coefficient first, every coefficient canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poly([u64; 5]);

impl Poly {
    pub(crate) const ZERO: Poly = Poly([0; 5]);
    pub(crate) const ONE: Poly = Poly([1, 0, 0, 0, 0]);

    /// From five words, each taken modulo p.
    pub(crate) fn from_words(words: [u64; 5]) -> Poly {
        Poly(words.map(|word| word % P))
    }

    pub(crate) fn constant(word: u64) -> Poly {
        Poly::from_words([word, 0, 0, 0, 0])
    }

    pub(crate) fn of(element: &Fp5) -> Poly {
        Poly(element.coefficients().map(Fp::to_u64))
    }

    pub(crate) fn to_fp5(self) -> Fp5 {
        Fp5::from_coefficients(self.0.map(Fp::from_u64_mod_order))
    }

    pub(crate) fn add(&self, other: &Poly) -> Poly {
        Poly(core::array::from_fn(|i| add(self.0[i], other.0[i])))
    }

    pub(crate) fn sub(&self, other: &Poly) -> Poly {
        Poly(core::array::from_fn(|i| sub(self.0[i], other.0[i])))
    }

    pub(crate) fn neg(&self) -> Poly {
        Poly::ZERO.sub(self)
    }

    pub(crate) fn mul(&self, other: &Poly) -> Poly {
        let mut product = [0; 9];
        for (i, &a) in self.0.iter().enumerate() {
            for (j, &b) in other.0.iter().enumerate() {
                product[i + j] = add(product[i + j], mul(a, b));
            }
        }
        Poly(core::array::from_fn(|k| add(product[k], mul(3, *product.get(k + 5).unwrap_or(&0)))))
    }

    pub(crate) fn times(&self, factor: u64) -> Poly {
        Poly(self.0.map(|coefficient| mul(coefficient, factor)))
    }

    pub(crate) fn square(&self) -> Poly {
        self.mul(self)
    }

    /// By Euclid's algorithm on `self` and z^5 - 3, whose only common divisors are constants.
    ///
    /// # Panics
    ///
    /// If this is zero.
    pub(crate) fn inverse(&self) -> Poly {
        let (mut last, mut rest) = (vec![P - 3, 0, 0, 0, 0, 1], trimmed(self.0.to_vec()));
        // `rest` = `cofactor` * `self` modulo z^5 - 3 all along.
        let (mut last_cofactor, mut cofactor) = (vec![], vec![1]);
        while rest.len() > 1 {
            let (quotient, remainder) = divide(last, &rest);
            let next = subtract_product(last_cofactor, &quotient, &cofactor);
            (last, rest) = (rest, remainder);
            (last_cofactor, cofactor) = (cofactor, next);
        }
        let scale = inverse(rest[0]);
        cofactor.resize(5, 0);
        Poly(cofactor.try_into().expect("degree below 5")).times(scale)
    }

    pub(crate) fn pow(&self, exponent: &BigUint) -> Poly {
        (0..exponent.bits()).rev().fold(Poly::ONE, |power, bit| {
            let square = power.square();
            if exponent.bit(bit) { square.mul(self) } else { square }
        })
    }

    /// Euler's criterion in the field of p^5 elements; 0 counts as a square.
    pub(crate) fn is_square(&self) -> bool {
        let root = self.pow(&((BigUint::from(P).pow(5) - 1u8) / 2u8));
        root == Poly::ONE || root == Poly::ZERO
    }
}

/// Without leading zeros: the length is the degree plus one.
fn trimmed(mut coefficients: Vec<u64>) -> Vec<u64> {
    while coefficients.last() == Some(&0) {
        coefficients.pop();
    }
    coefficients
}

/// Quotient and remainder over GF(p), for a divisor that is not zero.
fn divide(mut dividend: Vec<u64>, divisor: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let scale = inverse(*divisor.last().expect("a divisor that is not zero"));
    let mut quotient = vec![0; (dividend.len() + 1).saturating_sub(divisor.len())];
    for shift in (0..quotient.len()).rev() {
        let factor = mul(dividend[shift + divisor.len() - 1], scale);
        quotient[shift] = factor;
        for (i, &coefficient) in divisor.iter().enumerate() {
            dividend[shift + i] = sub(dividend[shift + i], mul(factor, coefficient));
        }
    }
    (quotient, trimmed(dividend))
}

/// `a - b * c` over GF(p).
fn subtract_product(mut a: Vec<u64>, b: &[u64], c: &[u64]) -> Vec<u64> {
    let length = a.len().max(b.len() + c.len());
    a.extend(iter::repeat_n(0, length - a.len()));
    for (i, &x) in b.iter().enumerate() {
        for (j, &y) in c.iter().enumerate() {
            a[i + j] = sub(a[i + j], mul(x, y));
        }
    }
    trimmed(a)
}
