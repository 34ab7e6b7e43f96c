//! Canonical decimal text, the one text form of every number this family of crates reads.

/// A number above the largest that its type allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("number above {max}")]
pub struct OutOfRange {
    max: u64,
}

impl OutOfRange {
    /// Passes `value` on if it is at most `max`: the check behind the `new` of a bounded number.
    ///
    /// # Errors
    /// - `value` is above `max`
    pub const fn check(value: u64, max: u64) -> Result<u64, Self> {
        if value <= max { Ok(value) } else { Err(Self { max }) }
    }

    /// The largest number that would have been taken.
    pub const fn max(self) -> u64 {
        self.max
    }
}

/// Why a text is not a number of the wanted type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecimalError {
    /// Not a canonical decimal: empty, or with anything but the digits 0-9 in it (a sign, a space, a
    /// separator), or with a leading zero.
    #[error("not a canonical decimal number")]
    NotCanonical,
    /// A canonical decimal above the largest number of the type.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// Reads a number from 0 to `max` in canonical decimal: ASCII digits alone, no leading zero, no
/// sign, no space. So every number has exactly one text, and what is read prints back as itself.
///
/// # Errors
/// - the text is not canonical (however large the number would be)
/// - the number is above `max`
pub fn parse_decimal(text: &[u8], max: u64) -> Result<u64, DecimalError> {
    if text.is_empty() || (text[0] == b'0' && text.len() > 1) {
        return Err(DecimalError::NotCanonical);
    }
    let mut value = Some(0_u64);
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(DecimalError::NotCanonical);
        }
        value = value.and_then(|value| value.checked_mul(10)).and_then(|value| value.checked_add(u64::from(digit)));
    }
    // No u64 at all is above every `max`.
    match value {
        Some(value) => Ok(OutOfRange::check(value, max)?),
        None => Err(OutOfRange { max }.into()),
    }
}
