//! The ground floor's tests on another processor than this one, which an emulator stands for.

use std::path::Path;
use std::process::Command;

use crate::debian;
use crate::project::Project;
use crate::step::{self, LIMIT, Outcome, Stop};
use crate::targets::{self, Runner};

/// With this C library a program is whole in itself: nothing of the other machine is needed.
const TARGET: &str = "aarch64-unknown-linux-musl";

const EMULATOR: &str = "qemu-aarch64";

pub(crate) fn run(project: &Project) -> Outcome {
    if !targets::is_here(TARGET) {
        return Err(Stop::NotRun(format!("the target {TARGET} is not installed")));
    }
    let is_emulated = || step::read(Command::new(EMULATOR).arg("--version")).is_ok();
    let mut tests = targets::tests(project, TARGET, &Runner { program: Path::new(EMULATOR), arguments: &[] });
    if is_emulated() || (debian::install(&["qemu-user"]) && is_emulated()) {
        step::run_within(LIMIT, &mut tests)?;
        Ok(format!("{TARGET}, under {EMULATOR}"))
    } else {
        step::run(tests.arg("--no-run"))?;
        Err(Stop::NotRun(format!("compiled for {TARGET}; {EMULATOR} is missing")))
    }
}
