use core::fmt;

use crate::{DaysError, JsonError, KeyTextError};

/// What is wrong in a configuration, and where.
///
/// It prints as `ACCOUNTS[3].account_index: must be a whole number from 0 to 281474976710654`. No
/// value of the configuration is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConfigError {
    account: Option<usize>,
    // Empty for the account, or the document, as a whole.
    key: &'static str,
    problem: ConfigProblem,
}

impl ConfigError {
    pub(crate) fn new(key: &'static str, problem: ConfigProblem) -> Self {
        Self { account: None, key, problem }
    }

    pub(crate) fn in_account(self, position: usize) -> Self {
        Self { account: Some(position), ..self }
    }

    /// The account with the error: its position in `ACCOUNTS`, counted from 0.
    pub fn account(&self) -> Option<usize> {
        self.account
    }

    /// The name of the JSON member with the error; empty if it is in the account, or the document,
    /// as a whole.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// What is wrong there.
    pub fn problem(&self) -> ConfigProblem {
        self.problem
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.account, self.key) {
            (Some(position), "") => write!(f, "ACCOUNTS[{position}]: {}", self.problem),
            (Some(position), key) => write!(f, "ACCOUNTS[{position}].{key}: {}", self.problem),
            (None, "") => self.problem.fmt(f),
            (None, key) => write!(f, "{key}: {}", self.problem),
        }
    }
}

// `Display` has the problem in it: as a source it would be told twice.
impl core::error::Error for ConfigError {}

impl From<JsonError> for ConfigError {
    fn from(error: JsonError) -> Self {
        Self::new("", ConfigProblem::Json(error))
    }
}

/// What is wrong at one place of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The document is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A required member is not there.
    #[error("is missing")]
    Missing,
    /// A member stands there twice: which one counts?
    #[error("is given more than once")]
    Repeated,
    /// The value is of another JSON type.
    #[error("must be {expected}")]
    WrongType {
        /// The type, with its article.
        expected: &'static str,
    },
    /// The text or the list is empty.
    #[error("must not be empty")]
    Empty,
    /// The list is too long.
    #[error("has more than {max} entries")]
    TooMany {
        /// The most entries it may have.
        max: usize,
    },
    /// The text is not a private key.
    #[error(transparent)]
    PrivateKey(#[from] KeyTextError),
    /// The value is not one of the whole numbers that are allowed.
    #[error("must be a whole number from 0 to {max}")]
    OutOfRange {
        /// The largest allowed number.
        max: u64,
    },
    /// The value is not a number of days.
    #[error(transparent)]
    Days(#[from] DaysError),
}
