//! Exactly the encodings of group elements decode, and back to themselves.

use core::array;

use keyward_ecgfp5::Point;
use keyward_goldilocks::{Fp, Fp5};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::curve::{Element, is_encoding};
use crate::field::{P, Poly};
use crate::strategies::{point, words};

fn element(words: [u64; 5]) -> Fp5 {
    Fp5::from_coefficients(words.map(Fp::from_u64_mod_order))
}

#[test]
fn zero_is_the_neutral_element_in_any_representation() {
    for words in [[0; 5], [P; 5], [P, 0, 0, 0, 0], [0, 0, 0, 0, P]] {
        let neutral = Point::decode(&element(words)).expect("an encoding");
        assert!(bool::from(neutral.is_neutral()));
        assert!(neutral == Point::NEUTRAL);
        assert_eq!(neutral.encode(), Fp5::ZERO);
    }
}

#[test]
fn small_constants() {
    let valid: Vec<u64> = (0..200).filter(|&w| Point::decode(&element([w, 0, 0, 0, 0])).is_some()).collect();
    let expected: Vec<u64> = (0..200).filter(|&w| is_encoding(&Poly::constant(w))).collect();
    assert_eq!(valid, expected);
    assert!(valid.contains(&4) && valid.len() < 150);
}

proptest! {
    #[test]
    fn words_decode_if_some_element_has_them(words in words()) {
        let w = Poly::from_words(words);
        let decoded = Point::decode(&element(words));
        prop_assert_eq!(decoded.is_some(), is_encoding(&w));
        if let Some(point) = decoded {
            prop_assert_eq!(Poly::of(&point.encode()), w);
            // What decodes negates.
            prop_assert!(Point::decode(&w.neg().to_fp5()).is_some_and(|opposite| opposite == -point));
        }
    }

    #[test]
    fn the_decoded_point_is_in_the_group(words in words()) {
        // The other root of the quadratic would give a point of odd order, off by (0, 0): sums tell them apart.
        let Some(point) = Point::decode(&element(words)) else { return Ok(()) };
        let multiple = point.double_times(3) - point.double_times(2) - point.double() - point;
        prop_assert!(multiple == point);
        prop_assert_eq!(multiple.encode(), element(words));
    }

    #[test]
    fn every_element_decodes_to_itself((x, p, _) in point()) {
        let decoded = Point::decode(&p.encode().to_fp5());
        prop_assert!(decoded.is_some_and(|decoded| decoded == x));
        prop_assert_eq!(x.encode(), p.encode().to_fp5());
        prop_assert_eq!(x.encode() == Fp5::ZERO, p == Element::NEUTRAL);
    }

    #[test]
    fn points_encode_together_as_they_do_alone(
        points in array::from_fn::<_, 8, _>(|_| point()),
        neutrals in vec(0..8usize, 0..3),
    ) {
        let mut points = points.map(|(x, ..)| x);
        for neutral in neutrals {
            points[neutral] = points[neutral] - points[neutral];
        }
        prop_assert_eq!(Point::encode_batch(&points), points.map(|point| point.encode()));
        let [first, ..] = points;
        prop_assert_eq!(Point::encode_batch(&[first]), [first.encode()]);
    }
}
