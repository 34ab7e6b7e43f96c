//! The permutation and the sponge against an oracle written from the Poseidon2 paper's definitions: full matrices,
//! one remainder per product, constants from `vectors/constants.json`.
//!
//! Every property runs as often as `PROPTEST_CASES` says (256 times without it).

mod plain;

use core::array;

use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::{RATE, WIDTH, hash, hash_batch, hash_text, hash_text_batch, permute, permute_batch};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::plain::{P, plain_hash, plain_permutation};

/// Words where a carry or the reduction modulo p changes its course.
const EDGES: [u64; 12] = [
    0,
    1,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x8000_0000_0000_0000,
    0xFFFF_FFFE_FFFF_FFFF,
    P - 2,
    P - 1,
    P,
    P + 1,
    0xFFFF_FFFF_8000_0000,
    u64::MAX,
];

fn word() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), select(&EDGES[..])]
}

fn state() -> impl Strategy<Value = [u64; WIDTH]> {
    prop_oneof![
        4 => array::from_fn::<_, WIDTH, _>(|_| word()),
        1 => word().prop_map(|word| [word; WIDTH]),
        1 => (word(), 0..WIDTH).prop_map(|(word, lane)| array::from_fn(|i| if i == lane { word } else { 0 })),
    ]
}

/// Mostly of one block, as in a token; few have a word that is refused.
fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => vec(0..0x80u8, 1..=64),
        2 => vec(0..0x80u8, 0..200),
        1 => vec(prop_oneof![any::<u8>(), Just(0xFF)], 0..80),
    ]
}

fn elements(words: &[u64]) -> Vec<Fp> {
    words.iter().copied().map(Fp::from_u64_mod_order).collect()
}

#[test]
fn the_oracle_gives_the_known_answer() {
    let check = plain::constants()["poseidon2"]["check"].clone();
    let output = plain_permutation(array::from_fn(|lane| lane as u64));
    assert_eq!(check, serde_json::json!(output.map(|lane| lane.to_string())));
}

#[test]
fn edge_words_in_all_lanes_agree() {
    for word in EDGES {
        let mut state = [Fp::from_u64_mod_order(word); WIDTH];
        permute(&mut state);
        assert_eq!(state.map(Fp::to_u64), plain_permutation([word; WIDTH]), "{word:#x}");
    }
}

#[test]
fn texts_of_every_length_agree() {
    let text = b"1763683258:281474976710654:106:".repeat(6);
    for length in 0..=text.len() {
        let text = &text[..length];
        let words: Vec<u64> =
            text.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))).collect();
        assert_eq!(words.len(), length.div_ceil(8));
        let digest = hash_text(text).expect("ASCII");
        assert_eq!(digest.coefficients().map(Fp::to_u64), plain_hash(&words), "{length}");
    }
}

proptest! {
    #[test]
    fn permutations_agree(words in state()) {
        let mut state = words.map(Fp::from_u64_mod_order);
        permute(&mut state);
        prop_assert_eq!(state.map(Fp::to_u64), plain_permutation(words));
    }

    #[test]
    fn unreduced_lanes_permute_as_their_residues(words in state(), others in state()) {
        // A difference that is added again may come back as another word of the same residue.
        let mut state: [Fp; WIDTH] = array::from_fn(|lane| {
            let (word, other) = (Fp::from_u64_mod_order(words[lane]), Fp::from_u64_mod_order(others[lane]));
            (word - other) + other
        });
        permute(&mut state);
        prop_assert_eq!(state.map(Fp::to_u64), plain_permutation(words));
    }

    #[test]
    fn hashes_agree(words in vec(word(), 0..=3 * RATE + 1)) {
        let digest = hash(&elements(&words));
        prop_assert_eq!(digest.coefficients().map(Fp::to_u64), plain_hash(&words));
    }

    #[test]
    fn states_permute_together_as_they_do_alone(words in vec(state(), 0..=20)) {
        let mut states: Vec<_> = words.iter().map(|words| words.map(Fp::from_u64_mod_order)).collect();
        permute_batch(&mut states);
        for (state, words) in states.iter().zip(words) {
            prop_assert_eq!(state.map(Fp::to_u64), plain_permutation(words));
        }
    }

    #[test]
    fn inputs_hash_together_as_they_do_alone(words in vec(array::from_fn::<_, 17, _>(|_| word()), 0..=20)) {
        fn check<const LEN: usize>(words: &[[u64; 17]]) -> Result<(), TestCaseError> {
            let inputs: Vec<[Fp; LEN]> =
                words.iter().map(|words| array::from_fn(|i| Fp::from_u64_mod_order(words[i]))).collect();
            let mut hashes = vec![Fp5::ONE; inputs.len()];
            hash_batch(&inputs, &mut hashes);
            for (digest, words) in hashes.iter().zip(words) {
                prop_assert_eq!(digest.coefficients().map(Fp::to_u64), plain_hash(&words[..LEN]));
            }
            Ok(())
        }
        check::<0>(&words)?;
        check::<1>(&words)?;
        check::<RATE>(&words)?;
        check::<10>(&words)?;
        check::<{ 2 * RATE }>(&words)?;
        check::<17>(&words)?;
    }

    #[test]
    fn texts_hash_together_as_they_do_alone(texts in vec(text(), 0..=20)) {
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        let mut hashes = vec![Fp5::ONE; texts.len()];
        let outcome = hash_text_batch(&texts, &mut hashes);
        let expected: Result<Vec<Fp5>, _> = texts.iter().copied().map(hash_text).collect();
        prop_assert_eq!(outcome.map(|()| hashes), expected);
    }

    #[test]
    fn texts_hash_as_their_words(text in vec(any::<u8>(), 0..200)) {
        let words: Vec<u64> = text
            .chunks(8)
            .map(|chunk| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
            .collect();
        let expected = match words.iter().position(|&word| word >= P) {
            Some(index) => Err(index),
            None => Ok(plain_hash(&words)),
        };
        let digest = hash_text(&text);
        let digest = digest.map(|digest: Fp5| digest.coefficients().map(Fp::to_u64));
        prop_assert_eq!(digest.map_err(|refusal| refusal.index()), expected);
    }
}
