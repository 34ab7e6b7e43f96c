//! What may stand on a line that a person reads and signs.

use alloc::string::String;
use core::fmt::{self, Write};

use zeroize::Zeroizing;

/// Whether a text stays on its line and shows as what it is: no control character, no line or paragraph separator,
/// nothing that turns the direction of writing.
pub(crate) fn is_line(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Whether a text is 1 to `max` characters of printable ASCII.
pub(crate) fn is_ascii_line(text: &str, max: usize) -> bool {
    has_form(text, 1, max, |byte| matches!(byte, b' '..=b'~'))
}

/// Whether a text is `min` to `max` bytes for each of which the predicate holds.
pub(crate) fn has_form(text: &str, min: usize, max: usize, is_allowed: impl Fn(u8) -> bool) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// A text that is printed once, wiped when it is dropped. It is written into its final place, so that no copy of it
/// stays behind.
pub(crate) fn print_wiped(print: impl Fn(&mut dyn Write) -> fmt::Result) -> Zeroizing<String> {
    let mut length = Length(0);
    // Neither of the two writers fails.
    let _ = print(&mut length);
    let mut text = Zeroizing::new(String::with_capacity(length.0));
    let _ = print(&mut *text);
    text
}

/// The number of bytes of what is printed.
pub(crate) fn printed_len(print: impl Fn(&mut dyn Write) -> fmt::Result) -> usize {
    let mut length = Length(0);
    let _ = print(&mut length);
    length.0
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
