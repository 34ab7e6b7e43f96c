//! Scalars agree with the integers modulo n.

use keyward_ecgfp5::Scalar;
use keyward_goldilocks::{Fp, Fp5};
use num_bigint::BigUint;
use proptest::prelude::*;
use proptest::sample::select;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::field::P;
use crate::strategies::{N, bytes, edge_integers, integer320, scalar, words};

fn integer(scalar: &Scalar) -> BigUint {
    let integer = BigUint::from_bytes_le(&scalar.to_bytes());
    assert!(integer < *N, "a scalar is canonical");
    integer
}

/// The order, times and plus a little, and the largest integers of 512 bits.
fn wide_edges() -> Vec<BigUint> {
    let one = BigUint::from(1u8);
    let mut edges =
        vec![(one.clone() << 512) - 1u8, one.clone() << 511, one.clone() << 320, (one.clone() << 320) - 1u8];
    let largest = ((one.clone() << 512) - 1u8) / &*N;
    for factor in [one.clone(), BigUint::from(2u8), BigUint::from(3u8), one.clone() << 192, &largest - 1u8, largest] {
        let multiple = factor * &*N;
        edges.extend([&multiple - 1u8, multiple.clone()]);
        edges.extend((multiple.bits() <= 511).then(|| multiple + 1u8));
    }
    edges.extend(edge_integers());
    // Any edge as the upper part, above a lower part that reduces twice.
    edges.extend(
        edge_integers().into_iter().map(|edge| ((edge % (one.clone() << 192)) << 320) + (one.clone() << 320) - 1u8),
    );
    edges
}

#[test]
fn constants_are_the_groups() {
    assert_eq!(BigUint::from_bytes_le(&Scalar::ORDER_BYTES), *N);
    assert_eq!(integer(&Scalar::ZERO), BigUint::ZERO);
    assert_eq!(integer(&Scalar::ONE), BigUint::from(1u8));
    assert_eq!(Scalar::BYTE_SIZE, 40);
}

#[test]
fn edge_integers_are_parsed_and_reduced() {
    let edges = edge_integers();
    assert!(edges.len() > 90);
    for edge in &edges {
        let parsed = Scalar::from_bytes(&bytes(edge));
        assert_eq!(parsed.as_ref().map(integer), (edge < &*N).then(|| edge.clone()), "{edge:#x}");
        assert_eq!(integer(&Scalar::from_bytes_mod_order(&bytes(edge))), edge % &*N, "{edge:#x}");
    }
    for edge in wide_edges() {
        assert_eq!(integer(&Scalar::from_bytes_mod_order_wide(&bytes(&edge))), &edge % &*N, "{edge:#x}");
    }
}

#[test]
fn edge_scalars_agree_under_every_operation() {
    let edges: Vec<BigUint> = edge_integers().into_iter().filter(|edge| edge < &*N).collect();
    for a in &edges {
        let x = Scalar::from_bytes(&bytes(a)).expect("canonical");
        assert_eq!(integer(&-x), (&*N - a) % &*N, "-{a:#x}");
        assert_eq!(bool::from(x.is_zero()), *a == BigUint::ZERO, "{a:#x}");
        for b in &edges {
            let y = Scalar::from_bytes(&bytes(b)).expect("canonical");
            assert_eq!(integer(&(x + y)), (a + b) % &*N, "{a:#x} + {b:#x}");
            assert_eq!(integer(&(x - y)), (&*N + a - b) % &*N, "{a:#x} - {b:#x}");
            assert_eq!(integer(&(x * y)), a * b % &*N, "{a:#x} * {b:#x}");
            assert_eq!(x == y, a == b, "{a:#x} == {b:#x}");
        }
    }
}

proptest! {
    #[test]
    fn bytes_are_parsed_and_reduced(a in integer320()) {
        let parsed = Scalar::from_bytes(&bytes(&a));
        prop_assert_eq!(parsed.as_ref().map(integer), (a < *N).then(|| a.clone()));
        prop_assert_eq!(integer(&Scalar::from_bytes_mod_order(&bytes(&a))), a % &*N);
    }

    #[test]
    fn wide_bytes_are_reduced(random in any::<[[u8; 32]; 2]>(), edge in select(wide_edges())) {
        let wide = BigUint::from_bytes_le(random.as_flattened());
        for wide in [&wide, &edge] {
            prop_assert_eq!(integer(&Scalar::from_bytes_mod_order_wide(&bytes(wide))), wide % &*N);
        }
    }

    #[test]
    fn challenges_are_read_in_radix_two_to_the_64(words in words()) {
        let expected = words.iter().rev().fold(BigUint::ZERO, |sum, word| (sum << 64) + word % P) % &*N;
        let hash = Fp5::from_coefficients(words.map(Fp::from_u64_mod_order));
        prop_assert_eq!(integer(&Scalar::from_challenge(&hash)), expected);
    }

    #[test]
    fn sums_differences_and_products((x, a) in scalar(), (y, b) in scalar()) {
        prop_assert_eq!(integer(&x), a.clone());
        prop_assert_eq!(integer(&(x + y)), (&a + &b) % &*N);
        prop_assert_eq!(integer(&(x - y)), (&*N + &a - &b) % &*N);
        prop_assert_eq!(integer(&-x), (&*N - &a) % &*N);
        prop_assert_eq!(integer(&(x * y)), a * b % &*N);
    }

    #[test]
    fn scalars_are_a_commutative_ring((x, _) in scalar(), (y, _) in scalar(), (z, _) in scalar()) {
        prop_assert!((x + y) + z == x + (y + z));
        prop_assert!((x * y) * z == x * (y * z));
        prop_assert!(x + y == y + x);
        prop_assert!(x * y == y * x);
        prop_assert!(x * (y + z) == x * y + x * z);
        prop_assert!(x + Scalar::ZERO == x);
        prop_assert!(x * Scalar::ONE == x);
        prop_assert!(x - y == x + -y);
        prop_assert!(bool::from((x - x).is_zero()));
    }

    #[test]
    fn equality_is_of_values((x, a) in scalar(), (y, b) in scalar(), bit in 0..318u64) {
        prop_assert_eq!(x == y, a == b);
        prop_assert_eq!(bool::from(x.ct_eq(&y)), a == b);
        prop_assert_eq!(bool::from(x.is_zero()), a == BigUint::ZERO);
        // One bit alone makes a difference.
        let mut near = a.clone();
        near.set_bit(bit, !a.bit(bit));
        if let Some(near) = Scalar::from_bytes(&bytes(&near)) {
            prop_assert!(x != near && !bool::from(x.ct_eq(&near)));
        }
    }

    #[test]
    fn selection_follows_the_choice((x, _) in scalar(), (y, _) in scalar(), second in any::<bool>()) {
        let selected = Scalar::conditional_select(&x, &y, Choice::from(u8::from(second)));
        let expected = if second { y } else { x };
        prop_assert!(selected == expected);
    }

    #[test]
    fn wiping_leaves_zero((mut x, _) in scalar()) {
        x.zeroize();
        prop_assert!(x == Scalar::ZERO);
    }
}
