//! Other targets than this machine: their standard libraries, and the tests that are run for them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::project::Project;
use crate::step;

/// Fetching a target is a matter of seconds, or of a network that is not there.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// All that goes into a token. Their tests need one thread, and read no file.
const PACKAGES: [&str; 6] =
    ["keyward-ecgfp5", "keyward-goldilocks", "keyward-poseidon2", "keyward-schnorr", "keyward-time", "keyward-token"];

/// A program that runs those of another target, and its arguments before the program's name.
pub(crate) struct Runner<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: &'a [&'a str],
}

/// Whether the standard library for this target is there, whoever brought it; rustup is asked for it where it is not.
pub(crate) fn is_here(target: &str) -> bool {
    is_installed(target) || fetch(target)
}

/// The tests of [`PACKAGES`], compiled for another target and run by `runner`.
pub(crate) fn tests(project: &Project, target: &str, runner: &Runner<'_>) -> Command {
    let mut cargo = project.cargo(["test", "--locked", "--no-fail-fast", "--lib", "--tests", "--all-features"]);
    cargo.args(["--target", target]);
    for package in PACKAGES {
        cargo.args(["--package", package]);
    }
    let words = std::iter::once(runner.program.to_string_lossy())
        .chain(runner.arguments.iter().map(|argument| (*argument).into()));
    let variable = |name: &str| format!("CARGO_TARGET_{}_{name}", target.to_uppercase().replace('-', "_"));
    cargo.env(variable("RUNNER"), words.collect::<Vec<_>>().join(" "));
    // Comes with the compiler, and needs no system of the target beside it.
    cargo.env(variable("LINKER"), "rust-lld");
    // What runs in another machine's place is slow, and compiling it all would take longer than running it.
    cargo.env("PROPTEST_CASES", "16").env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}

fn is_installed(target: &str) -> bool {
    let rustc = || Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    step::read(rustc().args(["--print", "target-libdir", "--target", target]))
        .is_ok_and(|folder| PathBuf::from(folder.trim_end()).is_dir())
}

/// Asks rustup for a target.
fn fetch(target: &str) -> bool {
    let Ok(mut rustup) = Command::new("rustup").args(["target", "add", target]).spawn() else {
        return false;
    };
    // Whether it failed or took too long: the target is not there.
    step::wait(FETCH_LIMIT, &mut rustup).is_ok_and(|status| status.success()) && is_installed(target)
}
