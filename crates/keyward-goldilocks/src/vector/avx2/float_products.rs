//! Products of elements in doubles.
//!
//! Of two elements with limbs a0, a1, a2 and b0, b1, b2, each the five coefficients of a polynomial in z, six products of polynomials are
//! taken instead of nine, by Karatsuba's way: m0 = a0·b0, m1 = a1·b1, m2 = a2·b2, m01 = (a0 + a1)·(b0 + b1), and m02 and m12
//! likewise. With them, and a term t,
//!
//! r0 = m0 + t0, r1 = m01 − m0 − m1 + t1, r2 = m02 + m1 − m0 − m2 + t2, r3 = m12 − m1 − m2, r4 = m2
//!
//! are what counts 1, 2^24, 2^48, 2^72 and 2^96.
//!
//! # Why all of it is exact
//!
//! By z^5 = 3 a coefficient of a product of polynomials is a sum of five products of coefficients, those that were wrapped times
//! three: at most 1 + 3·4 = 13 of them. One factor is reduced, the other at most twice that (or both are the same reduced element). All
//! are integers, so that a sum or a product is exact if it is not above 2^53, and so is a product with a sum added (FMA) if that is. In
//! absolute values, with u = 2^47 and 2^53 = 64·u:
//!
//! - m01 and the sums on the way to it are not above 13·2^25·2^24 = 52·u; m0 and m1 not above 13·u, m02 and m12 not above
//!   13·(9/8)²·u < 17·u, m2 not above 13·2^41 < u/4.
//! - m01 − m0 is a sum of a0·b1 + a1·b0 + a1·b1, not above 39·u, and r1 less t1 not above 26·u. Of the others' partial sums none is
//!   above the sum of its parts, 17·u + 13·u + 13·u + u/4 < 44·u.
//! - r2 less t2 is a sum of a0·b2 + a2·b0 + a1·b1, not above 13·(1/8 + 1/8 + 1)·u = 16.25·u; r3 one of a1·b2 + a2·b1, not above
//!   3.25·u.
//! - Limbs of a term are not above u: r0 ≤ 14·u, r1 ≤ 27·u, r2 ≤ 17.25·u.
//!
//! [`reduce`] goes on from these.

use core::arch::x86_64::{
    __m256d, _mm256_add_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd, _mm256_mul_pd, _mm256_set1_pd, _mm256_sub_pd,
};

use super::float::{FloatFp5x4, REDUCED, pow2};

/// The same limb of five coefficients, or what comes of it.
type Five = [__m256d; 5];

/// The bounds of the factor that need not be reduced.
const TWICE_REDUCED: [f64; 3] = [2.0 * REDUCED[0], 2.0 * REDUCED[1], 2.0 * REDUCED[2]];

/// The bounds of a term.
const TERM: [f64; 3] = [pow2(47); 3];

/// The six products of polynomials.
struct Products {
    m0: Five,
    m1: Five,
    m2: Five,
    m01: Five,
    m02: Five,
    m12: Five,
}

/// All in place: an element has sixty words, which are better not moved around.
impl FloatFp5x4 {
    /// Multiplies by `other`. Gives reduced limbs. Those of one of the two must be reduced, and those of the other at most twice as
    /// large: a difference of two reduced elements.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn mul_by(&mut self, other: &Self) {
        Products::of(self, other).finish::<0>(self);
    }

    /// `a * b - self` in the place of `self`. Gives reduced limbs. Those of the factors are as for [`mul_by`](Self::mul_by), and those
    /// of `self` not above 2^47.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn sub_from_product(&mut self, a: &Self, b: &Self) {
        Products::of(a, b).finish::<-1>(self);
    }

    /// Adds the square of `a`. Gives reduced limbs. Those of `a` must be reduced, and those of `self` not above 2^47.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub fn add_square(&mut self, a: &Self) {
        Products::of_square(a).finish::<1>(self);
    }
}

impl Products {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn of(a: &FloatFp5x4, b: &FloatFp5x4) -> Self {
        debug_assert!(
            a.is_within(TWICE_REDUCED) && b.is_within(REDUCED) || a.is_within(REDUCED) && b.is_within(TWICE_REDUCED),
            "the limbs are too large"
        );
        let ([a0, a1, a2], [b0, b1, b2]) = (&a.limbs, &b.limbs);
        Self {
            m0: product(a0, b0),
            m1: product(a1, b1),
            m2: product(a2, b2),
            m01: product_of_sums(a0, a1, b0, b1),
            m02: product_of_sums(a0, a2, b0, b2),
            m12: product_of_sums(a1, a2, b1, b2),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn of_square(a: &FloatFp5x4) -> Self {
        debug_assert!(a.is_within(REDUCED), "the limbs are too large");
        let [a0, a1, a2] = &a.limbs;
        Self {
            m0: square(a0),
            m1: square(a1),
            m2: square(a2),
            m01: square_of_sum(a0, a1),
            m02: square_of_sum(a0, a2),
            m12: square_of_sum(a1, a2),
        }
    }

    /// Puts the whole product plus `SIGN` times what there is into `term`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn finish<const SIGN: i8>(&self, term: &mut FloatFp5x4) {
        debug_assert!(SIGN == 0 || term.is_within(TERM), "the limbs are too large");
        let (add, sub) = (_mm256_add_pd, _mm256_sub_pd);
        let [t0, t1, t2] = &mut term.limbs;
        for i in 0..5 {
            let [m0, m1, m2] = [self.m0[i], self.m1[i], self.m2[i]];
            let r1 = sub(sub(self.m01[i], m0), m1);
            let r2 = add(sub(sub(m1, m2), m0), self.m02[i]);
            let r3 = sub(sub(self.m12[i], m1), m2);
            let [r0, r1, r2] = match SIGN {
                0 => [m0, r1, r2],
                1 => [add(m0, t0[i]), add(r1, t1[i]), add(r2, t2[i])],
                _ => [sub(m0, t0[i]), sub(r1, t1[i]), sub(r2, t2[i])],
            };
            [t0[i], t1[i], t2[i]] = reduce([r0, r1, r2, r3, m2]);
        }
    }
}

/// A function of its own, like the other products of polynomials: of one at a time the sums and all factors have their places in the 16
/// registers.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn product(a: &Five, b: &Five) -> Five {
    convolve(*a, *b)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn product_of_sums(a: &Five, a2: &Five, b: &Five, b2: &Five) -> Five {
    convolve(sum(a, a2), sum(b, b2))
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn square(a: &Five) -> Five {
    convolve_square(*a)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn square_of_sum(a: &Five, a2: &Five) -> Five {
    convolve_square(sum(a, a2))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum(a: &Five, b: &Five) -> Five {
    [
        _mm256_add_pd(a[0], b[0]),
        _mm256_add_pd(a[1], b[1]),
        _mm256_add_pd(a[2], b[2]),
        _mm256_add_pd(a[3], b[3]),
        _mm256_add_pd(a[4], b[4]),
    ]
}

/// The product of two polynomials in z, by z^5 = 3.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn convolve([a0, a1, a2, a3, a4]: Five, [b0, b1, b2, b3, b4]: Five) -> Five {
    let (mul, fma, three) = (_mm256_mul_pd, |a, b, c| _mm256_fmadd_pd(a, b, c), _mm256_set1_pd(3.0));
    let [c0, c1, c2, c3, c4] = [mul(a0, b0), mul(a0, b1), mul(a0, b2), mul(a0, b3), mul(a0, b4)];
    let w4 = mul(b4, three);
    let [c0, c1, c2, c3, c4] = [fma(a1, w4, c0), fma(a1, b0, c1), fma(a1, b1, c2), fma(a1, b2, c3), fma(a1, b3, c4)];
    let w3 = mul(b3, three);
    let [c0, c1, c2, c3, c4] = [fma(a2, w3, c0), fma(a2, w4, c1), fma(a2, b0, c2), fma(a2, b1, c3), fma(a2, b2, c4)];
    let w2 = mul(b2, three);
    let [c0, c1, c2, c3, c4] = [fma(a3, w2, c0), fma(a3, w3, c1), fma(a3, w4, c2), fma(a3, b0, c3), fma(a3, b1, c4)];
    let w1 = mul(b1, three);
    [fma(a4, w1, c0), fma(a4, w2, c1), fma(a4, w3, c2), fma(a4, w4, c3), fma(a4, b0, c4)]
}

/// The square of a polynomial in z, by z^5 = 3.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn convolve_square([a0, a1, a2, a3, a4]: Five) -> Five {
    let (mul, fma, add, three) =
        (_mm256_mul_pd, |a, b, c| _mm256_fmadd_pd(a, b, c), _mm256_add_pd, _mm256_set1_pd(3.0));
    let (d0, d1) = (add(a0, a0), add(a1, a1));
    let (t3, t4) = (mul(a3, three), mul(a4, three));
    let (w3, w4) = (add(t3, t3), add(t4, t4));
    [
        fma(a1, w4, fma(a2, w3, mul(a0, a0))),
        fma(d0, a1, fma(a2, w4, mul(a3, t3))),
        fma(d0, a2, fma(a3, w4, mul(a1, a1))),
        fma(d0, a3, fma(d1, a2, mul(a4, t4))),
        fma(d0, a4, fma(d1, a3, mul(a2, a2))),
    ]
}

/// A reduced coefficient with the residue of r0 + r1·2^24 + r2·2^48 + r3·2^72 + r4·2^96, as large as the module says.
///
/// Nothing but [`round`] rounds: no sum here is above 2^53, and what is divided by a power of two is a multiple of it.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn reduce([r0, r1, r2, r3, r4]: [__m256d; 5]) -> [__m256d; 3] {
    let sub = _mm256_sub_pd;
    let plus_scaled = |a, exponent, b| _mm256_fmadd_pd(a, _mm256_set1_pd(pow2(exponent)), b);
    // Of r1 there stay 2^23; r2 is not above 17.25·u + 27·2^23 + 1 < 17.3·u then, of which there stay 2^15.
    let c1 = round::<24>(r1);
    let l1 = sub(r1, c1);
    let r2 = plus_scaled(c1, -24, r2);
    let c2 = round::<16>(r2);
    let l2 = sub(r2, c2);
    // r3·2^72 = q·2^−24·2^96 + rest·2^24·2^48, where 2^96 = −1.
    let q = round::<24>(r3);
    let rest = sub(r3, q);
    let r0 = sub(r0, plus_scaled(q, -24, r4));
    // What is left at 2^48 is a multiple of 2^16, which makes 2^64 = 2^32 − 1: not above 2^47 + 17.3·u + 2^15 < 18.4·u.
    let t = plus_scaled(rest, 24, c2);
    // Not above 14·u + 3.25·2^23 + 1 + u/4 + 18.4·2^31 < 14.3·u, and 2^23 + 18.4·2^39.
    let r0 = _mm256_fnmadd_pd(t, _mm256_set1_pd(pow2(-16)), r0);
    let l1 = plus_scaled(t, -8, l1);
    // Of r0 there stay 2^23. l1 is not above 2^23 + 18.4·2^39 + 14.3·2^23 + 1 < 18.5·2^39, of which there stay 2^23. What goes to l2 makes
    // that 2^15 + 18.5·2^15 + 1 < 2^20.
    let c0 = round::<24>(r0);
    let l1 = plus_scaled(c0, -24, l1);
    let c1 = round::<24>(l1);
    [sub(r0, c0), sub(l1, c1), plus_scaled(c1, -24, l2)]
}

/// The nearest multiple of 2^`BITS`, for up to 2^(50 + `BITS`).
#[inline]
#[target_feature(enable = "avx2,fma")]
fn round<const BITS: i32>(value: __m256d) -> __m256d {
    // The sum lies between 2^(52 + BITS) and twice that, where doubles are that far apart.
    let magic = _mm256_set1_pd(1.5 * pow2(52 + BITS));
    _mm256_sub_pd(_mm256_add_pd(value, magic), magic)
}

#[cfg(test)]
#[expect(unsafe_code, reason = "the way into functions with target features")]
mod tests {
    use core::arch::x86_64::{_mm256_set_pd, _mm256_setzero_pd};

    use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};

    use super::{FloatFp5x4, REDUCED, TERM, TWICE_REDUCED};
    use crate::vector::Avx2;
    use crate::{Fp, Fp5};

    /// `[limb][coefficient][lane]`.
    type Limbs = [[[i64; 4]; 5]; 3];

    /// Limbs within `bounds`, more often than not at one of the ends.
    fn limbs(bounds: [f64; 3]) -> impl Strategy<Value = Limbs> {
        let limb = |bound: f64| {
            let bound = bound as i64;
            let limb = prop_oneof![2 => -bound..=bound, 1 => Just(-bound), 1 => Just(bound), 1 => Just(0)];
            prop::array::uniform5(prop::array::uniform4(limb))
        };
        let [low, middle, high] = bounds;
        (limb(low), limb(middle), limb(high)).prop_map(|(low, middle, high)| [low, middle, high])
    }

    #[target_feature(enable = "avx2,fma")]
    fn vector(limbs: &Limbs) -> FloatFp5x4 {
        let mut vector = FloatFp5x4 { limbs: [[_mm256_setzero_pd(); 5]; 3] };
        for (limb, [a, b, c, d]) in vector.limbs.as_flattened_mut().iter_mut().zip(limbs.as_flattened()) {
            *limb = _mm256_set_pd(*d as f64, *c as f64, *b as f64, *a as f64);
        }
        vector
    }

    fn values(limbs: &Limbs) -> [Fp5; 4] {
        let signed = |limb: i64| {
            let magnitude = Fp::from_u64_mod_order(limb.unsigned_abs());
            if limb < 0 { -magnitude } else { magnitude }
        };
        let power = |exponent: u32| Fp::from_u64_mod_order(1 << exponent);
        let [low, middle, high] = limbs;
        core::array::from_fn(|lane| {
            Fp5::from_coefficients(core::array::from_fn(|i| {
                signed(low[i][lane]) + signed(middle[i][lane]) * power(24) + signed(high[i][lane]) * power(48)
            }))
        })
    }

    #[target_feature(enable = "avx2,fma")]
    fn assert_reduced(vector: &FloatFp5x4, expected: impl Fn(usize) -> Fp5) {
        assert!(vector.is_within(REDUCED));
        assert_eq!(vector.store(), core::array::from_fn(expected));
    }

    #[target_feature(enable = "avx2,fma")]
    fn check(twice: &Limbs, reduced: &Limbs, term: &Limbs) {
        let (a, b, c) = (vector(twice), vector(reduced), vector(term));
        let (va, vb, vc) = (values(twice), values(reduced), values(term));
        assert_reduced(&b, |i| vb[i]);
        for (first, second) in [(&a, &b), (&b, &a)] {
            let mut product = *first;
            product.mul_by(second);
            assert_reduced(&product, |i| va[i] * vb[i]);
            let mut difference = c;
            difference.sub_from_product(first, second);
            assert_reduced(&difference, |i| va[i] * vb[i] - vc[i]);
        }
        let mut sum = c;
        sum.add_square(&b);
        assert_reduced(&sum, |i| vb[i].square() + vc[i]);
    }

    #[test]
    fn the_largest_limbs_of_all_signs() {
        let largest = |bounds: [f64; 3], signs: usize| -> Limbs {
            core::array::from_fn(|limb| {
                let bound = bounds[limb] as i64;
                [[if signs >> limb & 1 == 0 { bound } else { -bound }; 4]; 5]
            })
        };
        if Avx2::detect().is_some() {
            for signs in 0..1 << 9 {
                let [a, b, c] = [signs, signs >> 3, signs >> 6];
                let (a, b, c) = (largest(TWICE_REDUCED, a), largest(REDUCED, b), largest(TERM, c));
                // SAFETY: the processor has the target features.
                unsafe { check(&a, &b, &c) }
            }
        }
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_portable_code(
            twice in limbs(TWICE_REDUCED),
            reduced in limbs(REDUCED),
            term in limbs(TERM),
        ) {
            if Avx2::detect().is_some() {
                // SAFETY: the processor has the target features.
                unsafe { check(&twice, &reduced, &term) }
            }
        }
    }
}
