use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use thiserror::Error;

/// Where the next page of a listing begins, as text that only the store reads.
///
/// A listing that is followed to its end has every item exactly once that was there from the beginning to the end,
/// whatever comes or goes meanwhile. A cursor is good for the listing it came from and for no other. It is 1 to 200
/// printable ASCII characters without a space, holds no secret, and may go into a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

/// A text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a cursor of this listing")]
pub struct BadCursor;

impl Cursor {
    /// A cursor of the text `text`, for those who write a store.
    ///
    /// # Errors
    /// - `text` is empty, longer than 200 bytes, or has another character than `!` to `~`
    pub fn new(text: impl Into<String>) -> Result<Self, BadCursor> {
        let text = text.into();
        let fits = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text)) } else { Err(BadCursor) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        Self::new(text)
    }
}

/// Which part of a listing is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where to begin; `None` is the beginning.
    pub after: Option<Cursor>,
    /// How many items at most.
    pub limit: PageLimit,
}

impl PageRequest {
    /// The first page, of `limit` items at most.
    pub const fn first(limit: PageLimit) -> Self {
        Self { after: None, limit }
    }

    /// The page that follows at `cursor`.
    pub const fn after(cursor: Cursor, limit: PageLimit) -> Self {
        Self { after: Some(cursor), limit }
    }
}

/// How many items a page has at most: 1 to 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(NonZeroU16);

/// A number is no [`PageLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a page has 1 to 1,000 items")]
pub struct BadPageLimit;

impl PageLimit {
    /// The largest page: 1,000 items.
    pub const MAX: Self = Self(NonZeroU16::new(1000).unwrap());

    /// A page of `limit` items at most.
    ///
    /// # Errors
    /// - `limit` is 0 or above 1,000
    pub const fn new(limit: u16) -> Result<Self, BadPageLimit> {
        match NonZeroU16::new(limit) {
            Some(limit) if limit.get() <= Self::MAX.0.get() => Ok(Self(limit)),
            _ => Err(BadPageLimit),
        }
    }

    /// The number, 1 to 1,000.
    pub const fn get(self) -> usize {
        self.0.get() as usize
    }
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the listing's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
}
