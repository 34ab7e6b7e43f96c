//! Why a server is not there, and what a test does without one.

use std::time::Duration;
use std::{env, error, fmt, io};

/// Why a server could not be started, or could not be brought to do what was asked of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// This machine does not have the server: what is missing, and where it was looked for.
    Missing(String),
    /// The program ended by itself.
    Ended {
        /// The program.
        program: &'static str,
        /// The end of what it logged.
        log: String,
    },
    /// The server runs but did not come to the state that was waited for.
    Late {
        /// The program.
        program: &'static str,
        /// How long it was waited for.
        limit: Duration,
        /// The end of what it logged.
        log: String,
    },
    /// The server refused a command that it should have taken.
    Refused {
        /// The program.
        program: &'static str,
        /// What it answered.
        answer: String,
    },
    /// A file, a process or a connection failed.
    Io {
        /// What was being done.
        doing: String,
        /// How it failed.
        source: io::Error,
    },
}

impl ServerError {
    /// For `map_err`.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing: doing.into(), source }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Ended { program, log } => write!(f, "{program} ended by itself; its log ends with:\n{log}"),
            Self::Late { program, limit, log } => {
                write!(f, "{program} was not ready after {} s; its log ends with:\n{log}", limit.as_secs())
            }
            Self::Refused { program, answer } => write!(f, "{program} answered: {answer}"),
            Self::Io { doing, .. } => write!(f, "{doing} failed"),
        }
    }
}

impl error::Error for ServerError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The server; or `None`, said on standard output, where this machine does not have it: the test that asked is over.
///
/// # Panics
///
/// If the server could not be started although this machine has it. If this machine does not have it although
/// `KEYWARD_REQUIRE_PEERS` is `1`.
pub fn or_skip<T>(started: Result<T, ServerError>) -> Option<T> {
    match started {
        Ok(server) => Some(server),
        Err(ServerError::Missing(what)) => {
            let required = env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
            assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but this is missing: {what}");
            println!("NOT RUN: {what}");
            None
        }
        Err(ServerError::Io { doing, source }) => panic!("{doing}: {source}"),
        Err(error) => panic!("{error}"),
    }
}
