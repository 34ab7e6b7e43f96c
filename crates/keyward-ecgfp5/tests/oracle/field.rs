//! The oracle's GF(p) and GF(p^5): integers modulo p, polynomials modulo z^5 - 3, schoolbook products, Euclid's inverses.
//!
//! Plain 128-bit remainders, since a scalar multiplication takes a million of them; `keyward-goldilocks` is what is
//! checked against big integers.

use keyward_goldilocks::{Fp, Fp5};
use num_bigint::BigUint;

pub(crate) const P: u64 = 0xFFFF_FFFF_0000_0001;

fn add(a: u64, b: u64) -> u64 {
    if a < P - b { a + b } else { a - (P - b) }
}

fn sub(a: u64, b: u64) -> u64 {
    if a < b { a + (P - b) } else { a - b }
}

fn mul(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(P)) as u64
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
        let [a0, a1, a2, a3, a4] = self.0;
        // Pairs of a polynomial and its cofactor: the first is the second times `self`, modulo z^5 - 3.
        let mut left = ([P - 3, 0, 0, 0, 0, 1], [0; 6]);
        let mut right = ([a0, a1, a2, a3, a4, 0], [1, 0, 0, 0, 0, 0]);
        while degree(&right.0) > 0 {
            if degree(&left.0) < degree(&right.0) {
                (left, right) = (right, left);
            } else {
                left = cancel_leading_term(&left, &right);
            }
        }
        let [c0, c1, c2, c3, c4, _] = right.1;
        Poly([c0, c1, c2, c3, c4]).times(inverse(right.0[0]))
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

fn degree(polynomial: &[u64; 6]) -> usize {
    polynomial.iter().rposition(|&coefficient| coefficient != 0).expect("not zero")
}

/// Both parts of `left` times a constant, less both parts of `right` times a constant and a power of z.
fn cancel_leading_term(left: &([u64; 6], [u64; 6]), right: &([u64; 6], [u64; 6])) -> ([u64; 6], [u64; 6]) {
    let (left_degree, right_degree) = (degree(&left.0), degree(&right.0));
    let (left_factor, right_factor) = (right.0[right_degree], left.0[left_degree]);
    let combine = |left: &[u64; 6], right: &[u64; 6]| {
        let mut sum = left.map(|coefficient| mul(coefficient, left_factor));
        for (sum, &coefficient) in sum[left_degree - right_degree..].iter_mut().zip(right) {
            *sum = sub(*sum, mul(coefficient, right_factor));
        }
        sum
    };
    (combine(&left.0, &right.0), combine(&left.1, &right.1))
}
