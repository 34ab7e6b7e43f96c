use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// Everything.
const ANY: &str = "*";

/// A permission: `action:resource`, such as `read:transactions`.
///
/// A part is `*`, which stands for any part, or 1 to 64 of the ASCII letters and digits and `_`, `-`, `.` and `/`; so
/// `read:*` is to read anything. `*` alone is everything, as is `*:*`. Case counts. The text is kept as it was given.
///
/// ```
/// use keyward_apikey::Scope;
///
/// let reading: Scope = "read:*".parse()?;
/// assert!(reading.covers(&"read:transactions".parse()?));
/// assert!(!reading.covers(&"write:transactions".parse()?));
/// assert!(!reading.covers(&Scope::everything()));
/// assert!("read:trans*".parse::<Scope>().is_err());
/// # Ok::<(), keyward_apikey::InvalidScope>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

impl Scope {
    /// The longest part: 64 bytes.
    pub const MAX_PART_LEN: usize = 64;

    /// The permission of this text.
    ///
    /// # Errors
    /// - the text is neither `*` nor two parts with a colon between
    /// - a part is empty or longer than 64 bytes
    /// - a part has a character that no part has, or a `*` beside others
    pub fn new(text: &str) -> Result<Self, InvalidScope> {
        if text != ANY {
            let (action, resource) = text.split_once(':').ok_or(InvalidScope)?;
            check_part(action)?;
            check_part(resource)?;
        }
        Ok(Self(text.into()))
    }

    /// `*`.
    pub fn everything() -> Self {
        Self(ANY.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether everything that `other` permits is permitted by this one.
    pub fn covers(&self, other: &Self) -> bool {
        let ((action, resource), (other_action, other_resource)) = (self.parts(), other.parts());
        (action == ANY || action == other_action) && (resource == ANY || resource == other_resource)
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once(':').unwrap_or((ANY, ANY))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::new(text)
    }
}

fn check_part(part: &str) -> Result<(), InvalidScope> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let is_name = (1..=Scope::MAX_PART_LEN).contains(&part.len()) && part.bytes().all(is_allowed);
    if is_name || part == ANY { Ok(()) } else { Err(InvalidScope) }
}

/// A text that is no [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("scope that is neither `*` nor `action:resource`")]
pub struct InvalidScope;
