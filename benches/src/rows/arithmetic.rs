//! Field, permutation and curve.

use std::hint::black_box;

use goldilocks_crypto::{Fp5Element, Goldilocks, Point as PeerPoint, ScalarField};
use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::permute;

use super::chained;
use crate::{Operation, Row};

/// Elements without structure.
const WORDS: [u64; 12] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
    0xbe54_66cf_34e9_0c6c,
    0xc0ac_29b7_c97c_50dd,
    0x3f84_d5b5_b547_0917,
    0x9216_d5d9_8979_fb1b,
    0xd131_0ba6_98df_b5ac,
    0x2ffd_72db_d01a_dfb7,
    0xb8e1_afed_6a26_7e96,
];

pub(super) fn rows() -> Vec<Row> {
    vec![fixed_base(), double(), permutation(), fp5_invert(), fp5_mul(), fp5_square(), fp_mul()]
}

fn fixed_base() -> Row {
    let bytes = scalar_bytes();
    let scalar = Scalar::from_bytes_mod_order(&bytes);
    let peer_scalar = ScalarField::from_bytes_le(&bytes).expect("40 bytes");
    Row {
        title: "multiply the generator, constant time",
        ours: Operation::new("keyward-ecgfp5/mul-generator", move || {
            black_box(Point::mul_generator(black_box(&scalar)));
        }),
        peer: Some(Operation::new("goldilocks-crypto/mul-generator", move || {
            black_box(PeerPoint::generator().mul(black_box(&peer_scalar)));
        })),
        target: None,
    }
}

fn double() -> Row {
    Row {
        title: "double a point",
        ours: chained("keyward-ecgfp5/double", Point::GENERATOR, |point| point.double()),
        peer: Some(chained("goldilocks-crypto/double", PeerPoint::generator(), |point| point.double())),
        target: None,
    }
}

fn permutation() -> Row {
    let mut state = WORDS.map(Fp::from_u64_mod_order);
    let mut peer_state = WORDS.map(Goldilocks::from_noncanonical_u64);
    Row {
        title: "Poseidon2 permutation",
        ours: Operation::new("keyward-poseidon2/permute", move || permute(black_box(&mut state))),
        peer: Some(Operation::new("goldilocks-crypto/permute", move || {
            poseidon_hash::permute(black_box(&mut peer_state));
        })),
        target: None,
    }
}

fn fp5_invert() -> Row {
    let (element, peer_element) = fp5_elements();
    Row {
        title: "GF(p^5) inversion",
        ours: Operation::new("keyward-goldilocks/fp5-invert", move || {
            black_box(black_box(element).invert());
        }),
        peer: Some(Operation::new("goldilocks-crypto/fp5-invert", move || {
            black_box(black_box(peer_element).inverse());
        })),
        target: None,
    }
}

fn fp5_mul() -> Row {
    let (element, peer_element) = fp5_elements();
    Row {
        title: "GF(p^5) multiplication",
        ours: chained("keyward-goldilocks/fp5-mul", element, move |value| value * element),
        peer: Some(chained("goldilocks-crypto/fp5-mul", peer_element, move |value| value.mul(&peer_element))),
        target: None,
    }
}

fn fp5_square() -> Row {
    let (element, peer_element) = fp5_elements();
    Row {
        title: "GF(p^5) squaring",
        ours: chained("keyward-goldilocks/fp5-square", element, |value| value.square()),
        peer: Some(chained("goldilocks-crypto/fp5-square", peer_element, |value| value.square())),
        target: None,
    }
}

fn fp_mul() -> Row {
    let element = Fp::from_u64_mod_order(WORDS[0]);
    let peer_element = Goldilocks::from_noncanonical_u64(WORDS[0]);
    Row {
        title: "GF(p) multiplication",
        ours: chained("keyward-goldilocks/fp-mul", element, move |value| value * element),
        peer: Some(chained("goldilocks-crypto/fp-mul", peer_element, move |value| value.mul(&peer_element))),
        target: None,
    }
}

fn fp5_elements() -> (Fp5, Fp5Element) {
    let words = [WORDS[0], WORDS[1], WORDS[2], WORDS[3], WORDS[4]];
    (
        Fp5::from_coefficients(words.map(Fp::from_u64_mod_order)),
        Fp5Element(words.map(Goldilocks::from_noncanonical_u64)),
    )
}

/// A scalar below the group order, little-endian.
fn scalar_bytes() -> [u8; 40] {
    let mut bytes = [0; 40];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(WORDS) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    // Below 2^312.
    bytes[39] = 0;
    bytes
}
