//! Base 62 in a fixed width: `0-9A-Za-z`, most significant digit first.
//!
//! The digits are in the order of ASCII, so that texts of one width compare as their numbers do. Digits are made and compared
//! without a branch or an index that depends on them; the divisions are by constants, which compilers turn into products
//! where a register has 64 bits.

use zeroize::Zeroize;

/// Digits of a 256-bit number.
pub(crate) const DIGITS_OF_256_BITS: usize = 43;

/// Digits of a 32-bit number.
pub(crate) const DIGITS_OF_32_BITS: usize = 6;

/// The largest 256-bit number.
const MAX_256_BITS: &[u8; DIGITS_OF_256_BITS] = b"yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";

/// As many digits as fit 30 bits: what a step of long division yields.
const DIGITS_OF_CHUNK: usize = 5;
const CHUNK: u64 = 62_u64.pow(DIGITS_OF_CHUNK as u32);

/// Writes a big-endian 256-bit number.
pub(crate) fn encode_256_bits(number: &[u8; 32], text: &mut [u8; DIGITS_OF_256_BITS]) {
    let mut limbs = [0_u32; 8];
    for (limb, bytes) in limbs.iter_mut().zip(number.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
    }
    for digits in text.rchunks_mut(DIGITS_OF_CHUNK) {
        let mut remainder = 0;
        for limb in &mut limbs {
            // Below 2^62, as the remainder is below 2^30; so the quotient is below 2^32.
            let dividend = remainder << 32 | u64::from(*limb);
            *limb = (dividend / CHUNK) as u32;
            remainder = dividend % CHUNK;
        }
        encode(remainder as u32, digits);
    }
    limbs.zeroize();
}

/// Writes a 32-bit number.
pub(crate) fn encode_32_bits(number: u32) -> [u8; DIGITS_OF_32_BITS] {
    let mut text = [0; DIGITS_OF_32_BITS];
    encode(number, &mut text);
    text
}

/// Whether the number of this text, which has nothing but digits, has no more than 256 bits.
pub(crate) fn fits_256_bits(text: &[u8; DIGITS_OF_256_BITS]) -> bool {
    // The borrow of the largest text less this one, eight characters at a time.
    let borrow = MAX_256_BITS.chunks(8).zip(text.chunks(8)).rev().fold(false, |borrow, (max, digits)| {
        let (difference, above) = big_endian(max).overflowing_sub(big_endian(digits));
        let (_, above_by_borrow) = difference.overflowing_sub(u64::from(borrow));
        above | above_by_borrow
    });
    !borrow
}

/// The number whose bytes are these, eight at most.
fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn encode(mut number: u32, digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        *digit = character(number % 62);
        number /= 62;
    }
}

/// The digit of a number below 62.
fn character(number: u32) -> u8 {
    let number = number as i16;
    // From `9` to `A` are 7 more than 1, from `Z` to `a` 6 more.
    let upper = ((9 - number) >> 8) & 7;
    let lower = ((35 - number) >> 8) & 6;
    (i16::from(b'0') + number + upper + lower) as u8
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    fn text_of(number: &[u8; 32]) -> [u8; DIGITS_OF_256_BITS] {
        let mut text = [0; DIGITS_OF_256_BITS];
        encode_256_bits(number, &mut text);
        text
    }

    /// The digits of a number, by big-integer division.
    fn oracle(mut number: BigUint, width: usize) -> Vec<u8> {
        let base = BigUint::from(62_u8);
        let mut text = Vec::new();
        for _ in 0..width {
            let digit = u64::try_from(&number % &base).unwrap();
            text.push(ALPHABET[digit as usize]);
            number /= &base;
        }
        assert_eq!(number, BigUint::ZERO, "the width holds the number");
        text.reverse();
        text
    }

    #[test]
    fn the_largest_number_has_the_largest_text() {
        assert_eq!(text_of(&[0xff; 32]), *MAX_256_BITS);
        assert_eq!(oracle(BigUint::from_bytes_be(&[0xff; 32]), DIGITS_OF_256_BITS), MAX_256_BITS);
        assert!(fits_256_bits(MAX_256_BITS));
        assert_eq!(text_of(&[0; 32]), [b'0'; DIGITS_OF_256_BITS]);
    }

    #[test]
    fn the_number_above_the_largest_does_not_fit() {
        let above = (BigUint::from(1_u8) << 256_u32).to_bytes_be();
        let text = oracle(BigUint::from_bytes_be(&above), DIGITS_OF_256_BITS);
        assert!(!fits_256_bits(&text.try_into().unwrap()));
        assert!(!fits_256_bits(&[b'z'; DIGITS_OF_256_BITS]));
    }

    #[test]
    fn digits_are_the_alphabet() {
        for (number, byte) in ALPHABET.iter().enumerate() {
            assert_eq!(character(number as u32), *byte);
        }
    }

    proptest! {
        #[test]
        fn numbers_of_256_bits_agree_with_big_integers(number: [u8; 32], zeros in 0..32_usize) {
            let mut number = number;
            number[..zeros].fill(0);
            let text = text_of(&number);
            prop_assert_eq!(&text[..], oracle(BigUint::from_bytes_be(&number), DIGITS_OF_256_BITS));
            prop_assert!(fits_256_bits(&text));
        }

        #[test]
        fn numbers_of_32_bits_agree_with_big_integers(number: u32) {
            prop_assert_eq!(&encode_32_bits(number)[..], oracle(BigUint::from(number), DIGITS_OF_32_BITS));
        }

        #[test]
        fn texts_fit_as_their_numbers_do(digits in proptest::collection::vec(0..62_u8, DIGITS_OF_256_BITS), like_max in 0..=DIGITS_OF_256_BITS) {
            let mut text: [u8; DIGITS_OF_256_BITS] = core::array::from_fn(|i| ALPHABET[usize::from(digits[i])]);
            // Most random texts differ from the largest in their first digit.
            text[..like_max].copy_from_slice(&MAX_256_BITS[..like_max]);
            let digits: String = text.iter().map(|byte| char::from(*byte)).collect();
            let number = digits.bytes().fold(BigUint::ZERO, |number, byte| {
                number * 62_u8 + ALPHABET.iter().position(|digit| *digit == byte).unwrap()
            });
            prop_assert_eq!(fits_256_bits(&text), number.bits() <= 256);
        }
    }
}
