//! Kinds and states as words, for stores.

/// A word that names no state or kind of the wanted type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no such state or kind")]
pub struct UnknownName;

/// The one of `all` with this name.
pub(crate) fn find<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Result<T, UnknownName> {
    all.iter().copied().find(|item| name(*item) == text).ok_or(UnknownName)
}
