use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// What an entry of the journal was for, in words for people: at most 256 bytes of UTF-8 without control characters. It
/// may be empty, and is kept byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Description(String);

impl Description {
    /// The greatest length, in bytes.
    pub const MAX_LEN: usize = 256;

    /// The description with this text.
    ///
    /// # Errors
    /// - `text` is longer than 256 bytes
    /// - `text` has a control character (Unicode's category Cc: line feeds, tabs, NUL and the like)
    pub fn new(text: impl Into<String>) -> Result<Self, DescriptionError> {
        let text = text.into();
        if text.len() > Self::MAX_LEN {
            Err(DescriptionError::TooLong)
        } else if text.contains(char::is_control) {
            Err(DescriptionError::ControlCharacter)
        } else {
            Ok(Self(text))
        }
    }

    /// No description.
    pub const fn empty() -> Self {
        Self(String::new())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no [`Description`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DescriptionError {
    /// It is longer than 256 bytes.
    #[error("longer than {} bytes", Description::MAX_LEN)]
    TooLong,
    /// It has a control character.
    #[error("a control character")]
    ControlCharacter,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Description {
    type Err = DescriptionError;

    fn from_str(text: &str) -> Result<Self, DescriptionError> {
        // Before it is copied: the text may be of any length.
        if text.len() > Self::MAX_LEN { Err(DescriptionError::TooLong) } else { Self::new(text) }
    }
}
