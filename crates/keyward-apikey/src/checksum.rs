//! CRC-32 (ISO-HDLC, that of zip and PNG) of a `kw_` key's first 46 characters.
//!
//! The crates for it look bytes up in a table, and here the bytes are a secret. For texts of one length the checksum is
//! linear in their bits: a constant, and one term for each bit that is set. So all terms are taken, masked by the bits.

use crate::base62::DIGITS_OF_256_BITS;
use crate::profile::KEYWARD_PREFIX;

/// The polynomial, lowest power in the highest bit.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The register after the prefix and as many zero bytes as digits follow.
const START: u32 = {
    let prefix = KEYWARD_PREFIX.as_bytes();
    let mut register = u32::MAX;
    let mut at = 0;
    while at < prefix.len() + DIGITS_OF_256_BITS {
        let byte = if at < prefix.len() { prefix[at] } else { 0 };
        register = after_byte(register ^ byte as u32);
        at += 1;
    }
    register
};

/// What each bit, lowest first, of each digit adds to the register at the end. In this order a compiler makes vectors of it.
const TERMS: [[u32; DIGITS_OF_256_BITS]; 8] = {
    let mut terms = [[0; DIGITS_OF_256_BITS]; 8];
    let mut bit = 0;
    while bit < 8 {
        let mut term = 1 << bit;
        let mut at = DIGITS_OF_256_BITS;
        while at > 0 {
            at -= 1;
            term = after_byte(term);
            terms[bit][at] = term;
        }
        bit += 1;
    }
    terms
};

/// The checksum of the prefix and these digits.
pub(crate) fn checksum(digits: &[u8; DIGITS_OF_256_BITS]) -> u32 {
    let mut register = START;
    for (bit, terms) in TERMS.iter().enumerate() {
        for (digit, term) in digits.iter().zip(terms) {
            register ^= term & 0_u32.wrapping_sub((u32::from(*digit) >> bit) & 1);
        }
    }
    !register
}

/// The register eight shifts on.
const fn after_byte(mut register: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        register = (register >> 1) ^ (POLYNOMIAL * (register & 1));
        bit += 1;
    }
    register
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn checksums_agree_with_a_well_known_crate(half: [u8; 32], rest: [u8; DIGITS_OF_256_BITS - 32]) {
            let mut digits = [0; DIGITS_OF_256_BITS];
            digits[..32].copy_from_slice(&half);
            digits[32..].copy_from_slice(&rest);
            let text = [KEYWARD_PREFIX.as_bytes(), &digits].concat();
            prop_assert_eq!(checksum(&digits), crc32fast::hash(&text));
        }
    }
}
