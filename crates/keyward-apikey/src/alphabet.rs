//! Which bytes a text may have, told without a branch or an index that depends on a byte: such texts are secrets.

/// Whether all bytes are ASCII digits and letters.
pub(crate) fn all_alphanumeric(text: &[u8]) -> bool {
    all(text, |byte| within(byte, b'0', b'9') | within(byte, b'A', b'Z') | within(byte, b'a', b'z'))
}

/// Whether all bytes are lower-case hexadecimal digits.
pub(crate) fn all_lower_hex(text: &[u8]) -> bool {
    all(text, |byte| within(byte, b'0', b'9') | within(byte, b'a', b'f'))
}

fn all(text: &[u8], is_allowed: impl Fn(u8) -> i16) -> bool {
    text.iter().fold(-1, |all, byte| all & is_allowed(*byte)) == -1
}

/// All ones for a byte from `first` to `last`, all zeros for another one.
fn within(byte: u8, first: u8, last: u8) -> i16 {
    let byte = i16::from(byte);
    ((i16::from(first) - 1 - byte) & (byte - i16::from(last) - 1)) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_as_the_standard_library_tells_it() {
        for byte in 0..=u8::MAX {
            assert_eq!(all_alphanumeric(&[b'0', byte]), byte.is_ascii_alphanumeric(), "{byte}");
            let is_lower_hex = byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
            assert_eq!(all_lower_hex(&[byte, b'f']), is_lower_hex, "{byte}");
        }
    }
}
