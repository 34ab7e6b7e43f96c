//! What the sponge does at its edges, and which collisions a caller must exclude.

use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::{RATE, hash, hash_text};

const P: u64 = 0xFFFF_FFFF_0000_0001;

fn elements<const N: usize>(words: [u64; N]) -> [Fp; N] {
    words.map(Fp::from_u64_mod_order)
}

#[test]
fn nothing_hashes_to_zero() {
    assert_eq!(hash(&[]), Fp5::ZERO);
    assert_eq!(hash_text(b""), Ok(Fp5::ZERO));
}

#[test]
fn trailing_zeros_of_the_first_block_do_not_show() {
    let digest = hash(&elements([5]));
    for length in 2..=RATE {
        let mut input = [Fp::ZERO; RATE];
        input[0] = Fp::from_u64_mod_order(5);
        assert_eq!(hash(&input[..length]), digest, "{length}");
    }
    // The ninth element costs a permutation, zero or not.
    let input = elements([5, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_ne!(hash(&input), digest);
}

#[test]
fn trailing_zeros_of_a_later_block_overwrite() {
    let mut input = [Fp::ONE; RATE + 2];
    let digest = hash(&input[..=RATE]);
    input[RATE + 1] = Fp::ZERO;
    assert_ne!(hash(&input), digest, "the lane that a short block leaves alone is not zero here");
}

#[test]
fn words_count_modulo_p() {
    assert_eq!(hash(&elements([P, P + 7, u64::MAX])), hash(&elements([0, 7, 0xFFFF_FFFE])));
}

#[test]
fn the_order_of_elements_matters() {
    assert_ne!(hash(&elements([1, 2])), hash(&elements([2, 1])));
}

#[test]
fn trailing_nul_bytes_of_a_text_do_not_show() {
    let digest = hash_text(b"text").expect("ASCII");
    assert_eq!(hash_text(b"text\0"), Ok(digest));
    assert_eq!(hash_text(b"text\0\0\0\0"), Ok(digest));
    assert_ne!(hash_text(b"\0text"), Ok(digest));
}

#[test]
fn text_is_packed_in_little_endian_words() {
    assert_eq!(hash_text(b"\x01"), Ok(hash(&elements([1]))));
    assert_eq!(hash_text(b"\0\x01"), Ok(hash(&elements([0x100]))));
    assert_eq!(hash_text(b"\0\0\0\0\0\0\0\0\x02"), Ok(hash(&elements([0, 2]))));
    // Seven bytes are always canonical.
    assert_eq!(hash_text(&[0xFF; 7]), Ok(hash(&elements([0x00FF_FFFF_FFFF_FFFF]))));
}

#[test]
fn text_of_a_non_canonical_word_is_refused_at_its_index() {
    for index in [0, 1, RATE - 1, RATE, RATE + 1, 2 * RATE] {
        for word in [P, u64::MAX] {
            let mut text = b"all text".repeat(2 * RATE + 1);
            text[8 * index..8 * index + 8].copy_from_slice(&word.to_le_bytes());
            let refusal = hash_text(&text).expect_err("non-canonical");
            assert_eq!(refusal.index(), index);
        }
        let mut text = b"all text".repeat(2 * RATE + 1);
        text[8 * index..8 * index + 8].copy_from_slice(&(P - 1).to_le_bytes());
        assert!(hash_text(&text).is_ok(), "{index}");
    }
}
