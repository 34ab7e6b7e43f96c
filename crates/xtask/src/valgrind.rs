//! Valgrind, which runs a program and looks at each of its instructions.

use std::path::Path;
use std::process::{Command, Output};

use crate::step::Stop;
use crate::{debian, step};

/// What memcheck makes the program exit with if it has found something.
pub(crate) const FOUND: i32 = 99;

/// Valgrind on this machine.
pub(crate) struct Valgrind(());

impl Valgrind {
    /// The one on the path; installed as Debian packages it, where that is possible.
    pub(crate) fn find() -> Result<Self, Stop> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return Err(Stop::NotRun("not on Linux on x86-64".to_owned()));
        }
        let is_here = || step::read(Command::new("valgrind").arg("--version")).is_ok();
        if is_here() || (debian::install(&["valgrind"]) && is_here()) {
            Ok(Self(()))
        } else {
            Err(Stop::NotRun("valgrind is missing".to_owned()))
        }
    }

    /// Runs a program under memcheck; the report is the standard error, at its end the suppressions that were used.
    pub(crate) fn memcheck(&self, suppressions: &Path, program: &Path, arguments: &[&str]) -> Result<Output, Stop> {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=memcheck", "--error-limit=no", "--leak-check=no", "--show-error-list=yes"])
            .arg(format!("--error-exitcode={FOUND}"))
            .arg(format!("--suppressions={}", suppressions.display()))
            .arg(program)
            .args(arguments);
        step::capture(&mut valgrind).map_err(Stop::Failed)
    }
}
