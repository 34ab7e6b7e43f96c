//! Field, permutation and curve.

use std::hint::black_box;

use goldilocks_crypto::{Fp5Element, Goldilocks, Point as PeerPoint, ScalarField};
use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::permute;

use super::{chained, portably};
use crate::{Operation, Row, Target};

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
    [curve(), vec![permutation()], field()].into_iter().flatten().collect()
}

fn curve() -> Vec<Row> {
    let bytes = scalar_bytes();
    let scalar = Scalar::from_bytes(&bytes).expect("below the group order");
    let peer_scalar = ScalarField::from_bytes_le(&bytes).expect("40 bytes");
    let (generator, peer_generator) = (Point::GENERATOR, PeerPoint::generator());
    let (double, peer_double) = (generator.double(), peer_generator.double());
    let (encoding, peer_encoding) = (double.encode(), peer_double.encode());
    vec![
        Row::new(
            "multiply the generator, constant time",
            Operation::new("keyward-ecgfp5/mul-generator", move || {
                black_box(Point::mul_generator(black_box(&scalar)));
            }),
            Operation::new("goldilocks-crypto/mul-generator", move || {
                black_box(peer_generator.mul(black_box(&peer_scalar)));
            }),
        ),
        Row::new(
            "multiply the generator, constant time, portable code",
            Operation::new("keyward-ecgfp5/mul-generator-portable", move || {
                portably(|| black_box(Point::mul_generator(black_box(&scalar))));
            }),
            Operation::new("goldilocks-crypto/mul-generator", move || {
                black_box(peer_generator.mul(black_box(&peer_scalar)));
            }),
        ),
        Row::new(
            "multiply the generator by each of 8, constant time",
            Operation::new("keyward-ecgfp5/mul-generator-batch", move || {
                black_box(Point::mul_generator_batch(black_box(&[scalar; 8])));
            }),
            Operation::new("goldilocks-crypto/mul-generator-8", move || {
                for _ in 0..8 {
                    black_box(peer_generator.mul(black_box(&peer_scalar)));
                }
            }),
        ),
        Row::new(
            "multiply any point, constant time",
            Operation::new("keyward-ecgfp5/mul", move || {
                black_box(black_box(&double) * black_box(&scalar));
            }),
            Operation::new("goldilocks-crypto/mul", move || {
                black_box(black_box(&peer_double).mul(black_box(&peer_scalar)));
            }),
        ),
        Row::new(
            "decode a point",
            Operation::new("keyward-ecgfp5/decode", move || {
                black_box(Point::decode(black_box(&encoding)));
            }),
            Operation::new("goldilocks-crypto/decode", move || {
                black_box(PeerPoint::decode(black_box(&peer_encoding)));
            }),
        ),
        Row::new(
            "add two points",
            chained("keyward-ecgfp5/add", generator, move |point| point + double),
            chained("goldilocks-crypto/add", peer_generator, move |point| point.add(&peer_double)),
        ),
        Row::new(
            "double a point",
            chained("keyward-ecgfp5/double", generator, |point| point.double()),
            chained("goldilocks-crypto/double", peer_generator, |point| point.double()),
        ),
    ]
}

fn permutation() -> Row {
    let mut state = WORDS.map(Fp::from_u64_mod_order);
    let mut peer_state = WORDS.map(Goldilocks::from_noncanonical_u64);
    Row::new(
        "Poseidon2 permutation",
        Operation::new("keyward-poseidon2/permute", move || permute(black_box(&mut state))),
        Operation::new("goldilocks-crypto/permute", move || poseidon_hash::permute(black_box(&mut peer_state))),
    )
    .with_target(Target::Nanoseconds(1_450.0))
}

fn field() -> Vec<Row> {
    let (x5, peer_x5) = fp5_elements();
    let (x, peer_x) = (Fp::from_u64_mod_order(WORDS[0]), Goldilocks::from_noncanonical_u64(WORDS[0]));
    vec![
        Row::new(
            "GF(p^5) inversion",
            Operation::new("keyward-goldilocks/fp5-invert", move || {
                black_box(black_box(x5).invert());
            }),
            Operation::new("goldilocks-crypto/fp5-invert", move || {
                black_box(black_box(peer_x5).inverse());
            }),
        ),
        Row::new(
            "GF(p^5) multiplication",
            chained("keyward-goldilocks/fp5-mul", x5, move |value| value * x5),
            chained("goldilocks-crypto/fp5-mul", peer_x5, move |value| value.mul(&peer_x5)),
        ),
        Row::new(
            "GF(p^5) squaring",
            chained("keyward-goldilocks/fp5-square", x5, |value| value.square()),
            chained("goldilocks-crypto/fp5-square", peer_x5, |value| value.square()),
        ),
        Row::new(
            "GF(p) multiplication",
            chained("keyward-goldilocks/fp-mul", x, move |value| value * x),
            chained("goldilocks-crypto/fp-mul", peer_x, move |value| value.mul(&peer_x)),
        ),
    ]
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
