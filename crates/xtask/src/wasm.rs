//! The ground floor as WebAssembly: a module that makes tokens, held to the vectors, and the Rust tests themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::node;
use crate::project::Project;
use crate::step::{self, LIMIT, Outcome, Stop};
use crate::targets::{self, Runner};

/// What a browser runs; a module for it has nothing around it.
const BARE: &str = "wasm32-unknown-unknown";

/// What the tests are compiled for, which need a system to print to.
const WITH_SYSTEM: &str = "wasm32-wasip1";

/// The module, the programs for Node, and the package that they are in.
const MODULE: &str = "wasm_signer.wasm";

/// The official signer as a module, and what it needs around it.
const OFFICIAL: [&str; 2] = ["lighter-signer.wasm", "wasm_exec.js"];

pub(crate) fn run(project: &Project) -> Outcome {
    let node = node::interpreter().map_err(Stop::NotRun)?;
    if let Some(missing) = [BARE, WITH_SYSTEM].into_iter().find(|target| !targets::is_here(target)) {
        return Err(Stop::NotRun(format!("the target {missing} is not installed")));
    }
    // No other suite builds it.
    let mut clippy = cargo(project, "clippy", &["vectors"]);
    step::run(clippy.args(["--", "-D", "warnings"]))?;

    let module = build(project, &["vectors"])?;
    let mut vectors = Command::new(&node);
    step::run_within(LIMIT, vectors.arg(file(project, "vectors.mjs")).arg(module))?;

    let runner = file(project, "wasi.mjs");
    let arguments = ["--no-warnings", &*runner.to_string_lossy()];
    let mut tests = targets::tests(project, WITH_SYSTEM, &Runner { program: &node, arguments: &arguments });
    step::run_within(LIMIT, &mut tests)?;
    Ok(format!("the module for {BARE}, the tests for {WITH_SYSTEM}, under Node"))
}

/// Prints the size of the module that makes tokens, and how long one takes; beside the official module in a folder.
pub(crate) fn time(project: &Project, folder: Option<&Path>) -> Result<(), Stop> {
    let missing = folder.into_iter().flat_map(|folder| OFFICIAL.map(|file| folder.join(file))).find(|it| !it.is_file());
    if let Some(missing) = missing {
        return Err(Stop::Failed(format!("{} is missing", missing.display())));
    }
    let node = node::interpreter().map_err(Stop::NotRun)?;
    if !targets::is_here(BARE) {
        return Err(Stop::NotRun(format!("the target {BARE} is not installed")));
    }
    let module = build(project, &[])?;
    let mut time = Command::new(node);
    step::run(time.arg(file(project, "time.mjs")).arg(module).args(folder))
}

/// Builds the module with these features, and tells where it is.
fn build(project: &Project, features: &[&str]) -> Result<PathBuf, Stop> {
    step::run(&mut cargo(project, "build", features))?;
    Ok(project.target().join(BARE).join("release").join(MODULE))
}

fn cargo(project: &Project, command: &str, features: &[&str]) -> Command {
    let mut cargo = project.cargo([command, "--release", "--locked", "--target", BARE, "--manifest-path"]);
    cargo.arg(manifest(project)).args(["--features", &features.join(",")]);
    cargo
}

/// The manifest of the module's package.
pub(crate) fn manifest(project: &Project) -> PathBuf {
    file(project, "Cargo.toml")
}

fn file(project: &Project, name: &str) -> PathBuf {
    project.root().join("crates/xtask/wasm").join(name)
}
