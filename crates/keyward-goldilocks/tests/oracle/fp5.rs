//! GF(p^5) agrees with the polynomials modulo z^5 - 3.

use core::array;

use keyward_goldilocks::{Fp, Fp5, LazyFp5};
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::bigint::{Poly, p};
use crate::strategies::{EDGES, MAKINGS, fp, fp5};

fn poly(element: &Fp5) -> Poly {
    Poly(element.coefficients().map(Fp::to_u64))
}

fn factor() -> impl Strategy<Value = u16> {
    prop_oneof![any::<u16>(), select(&[0, 1, 263, 4208, u16::MAX][..])]
}

#[test]
fn equal_edge_words_in_all_coefficients_agree() {
    for (i, &a) in EDGES.iter().enumerate() {
        for &b in &EDGES {
            let x = Fp5::from_coefficients([MAKINGS[i % MAKINGS.len()].make(a); 5]);
            let y = Fp5::from_coefficients(array::from_fn(|j| MAKINGS[j % MAKINGS.len()].make(b)));
            let (f, g) = (Poly::from_words([a; 5]), Poly::from_words([b; 5]));
            assert_eq!(poly(&(x + y)), f.add(&g), "{a:#x} + {b:#x}");
            assert_eq!(poly(&(x - y)), f.sub(&g), "{a:#x} - {b:#x}");
            assert_eq!(poly(&(x * y)), f.mul(&g), "{a:#x} * {b:#x}");
            assert_eq!(poly(&x.square()), f.mul(&f), "{a:#x}^2");
        }
    }
}

#[test]
#[should_panic]
fn frobenius_has_only_five_powers() {
    let _ = Fp5::ONE.frobenius(5);
}

proptest! {
    #[test]
    fn sums_and_differences((x, a) in fp5(), (y, b) in fp5()) {
        let (f, g) = (Poly::from_words(a), Poly::from_words(b));
        prop_assert_eq!(poly(&x), f);
        prop_assert_eq!(poly(&(x + y)), f.add(&g));
        prop_assert_eq!(poly(&(x - y)), f.sub(&g));
        prop_assert_eq!(poly(&-x), Poly::ZERO.sub(&f));
        prop_assert_eq!(poly(&x.double()), f.add(&f));
    }

    #[test]
    fn products_and_squares((x, a) in fp5(), (y, b) in fp5()) {
        let (f, g) = (Poly::from_words(a), Poly::from_words(b));
        prop_assert_eq!(poly(&(x * y)), f.mul(&g));
        prop_assert_eq!(poly(&x.square()), f.mul(&f));
    }

    #[test]
    fn fused_products_are_the_separate_steps((x, a) in fp5(), (y, b) in fp5(), (z, c) in fp5()) {
        let expected = Poly::from_words(a).mul(&Poly::from_words(b)).add(&Poly::from_words(c));
        prop_assert_eq!(poly(&x.mul_add(&y, LazyFp5::from(&z))), expected);
    }

    #[test]
    fn lazy_sums_are_the_separate_steps((x, a) in fp5(), (y, b) in fp5(), (z, c) in fp5(), factor in factor()) {
        let (f, g, h) = (Poly::from_words(a), Poly::from_words(b), Poly::from_words(c));
        let constant = Poly([factor.into(), 0, 0, 0, 0]);
        let z_multiple = f.mul(&Poly([0, factor.into(), 0, 0, 0]));
        let (y_multiple, z_opposite) = (g.mul(&constant), Poly::ZERO.sub(&h.mul(&constant)));
        prop_assert_eq!(poly(&LazyFp5::from(&x).reduce()), f);
        prop_assert_eq!(poly(&LazyFp5::times_z(&x, factor).reduce()), z_multiple);
        prop_assert_eq!(poly(&LazyFp5::times(&y, factor).reduce()), y_multiple);
        prop_assert_eq!(poly(&LazyFp5::minus_times(&z, factor).reduce()), z_opposite);
        let sum = LazyFp5::times_z(&x, factor) + LazyFp5::times(&y, factor) + LazyFp5::minus_times(&z, factor);
        let expected = z_multiple.add(&y_multiple).add(&z_opposite);
        prop_assert_eq!(poly(&sum.reduce()), expected);
        prop_assert_eq!(poly(&y.mul_add(&z, sum)), g.mul(&h).add(&expected));
        let zero = LazyFp5::times(&x, factor) + LazyFp5::minus_times(&x, factor);
        prop_assert_eq!(poly(&zero.reduce()), Poly::ZERO);
    }

    #[test]
    fn assigning_operators_are_the_plain_ones((x, _) in fp5(), (y, _) in fp5()) {
        let mut z = x;
        z += y;
        prop_assert_eq!(z, x + y);
        z = x;
        z -= y;
        prop_assert_eq!(z, x - y);
        z = x;
        z *= y;
        prop_assert_eq!(z, x * y);
    }

    #[test]
    fn elements_of_the_base_field_embed((x, a) in fp(), (y, b) in fp5()) {
        let f = Poly::from_words([a, 0, 0, 0, 0]);
        prop_assert_eq!(poly(&Fp5::from(x)), f);
        prop_assert_eq!(poly(&(Fp5::from(x) * y)), f.mul(&Poly::from_words(b)));
        prop_assert_eq!(poly(&(y * x)), f.mul(&Poly::from_words(b)));
    }

    #[test]
    fn inverses((x, a) in fp5()) {
        let f = Poly::from_words(a);
        let expected = if f == Poly::ZERO { Poly::ZERO } else { Poly::ONE };
        prop_assert_eq!(poly(&x.invert()).mul(&f), expected);
        prop_assert_eq!(x.invert() == Fp5::ZERO, expected == Poly::ZERO);
    }

    #[test]
    fn frobenius_is_the_power_of_p((x, a) in fp5(), k in 0..5u32) {
        prop_assert_eq!(poly(&x.frobenius(k as usize)), Poly::from_words(a).pow(&p().pow(k)));
    }

    #[test]
    fn norm_is_the_product_of_the_conjugates((x, a) in fp5()) {
        let exponent = (0..5).map(|k| p().pow(k)).sum::<BigUint>();
        let norm = Poly([x.norm().to_u64(), 0, 0, 0, 0]);
        prop_assert_eq!(norm, Poly::from_words(a).pow(&exponent));
    }

    #[test]
    fn squares_have_roots_and_others_none((x, a) in fp5()) {
        let f = Poly::from_words(a);
        let square = f.is_square();
        prop_assert_eq!(x.is_square_vartime(), square);
        match x.sqrt_vartime() {
            Some(root) => prop_assert_eq!(poly(&root).mul(&poly(&root)), f),
            None => prop_assert!(!square),
        }
        prop_assert!(x.square().sqrt_vartime().is_some_and(|root| root == x || root == -x));
    }

    #[test]
    fn equality_is_of_values((x, a) in fp5(), (y, b) in fp5(), near in 0..5usize) {
        let equal = Poly::from_words(a) == Poly::from_words(b);
        prop_assert_eq!(x == y, equal);
        prop_assert_eq!(bool::from(x.ct_eq(&y)), equal);
        prop_assert_eq!(bool::from(x.is_zero()), Poly::from_words(a) == Poly::ZERO);
        prop_assert_eq!(x, Fp5::from_coefficients(a.map(Fp::from_u64_mod_order)));
        // One coefficient alone makes a difference.
        let mut coefficients = x.coefficients();
        coefficients[near] += Fp::ONE;
        let other = Fp5::from_coefficients(coefficients);
        prop_assert_ne!(x, other);
        prop_assert!(!bool::from(x.ct_eq(&other)));
    }

    #[test]
    fn selection_follows_the_choice((x, _) in fp5(), (y, _) in fp5(), second in any::<bool>()) {
        let selected = Fp5::conditional_select(&x, &y, Choice::from(u8::from(second)));
        prop_assert_eq!(selected, if second { y } else { x });
    }

    #[test]
    fn long_calculations_do_not_drift((x, a) in fp5(), steps in vec((0..5u8, fp5()), 1..32)) {
        let (mut ours, mut theirs) = (x, Poly::from_words(a));
        for (operation, (y, b)) in steps {
            let b = Poly::from_words(b);
            (ours, theirs) = match operation {
                0 => (ours + y, theirs.add(&b)),
                1 => (ours - y, theirs.sub(&b)),
                2 => (ours.square() - y, theirs.mul(&theirs).sub(&b)),
                3 => (-ours.double(), Poly::ZERO.sub(&theirs.add(&theirs))),
                _ => (ours * y, theirs.mul(&b)),
            };
        }
        prop_assert_eq!(poly(&ours), theirs);
    }
}
