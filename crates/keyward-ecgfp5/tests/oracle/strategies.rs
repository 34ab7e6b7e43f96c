//! Inputs that lean on the edges: integers around 0, n, 2n and the powers of two, scalars whose windows all sit where a
//! signed digit carries, elements next to the neutral one, and points in several representations.

use core::array;
use std::sync::LazyLock;

use keyward_ecgfp5::{Point, Scalar};
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::curve::Element;
use crate::field::P;

/// The group's order.
pub(crate) static N: LazyLock<BigUint> = LazyLock::new(|| {
    let order = b"1067993516717146951041484916571792702745057740581727230159139685185762082554198619328292418486241";
    BigUint::parse_bytes(order, 10).expect("decimal digits")
});

fn one() -> BigUint {
    BigUint::from(1u8)
}

/// Little-endian bytes of an integer that fits.
pub(crate) fn bytes<const LENGTH: usize>(integer: &BigUint) -> [u8; LENGTH] {
    let mut bytes = integer.to_bytes_le();
    bytes.resize(LENGTH, 0);
    bytes.try_into().expect("an integer that fits")
}

/// The scalar with the residue of an integer below 2^320.
pub(crate) fn scalar_of(integer: &BigUint) -> Scalar {
    Scalar::from_bytes(&bytes(&(integer % &*N))).expect("canonical")
}

/// Integers below 2^320 at which parsing and reduction change their course.
pub(crate) fn edge_integers() -> Vec<BigUint> {
    let n = &*N;
    let mut edges: Vec<BigUint> = [0u32, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 127, 128].map(BigUint::from).into();
    for center in [n.clone(), n * 2u8, n / 2u8, one() << 319, one() << 318, one() << 64, one() << 256] {
        edges.extend([&center - 2u8, &center - 1u8, center.clone(), &center + 1u8, &center + 2u8]);
    }
    edges.extend([(one() << 320) - 1u8, (one() << 320) - 2u8]);
    for bit in (0..320).step_by(31) {
        edges.push(one() << bit);
        edges.push((one() << bit) - 1u8);
    }
    for width in 3..=8 {
        let half = 1u32 << (width - 1);
        // Every window of this width the same, at the values where a signed digit is its largest, carries, or carries on.
        for digit in [1, half - 1, half, half + 1, 2 * half - 1] {
            edges.push((0..318 / width).fold(BigUint::ZERO, |sum, _| (sum << width) + digit));
        }
        // Alternating with zero.
        edges.push((0..318 / width).fold(BigUint::ZERO, |sum, i| (sum << width) + half * (i % 2)));
    }
    edges
}

pub(crate) fn integer320() -> impl Strategy<Value = BigUint> {
    let limb = || prop_oneof![2 => any::<u64>(), 1 => select(&[0, 1, 1 << 63, u64::MAX - 1, u64::MAX][..])];
    prop_oneof![
        4 => array::from_fn::<_, 5, _>(|_| limb()).prop_map(|limbs| {
            limbs.iter().rev().fold(BigUint::ZERO, |sum, &limb| (sum << 64) + limb)
        }),
        2 => select(edge_integers()),
        1 => vec(0..320u32, 1..6).prop_map(|bits| {
            let mut sum = BigUint::ZERO;
            bits.iter().for_each(|&bit| sum.set_bit(bit.into(), true));
            sum
        }),
    ]
}

/// A scalar and its integer below n.
pub(crate) fn scalar() -> impl Strategy<Value = (Scalar, BigUint)> {
    integer320().prop_map(|integer| (scalar_of(&integer), integer % &*N))
}

/// Words of a field element, some of them not canonical.
pub(crate) fn words() -> impl Strategy<Value = [u64; 5]> {
    let edges = [0, 1, 2, 4, 0xFFFF_FFFF, 0x7FFF_FFFD_8000_0007, 1 << 63, P - 2, P - 1, P, P + 1, P + 4, u64::MAX];
    let word = move || prop_oneof![2 => any::<u64>(), 1 => select(edges.to_vec())];
    prop_oneof![
        3 => array::from_fn::<_, 5, _>(|_| word()),
        1 => word().prop_map(|word| [word, 0, 0, 0, 0]),
        1 => word().prop_map(|word| [word; 5]),
    ]
}

/// 2^i times the generator for i in 0..319.
static POWERS: LazyLock<Vec<Element>> = LazyLock::new(|| {
    core::iter::successors(Some(Element::generator()), |power| Some(power.double())).take(319).collect()
});

/// An element of the group and its discrete logarithm.
pub(crate) fn element() -> impl Strategy<Value = (Element, BigUint)> {
    let term = || {
        let exponent = prop_oneof![1 => 0..4usize, 3 => 0..319usize];
        (exponent, any::<bool>()).prop_map(|(exponent, negative)| {
            let (power, logarithm) = (POWERS[exponent], one() << exponent);
            if negative { (power.neg(), &*N - logarithm) } else { (power, logarithm) }
        })
    };
    prop_oneof![
        1 => Just((Element::NEUTRAL, BigUint::ZERO)),
        9 => vec(term(), 1..=3).prop_map(|terms| {
            terms.into_iter().fold((Element::NEUTRAL, BigUint::ZERO), |(sum, total), (power, logarithm)| {
                (sum.add(&power), (total + logarithm) % &*N)
            })
        }),
    ]
}

/// How a point of the crate is made, each way with other coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Making {
    Decoded,
    Multiple,
    Doubled,
    Shifted,
    Negated,
}

pub(crate) const MAKINGS: [Making; 5] =
    [Making::Decoded, Making::Multiple, Making::Doubled, Making::Shifted, Making::Negated];

impl Making {
    pub(crate) fn make(self, element: &Element, logarithm: &BigUint) -> Point {
        let decode = |element: &Element| Point::decode(&element.encode().to_fp5()).expect("an encoding");
        let multiple = || Point::mul_generator(&scalar_of(logarithm));
        match self {
            Making::Decoded => decode(element),
            Making::Multiple => multiple(),
            Making::Doubled => (&multiple() * &scalar_of(&((&*N + 1u8) / 2u8))).double(),
            Making::Shifted => (decode(element) + Point::GENERATOR.double()) - Point::GENERATOR.double(),
            Making::Negated => -decode(&element.neg()),
        }
    }
}

/// A point, the same by the oracle, and its discrete logarithm.
pub(crate) fn point() -> impl Strategy<Value = (Point, Element, BigUint)> {
    (element(), select(&MAKINGS[..]))
        .prop_map(|((element, logarithm), making)| (making.make(&element, &logarithm), element, logarithm))
}

/// Two points, often equal or opposite.
pub(crate) fn points() -> impl Strategy<Value = [(Point, Element); 2]> {
    let relation = select(&[-1i8, 0, 0, 0, 1][..]);
    (element(), element(), select(&MAKINGS[..]), select(&MAKINGS[..]), relation).prop_map(
        |((p, j), (q, k), first, second, relation)| {
            let (q, k) = match relation {
                -1 => (p.neg(), (&*N - &j) % &*N),
                0 => (q, k),
                _ => (p, j.clone()),
            };
            [(first.make(&p, &j), p), (second.make(&q, &k), q)]
        },
    )
}
