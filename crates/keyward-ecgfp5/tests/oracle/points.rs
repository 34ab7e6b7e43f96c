//! Sums, doubles and negatives of points agree with the chord-and-tangent law.

use keyward_ecgfp5::Point;
use num_bigint::BigUint;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::curve::{self, Element};
use crate::field::Poly;
use crate::strategies::{MAKINGS, N, element, point, points};

/// The point is the element, in its encoding and in its answers about itself.
fn agrees(point: &Point, element: &Element) -> bool {
    let decoded = Point::decode(&element.encode().to_fp5());
    Poly::of(&point.encode()) == element.encode()
        && bool::from(point.is_neutral()) == (*element == Element::NEUTRAL)
        && decoded.is_some_and(|decoded| decoded == *point)
}

/// The coefficients as the constants file writes them.
fn text(element: &Poly) -> Value {
    json!(element.to_fp5().coefficients().map(|coefficient| coefficient.to_u64().to_string()))
}

#[test]
fn the_oracles_curves_are_the_published_ones() {
    let constants: Value = serde_json::from_str(include_str!("../vectors/constants.json")).expect("JSON");
    let generator = Element::generator();
    assert_eq!(constants["curve"]["b"], text(&curve::b()));
    assert_eq!(constants["curve"]["generator"]["x"], text(&generator.x));
    assert_eq!(constants["curve"]["generator"]["y"], text(&generator.y));
    let (a, b) = curve::weierstrass_coefficients();
    let (x, y) = generator.to_weierstrass().expect("not the neutral element");
    for (name, element) in [("A", a), ("B", b), ("gx", x), ("gy", y), ("shift", curve::shift())] {
        assert_eq!(constants["weierstrass"][name], text(&element), "{name}");
    }
    let multiples = constants["curve"]["multiples"].as_array().expect("an array");
    assert_eq!(multiples.len(), 16);
    for multiple in multiples {
        let element = generator.mul(&multiple["k"].as_u64().expect("a number").into());
        assert_eq!(multiple["x"], text(&element.x));
        assert_eq!(multiple["w"], text(&element.encode()));
    }
}

#[test]
fn the_oracles_two_forms_agree() {
    let generator = Element::generator();
    assert!(generator.is_valid() && Element::NEUTRAL.is_valid());
    let (mut sum, mut integer) = (Element::NEUTRAL, BigUint::ZERO);
    for _ in 0..20 {
        assert!(sum.is_valid());
        assert_eq!(generator.mul(&integer), sum, "{integer}");
        assert_eq!(sum.add(&Element::NEUTRAL), sum);
        assert_eq!(sum.add(&sum.neg()), Element::NEUTRAL);
        (sum, integer) = (sum.add(&generator), integer + 1u8);
    }
    // Doublings and the order, the long way.
    assert_eq!(generator.mul(&N), Element::NEUTRAL);
    assert_eq!(generator.mul(&(&*N - 1u8)), generator.neg());
    assert_eq!(generator.mul(&(&*N - 20u8)).add(&sum), Element::NEUTRAL);
    assert_eq!(generator.encode(), Poly::constant(4));
    assert!(curve::is_encoding(&Poly::constant(4)) && !curve::is_encoding(&Poly::constant(5)));
}

#[test]
fn neutral_equal_and_opposite_operands() {
    let mut elements: Vec<(Element, BigUint)> = vec![];
    for k in [0u8, 1, 2, 3, 5] {
        let element = Element::generator().mul(&k.into());
        elements.push((element, k.into()));
        elements.push((element.neg(), (&*N - k) % &*N));
    }
    let half = (&*N + 1u8) / 2u8;
    elements.push((Element::generator().mul(&half), half));
    for (p, j) in &elements {
        for (q, k) in &elements {
            let (sum, difference) = (p.add(q), p.add(&q.neg()));
            for first in MAKINGS {
                for second in MAKINGS {
                    let (x, y) = (first.make(p, j), second.make(q, k));
                    assert!(agrees(&(x + y), &sum), "{j} + {k}, {first:?} + {second:?}");
                    assert!(agrees(&(x - y), &difference), "{j} - {k}, {first:?} - {second:?}");
                    assert_eq!(x == y, p == q, "{j} == {k}, {first:?} == {second:?}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn sums_and_differences([(x, p), (y, q)] in points()) {
        prop_assert!(agrees(&x, &p) && agrees(&y, &q));
        prop_assert!(agrees(&(x + y), &p.add(&q)));
        prop_assert!(agrees(&(x - y), &p.add(&q.neg())));
        prop_assert!(agrees(&-x, &p.neg()));
        prop_assert_eq!(x == y, p == q);
    }

    #[test]
    fn doubles((x, p, _) in point()) {
        prop_assert!(agrees(&x.double(), &p.double()));
        prop_assert!(agrees(&(x + x), &p.double()));
        // Another representation of the same point.
        prop_assert!(agrees(&x.double().double(), &p.double().double()));
    }

    #[test]
    fn runs_of_doubles((x, mut p, _) in point(), times in prop_oneof![8 => 0..8u32, 1 => 8..40u32]) {
        let many = x.double_times(times);
        for _ in 0..times {
            p = p.double();
        }
        prop_assert!(agrees(&many, &p));
    }

    #[test]
    fn elements_are_valid((p, _) in element()) {
        prop_assert!(p.is_valid());
        prop_assert!(curve::is_encoding(&p.encode()));
    }
}
