//! The oracle: integers modulo p and polynomials modulo z^5 - 3, by schoolbook arithmetic.

use num_bigint::BigUint;

/// p = 2^64 - 2^32 + 1.
pub(crate) fn p() -> BigUint {
    (BigUint::from(1u8) << 64u8) - (BigUint::from(1u8) << 32u8) + 1u8
}

/// The residue of any integer.
pub(crate) fn reduce(value: BigUint) -> u64 {
    u64::try_from(value % p()).expect("a residue modulo p fits 64 bits")
}

pub(crate) fn big(value: u64) -> BigUint {
    BigUint::from(value)
}

pub(crate) fn add(a: u64, b: u64) -> u64 {
    reduce(big(a) + b)
}

pub(crate) fn sub(a: u64, b: u64) -> u64 {
    reduce(big(a) + p() * 2u8 - b)
}

pub(crate) fn mul(a: u64, b: u64) -> u64 {
    reduce(big(a) * b)
}

pub(crate) fn pow(base: u64, exponent: &BigUint) -> u64 {
    reduce(big(base).modpow(exponent, &p()))
}

/// Euler's criterion; 0 counts as a square.
pub(crate) fn is_square(value: u64) -> bool {
    pow(value, &((p() - 1u8) / 2u8)) <= 1
}

/// An element of GF(p)[z]/(z^5 - 3), lowest coefficient first, every coefficient canonical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poly(pub(crate) [u64; 5]);

impl Poly {
    pub(crate) const ZERO: Poly = Poly([0; 5]);
    pub(crate) const ONE: Poly = Poly([1, 0, 0, 0, 0]);

    /// From five words, each taken modulo p.
    pub(crate) fn from_words(words: [u64; 5]) -> Poly {
        Poly(words.map(|word| reduce(big(word))))
    }

    pub(crate) fn add(&self, other: &Poly) -> Poly {
        Poly(core::array::from_fn(|i| add(self.0[i], other.0[i])))
    }

    pub(crate) fn sub(&self, other: &Poly) -> Poly {
        Poly(core::array::from_fn(|i| sub(self.0[i], other.0[i])))
    }

    pub(crate) fn mul(&self, other: &Poly) -> Poly {
        let mut product = [const { BigUint::ZERO }; 9];
        for (i, &a) in self.0.iter().enumerate() {
            for (j, &b) in other.0.iter().enumerate() {
                product[i + j] += big(a) * b;
            }
        }
        for k in 5..9 {
            let wrapped = &product[k] * 3u8;
            product[k - 5] += wrapped;
        }
        let [c0, c1, c2, c3, c4, ..] = product;
        Poly([c0, c1, c2, c3, c4].map(reduce))
    }

    pub(crate) fn pow(&self, exponent: &BigUint) -> Poly {
        (0..exponent.bits()).rev().fold(Poly::ONE, |power, bit| {
            let square = power.mul(&power);
            if exponent.bit(bit) { square.mul(self) } else { square }
        })
    }

    /// Euler's criterion in the field of p^5 elements; 0 counts as a square.
    pub(crate) fn is_square(&self) -> bool {
        let root = self.pow(&((p().pow(5) - 1u8) / 2u8));
        root == Poly::ONE || root == Poly::ZERO
    }
}
