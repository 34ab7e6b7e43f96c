//! Lower-case hexadecimal, without look-up tables: a table indexed by a digit would leave its trace
//! in the cache.

/// Writes two digits a byte, the high one first, into `digits`, which is twice as long as `bytes`.
pub(crate) fn encode(bytes: &[u8], digits: &mut [u8]) {
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
}

/// Reads two digits a byte. The digits have passed [`first_non_digit`].
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0]) << 4) | nibble(pair[1]);
    }
    bytes
}

/// The place of the first byte that is not a lower-case hexadecimal digit.
pub(crate) fn first_non_digit(text: &[u8]) -> Option<usize> {
    // No early exit, so that the compiler makes vector code of it: nearly every text is good.
    let good = text.iter().fold(true, |good, &byte| good & is_digit(byte));
    if good {
        return None;
    }
    text.iter().position(|&byte| !is_digit(byte))
}

fn is_digit(byte: u8) -> bool {
    (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6)
}

/// The digit of a number below 16.
fn digit(nibble: u8) -> u8 {
    // 1 above nine: the subtraction has borrowed.
    let is_letter = 9_u8.wrapping_sub(nibble) >> 7;
    nibble + b'0' + is_letter * (b'a' - b'0' - 10)
}

/// The number of a digit.
fn nibble(digit: u8) -> u8 {
    // Letters, and they alone, have the bit 0x40.
    (digit & 15) + 9 * (digit >> 6)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, first_non_digit, is_digit};

    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=u8::MAX {
            let mut digits = [0; 2];
            encode(&[byte], &mut digits);
            assert_eq!(digits, [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            assert_eq!(decode(&digits), [byte]);
        }
    }

    #[test]
    fn sixteen_bytes_are_digits() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_digit(byte), DIGITS.contains(&byte), "{byte}");
        }
    }

    #[test]
    fn first_of_several_is_found() {
        assert_eq!(first_non_digit(b""), None);
        assert_eq!(first_non_digit(DIGITS), None);
        assert_eq!(first_non_digit(b"0gG"), Some(1));
        assert_eq!(first_non_digit(b"gg"), Some(0));
    }
}
