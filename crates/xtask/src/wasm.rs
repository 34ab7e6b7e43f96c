//! The ground floor as WebAssembly: a module that makes tokens, held to the vectors, and the Rust tests themselves.

use std::path::PathBuf;
use std::process::Command;

use crate::node;
use crate::project::Project;
use crate::step::{self, Outcome, Stop};
use crate::targets::{self, Runner};

/// What a browser runs; a module for it has nothing around it.
const BARE: &str = "wasm32-unknown-unknown";

/// What the tests are compiled for, which need a system to print to.
const WITH_SYSTEM: &str = "wasm32-wasip1";

/// The module, the programs for Node, and the package that they are in.
const MODULE: &str = "wasm_signer.wasm";

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
    step::run(vectors.arg(file(project, "vectors.mjs")).arg(module))?;

    let runner = file(project, "wasi.mjs");
    let arguments = ["--no-warnings", &*runner.to_string_lossy()];
    step::run(&mut targets::tests(project, WITH_SYSTEM, &Runner { program: &node, arguments: &arguments }))?;
    Ok(format!("the module for {BARE}, the tests for {WITH_SYSTEM}, under Node"))
}

/// Prints the size of the module that makes tokens, and how long one takes.
pub(crate) fn time(project: &Project, arguments: &[String]) -> Result<(), Stop> {
    let node = node::interpreter().map_err(Stop::NotRun)?;
    if !targets::is_here(BARE) {
        return Err(Stop::NotRun(format!("the target {BARE} is not installed")));
    }
    let module = build(project, &[])?;
    let mut time = Command::new(node);
    step::run(time.arg(file(project, "time.mjs")).arg(module).args(arguments))
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
