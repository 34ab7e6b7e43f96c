use alloc::boxed::Box;
use core::fmt;

/// What the owner calls a key: 1 to 100 Unicode scalar values, none a control character, without white space at either end.
///
/// Otherwise the text is kept byte for byte: nothing is normalised, escaped or folded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(Box<str>);

impl KeyName {
    /// The longest name: 100 scalar values.
    pub const MAX_CHARS: usize = 100;

    /// The name in this text, without the white space at its ends.
    ///
    /// # Errors
    /// - the text is empty or blank
    /// - the name has more than 100 scalar values
    /// - the name has a control character
    pub fn new(text: &str) -> Result<Self, KeyNameError> {
        Self::exact(text.trim())
    }

    /// The name that is this text, as it is stored.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Untrimmed`](KeyNameError::Untrimmed) if there is white space at an end.
    pub fn exact(name: &str) -> Result<Self, KeyNameError> {
        if name.trim().is_empty() {
            Err(KeyNameError::Empty)
        } else if name.trim() != name {
            Err(KeyNameError::Untrimmed)
        } else if name.chars().nth(Self::MAX_CHARS).is_some() {
            Err(KeyNameError::TooLong)
        } else if name.contains(char::is_control) {
            Err(KeyNameError::ControlCharacter)
        } else {
            Ok(Self(name.into()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is not a [`KeyName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyNameError {
    /// Empty, or nothing but white space.
    #[error("name is empty")]
    Empty,
    /// White space at an end of a stored name.
    #[error("name with white space at an end")]
    Untrimmed,
    /// More than 100 scalar values.
    #[error("name of more than {} characters", KeyName::MAX_CHARS)]
    TooLong,
    /// A control character, such as a line break or a NUL.
    #[error("name with a control character")]
    ControlCharacter,
}
