//! Valgrind, which runs a program and looks at each of its instructions.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::project::Project;
use crate::step::Stop;
use crate::{debian, step};

/// The package whose programs valgrind looks at, and the profile that they are built in: a release, and what a report
/// needs to name functions.
pub(crate) const PACKAGE: &str = "keyward-machine-code";
pub(crate) const PROFILE: &str = "machine-code";

/// What memcheck makes the program exit with if it has found something.
pub(crate) const FOUND: i32 = 99;

/// Where a build goes that is for no processor in particular.
const DEFAULT: &str = "default";

/// Names of functions with all their types: the older ones leave out whose closure it is that was made part of another function.
const WHOLE_NAMES: &str = "-C symbol-mangling-version=v0";

/// Builds a program of [`PACKAGE`] for a processor, or for what cargo takes by itself, and tells where it is.
pub(crate) fn build(project: &Project, processor: Option<&str>, name: &str) -> Result<PathBuf, Stop> {
    let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default() + " " + WHOLE_NAMES;
    if let Some(processor) = processor {
        flags += &format!(" -C target-cpu={processor}");
    }
    // All dependencies are built with these flags too: in a folder of its own, or every other build would be undone.
    let target = project.target().join(processor.unwrap_or(DEFAULT));
    let mut cargo = project.cargo(["build", "--locked", "--package", PACKAGE, "--profile", PROFILE, "--bin", name]);
    step::run(cargo.env("RUSTFLAGS", flags.trim_start()).env("CARGO_TARGET_DIR", &target))?;
    Ok(target.join(PROFILE).join(name))
}

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

    /// Runs a program under callgrind, which counts where the program asks for it and puts each count into a file that
    /// begins with `out`. What the program prints.
    pub(crate) fn callgrind(&self, out: &Path, program: &Path) -> Result<String, Stop> {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=callgrind", "--collect-atstart=no", "--quiet"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(program);
        step::read(&mut valgrind).map_err(Stop::Failed)
    }

    /// What it calls itself, with its version.
    pub(crate) fn version(&self) -> Result<String, Stop> {
        step::read(Command::new("valgrind").arg("--version")).map_err(Stop::Failed)
    }
}
