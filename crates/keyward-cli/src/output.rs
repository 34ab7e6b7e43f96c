//! Results on standard output.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

use crate::failure::Failure;

/// Standard output, one line per result, in big writes.
pub(crate) struct Results(BufWriter<StdoutLock<'static>>);

impl Results {
    pub(crate) fn new() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }

    /// Adds `result` and a line end.
    pub(crate) fn line(&mut self, result: impl Display) -> Result<(), Failure> {
        writeln!(self.0, "{result}").map_err(Failure::of_stdout)
    }

    /// Adds `result` as one line of JSON.
    pub(crate) fn json(&mut self, result: &impl serde::Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.0, result).map_err(|error| Failure::of_stdout(error.into()))?;
        self.line("")
    }

    /// Hands over everything so far.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.0.flush().map_err(Failure::of_stdout)
    }
}

/// Writes the one result of a command.
pub(crate) fn print(result: impl Display) -> Result<(), Failure> {
    let mut results = Results::new();
    results.line(result)?;
    results.flush()
}
