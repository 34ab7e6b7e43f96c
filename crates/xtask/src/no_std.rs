//! Shows that the crates that say they need neither std nor an allocator need neither.
//!
//! `crates/xtask/freestanding` is a program without std, allocator and libc that uses each of these crates. It is
//! linked for this machine, which needs no target to be installed, and for every bare target that is to be had.

use std::path::PathBuf;
use std::process::Command;

use crate::project::{self, Project};
use crate::step::{self, Outcome, Stop};
use crate::targets;

const BARE_TARGETS: [&str; 3] = ["thumbv7em-none-eabi", "x86_64-unknown-none", "wasm32-unknown-unknown"];

/// Features of the program that pull in what must not be there, and what the compiler then says.
const MUST_FAIL: [(&str, &str); 2] =
    [("alloc", "no global memory allocator found"), ("std", "duplicate lang item `panic_impl`")];

pub(crate) fn run(project: &Project) -> Outcome {
    let probe = Probe { project };
    let missing = probe.unused_crates().map_err(Stop::Failed)?;
    if !missing.is_empty() {
        return Err(Stop::Failed(format!("the freestanding program does not use {}", missing.join(", "))));
    }
    let mut shown = Vec::new();
    let mut absent = Vec::new();
    // Elsewhere on Linux, sha2 asks libc what the processor can do.
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        step::run(&mut probe.cargo("build", &[]))?;
        shown.push("this machine");
        for (feature, complaint) in MUST_FAIL {
            probe.must_fail(feature, complaint)?;
        }
    }
    for target in BARE_TARGETS {
        if targets::is_here(target) {
            step::run(&mut probe.cargo("build", &["--target", target]))?;
            shown.push(target);
        } else {
            absent.push(target);
        }
    }
    let absent = if absent.is_empty() { String::new() } else { format!("; not to be had: {}", absent.join(", ")) };
    if shown.is_empty() {
        return Err(Stop::NotRun(format!("nothing to link for{absent}")));
    }
    Ok(format!("linked for {}{absent}", shown.join(", ")))
}

/// The freestanding program.
struct Probe<'a> {
    project: &'a Project,
}

impl Probe<'_> {
    fn manifest(&self) -> PathBuf {
        manifest(self.project)
    }

    fn cargo(&self, command: &str, arguments: &[&str]) -> Command {
        let mut cargo = self.project.cargo([command, "--locked", "--manifest-path"]);
        cargo.arg(self.manifest()).args(arguments);
        cargo
    }

    /// The crates that the program should show something of and does not.
    fn unused_crates(&self) -> Result<Vec<&str>, String> {
        let used: Vec<String> =
            project::packages(&self.manifest())?.into_iter().flat_map(|package| package.dependencies).collect();
        let all = self.project.packages().iter().filter(|package| package.is_freestanding);
        Ok(all.map(|package| package.name.as_str()).filter(|name| !used.iter().any(|it| it == name)).collect())
    }

    /// The check itself is checked: with std or an allocator in it, the program cannot be built.
    fn must_fail(&self, feature: &str, complaint: &str) -> Result<(), Stop> {
        let output = step::capture(&mut self.cargo("build", &["--features", feature])).map_err(Stop::Failed)?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            Err(Stop::Failed(format!("a freestanding program with {feature} in it was built")))
        } else if !stderr.contains(complaint) {
            Err(Stop::Failed(format!("with {feature} the program failed for another reason:\n{stderr}")))
        } else {
            println!("refused, as it must be: {complaint}");
            Ok(())
        }
    }
}

/// The manifest of the freestanding program.
pub(crate) fn manifest(project: &Project) -> PathBuf {
    project.root().join("crates/xtask/freestanding/Cargo.toml")
}
