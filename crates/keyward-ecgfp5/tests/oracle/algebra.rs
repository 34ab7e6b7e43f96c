//! The laws of a group of order n, and multiples against plain doubling and adding with the crate's own sums, which
//! the oracle has checked.

use keyward_ecgfp5::{Point, PointTable, Scalar};
use num_bigint::BigUint;
use proptest::prelude::*;

use crate::strategies::{edge_integers, point, points, scalar, scalar_of};

fn double_and_add(point: &Point, integer: &BigUint) -> Point {
    (0..integer.bits()).rev().fold(Point::NEUTRAL, |sum, bit| {
        let twice = sum.double();
        if integer.bit(bit) { twice + *point } else { twice }
    })
}

#[test]
fn edge_scalars_multiply_as_doubling_and_adding() {
    let edges = edge_integers();
    let others =
        [BigUint::ZERO, BigUint::from(1u8), BigUint::from(0x1234_5678_9ABC_DEF0_u64) << 200, edges[20].clone()];
    for q in [Point::NEUTRAL, Point::GENERATOR, -Point::GENERATOR, double_and_add(&Point::GENERATOR, &edges[70])] {
        let table = PointTable::new(&q);
        #[cfg(feature = "alloc")]
        let sized = crate::multiples::SIZES.map(|size| keyward_ecgfp5::SizedPointTable::new(&q, size));
        for edge in &edges {
            let scalar = scalar_of(edge);
            let (of_generator, of_q) = (double_and_add(&Point::GENERATOR, edge), double_and_add(&q, edge));
            assert!(Point::mul_generator(&scalar) == of_generator, "{edge:#x}");
            assert!(&q * &scalar == of_q, "{edge:#x}");
            for other in &others {
                let other_scalar = scalar_of(other);
                let sum = of_generator + double_and_add(&q, other);
                assert!(Point::mul_generator_add_vartime(&scalar, &other_scalar, &q) == sum, "{edge:#x}, {other:#x}");
                assert!(table.mul_generator_add_vartime(&scalar, &other_scalar) == sum, "{edge:#x}, {other:#x}");
                let sum = double_and_add(&Point::GENERATOR, other) + of_q;
                assert!(Point::mul_generator_add_vartime(&other_scalar, &scalar, &q) == sum, "{other:#x}, {edge:#x}");
                assert!(table.mul_generator_add_vartime(&other_scalar, &scalar) == sum, "{other:#x}, {edge:#x}");
                #[cfg(feature = "alloc")]
                for table in &sized {
                    let product = table.mul_generator_add_vartime(&other_scalar, &scalar);
                    assert!(product == sum, "{:?}, {other:#x}, {edge:#x}", table.size());
                }
            }
        }
    }
}

/// Every digit of every window, in both signs, with the least digits in all others: reads each entry of the tables.
#[test]
fn each_digit_of_each_window() {
    let table = PointTable::new(&Point::GENERATOR);
    #[cfg(feature = "alloc")]
    let sized = crate::multiples::SIZES.map(|size| keyward_ecgfp5::SizedPointTable::new(&Point::GENERATOR, size));
    for width in [5u32, 8] {
        // All digits of this width 1.
        let ones = (0..320 / width).fold(BigUint::ZERO, |sum, i| sum + (BigUint::from(1u8) << (width * i)));
        for window in 0..320 / width {
            let base = Point::GENERATOR.double_times(width * window);
            let mut multiple = double_and_add(&Point::GENERATOR, &ones);
            for half in 0..1u32 << (width - 1) {
                // The digit 1 + 2·half.
                let scalar = scalar_of(&(&ones + (BigUint::from(2 * half) << (width * window))));
                for (scalar, expected) in [(scalar, multiple), (-scalar, -multiple)] {
                    let place = || format!("{half} in window {window} of {width} bits");
                    assert!(Point::mul_generator(&scalar) == expected, "{}", place());
                    assert!(table.mul_generator_add_vartime(&Scalar::ZERO, &scalar) == expected, "{}", place());
                    #[cfg(feature = "alloc")]
                    for table in &sized {
                        let product = table.mul_generator_add_vartime(&Scalar::ZERO, &scalar);
                        assert!(product == expected, "{:?}, {}", table.size(), place());
                    }
                }
                multiple = multiple + base.double();
            }
        }
    }
}

#[test]
fn sums_that_vanish_are_the_neutral_element() {
    for k in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, scalar_of(&(BigUint::from(3u8) << 300))] {
        for j in [Scalar::ONE, -Scalar::ONE, scalar_of(&BigUint::from(5u8))] {
            // (-jk) G + k (j G).
            let q = Point::mul_generator(&j);
            let s = -(j * k);
            assert!(bool::from(Point::mul_generator_add_vartime(&s, &k, &q).is_neutral()));
            assert!(bool::from(PointTable::new(&q).mul_generator_add_vartime(&s, &k).is_neutral()));
            #[cfg(feature = "alloc")]
            for size in crate::multiples::SIZES {
                let table = keyward_ecgfp5::SizedPointTable::new(&q, size);
                assert!(bool::from(table.mul_generator_add_vartime(&s, &k).is_neutral()), "{size:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn points_are_a_commutative_group([(x, _), (y, _)] in points(), (z, _, _) in point()) {
        prop_assert!((x + y) + z == x + (y + z));
        prop_assert!(x + y == y + x);
        prop_assert!(x + Point::NEUTRAL == x);
        prop_assert!(bool::from((x - x).is_neutral()));
        prop_assert!(x - y == x + -y);
        prop_assert!(-(x + y) == -x - y);
        prop_assert!(x.double() == x + x);
    }

    #[test]
    fn multiples_are_doubles_and_sums((k, integer) in scalar(), (x, _, _) in point()) {
        prop_assert!(Point::mul_generator(&k) == double_and_add(&Point::GENERATOR, &integer));
        prop_assert!(&x * &k == double_and_add(&x, &integer));
    }

    #[test]
    fn double_multiples_are_sums_of_two((s, a) in scalar(), (e, b) in scalar(), (x, _, _) in point()) {
        let sum = double_and_add(&Point::GENERATOR, &a) + double_and_add(&x, &b);
        prop_assert!(Point::mul_generator_add_vartime(&s, &e, &x) == sum);
        prop_assert!(PointTable::new(&x).mul_generator_add_vartime(&s, &e) == sum);
    }

    #[test]
    fn multiplication_is_linear((j, _) in scalar(), (k, _) in scalar(), [(x, _), (y, _)] in points()) {
        prop_assert!(&x * &(j + k) == &x * &j + &x * &k);
        prop_assert!(&(x + y) * &k == &x * &k + &y * &k);
        prop_assert!(&x * &(j * k) == &(&x * &j) * &k);
        prop_assert!(&x * &-k == -(&x * &k));
        prop_assert!(Point::mul_generator(&(j - k)) == Point::mul_generator(&j) - Point::mul_generator(&k));
    }

    #[test]
    fn discrete_logarithms_hold((x, _, k) in point()) {
        prop_assert!(Point::mul_generator(&scalar_of(&k)) == x);
    }

    #[test]
    fn runs_of_doubles_multiply_by_powers_of_two((x, _, _) in point(), times in 0..400u32) {
        let power = BigUint::from(1u8) << times;
        prop_assert!(x.double_times(times) == &x * &scalar_of(&power));
    }
}
