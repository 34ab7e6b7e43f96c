use zeroize::Zeroize;

use crate::hex;

/// ASCII text of at most `N` bytes, built up in place; `N` is at most 255.
pub(crate) struct Buffer<const N: usize> {
    // Invariant: the first `len` bytes are ASCII, the others are 0.
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Buffer<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).expect("only ASCII is ever pushed")
    }

    pub(crate) fn push_ascii(&mut self, text: &[u8]) {
        debug_assert!(text.is_ascii());
        self.extend(text.len()).copy_from_slice(text);
    }

    pub(crate) fn push_decimal(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.push_ascii(&digits[start..]);
    }

    pub(crate) fn push_hex(&mut self, bytes: &[u8]) {
        hex::encode(bytes, self.extend(2 * bytes.len()));
    }

    /// Lengthens the text by `count` bytes, and lends them for writing.
    fn extend(&mut self, count: usize) -> &mut [u8] {
        let start = usize::from(self.len);
        let end = start + count;
        self.len = end as u8;
        &mut self.bytes[start..end]
    }
}

impl<const N: usize> Zeroize for Buffer<N> {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        self.len.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroize;

    use super::Buffer;

    #[test]
    fn numbers_are_canonical_decimals() {
        for (value, text) in [(0, "0"), (9, "9"), (10, "10"), (u64::MAX, "18446744073709551615")] {
            let mut buffer = Buffer::<20>::new();
            buffer.push_decimal(value);
            assert_eq!(buffer.as_str(), text);
        }
    }

    #[test]
    fn text_grows_at_its_end() {
        let mut buffer = Buffer::<8>::new();
        buffer.push_ascii(b"ab");
        buffer.push_decimal(7);
        buffer.push_hex(&[0x0f, 0xf0]);
        assert_eq!(buffer.as_bytes(), b"ab70ff0");
    }

    #[test]
    fn wiping_leaves_zeros() {
        let mut buffer = Buffer::<8>::new();
        buffer.push_hex(&[0xa5; 4]);
        assert_eq!(buffer.bytes, *b"a5a5a5a5");
        buffer.zeroize();
        assert_eq!((buffer.bytes, buffer.len), ([0; 8], 0));
    }
}
