use alloc::vec::Vec;
use core::slice;

use crate::{InvalidScope, Scope, memory};

/// What a key may do: up to 64 [`Scope`]s, none twice, in the order they were given. None at all permits nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The most scopes of a key: 64.
    pub const MAX_COUNT: usize = 64;

    /// The scopes of these.
    ///
    /// # Errors
    /// - there are more than 64
    /// - one is there twice
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, ScopesError> {
        let mut kept = Vec::new();
        for scope in scopes {
            if kept.len() == Self::MAX_COUNT {
                return Err(ScopesError::TooMany);
            }
            if kept.contains(&scope) {
                return Err(ScopesError::Repeated);
            }
            kept.push(scope);
        }
        Ok(Self(kept))
    }

    /// The scopes of these texts.
    ///
    /// # Errors
    /// - a text is no [`Scope`]
    /// - there are more than 64
    /// - one is there twice
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopesError> {
        // Beyond one too many nothing is read.
        let scopes: Result<Vec<Scope>, InvalidScope> =
            texts.into_iter().take(Self::MAX_COUNT + 1).map(Scope::new).collect();
        Self::new(scopes?)
    }

    /// Whether one of the scopes covers this one.
    pub fn allows(&self, scope: &Scope) -> bool {
        self.0.iter().any(|own| own.covers(scope))
    }

    /// Whether `other` permits everything that these do.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        // Parts have no end of names, so that a scope with `*` is covered by several only if by one.
        self.0.iter().all(|scope| other.allows(scope))
    }

    /// The number of scopes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is permitted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is behind its pointer.
    pub(crate) fn heap_bytes(&self) -> usize {
        memory::list(&self.0) + self.0.iter().map(|scope| memory::text(scope.as_str())).sum::<usize>()
    }

    /// The scopes, in their order.
    pub fn iter(&self) -> slice::Iter<'_, Scope> {
        self.0.iter()
    }
}

/// `read:*` and nothing else: what a key gets that was asked for without a word on permissions.
impl Default for Scopes {
    fn default() -> Self {
        Self(Vec::from_iter(Scope::new("read:*")))
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a Scope;
    type IntoIter = slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Why there are no such [`Scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ScopesError {
    /// A text is no scope.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// More than 64.
    #[error("more than {} scopes", Scopes::MAX_COUNT)]
    TooMany,
    /// One is there twice.
    #[error("scope given twice")]
    Repeated,
}
