//! `cargo xtask bench`: this project's speed beside its peers', in one run.

use std::process::Command;

use crate::project::Project;
use crate::step::{self, Stop};
use crate::tools::Tools;
use crate::{instructions, valgrind, wasm};

/// The package that holds the benches.
pub(crate) const PACKAGE: &str = "keyward-benches";

/// The program of that package that measures an operation and its peer in turn and prints the table of ratios.
const TABLE: &str = "bench-table";

/// The program of that package that measures batches of tokens, prints the table and draws it.
pub(crate) const BATCH: &str = "bench-batch";

/// Where the drawing goes, from the root.
const BATCH_PLOT: &str = "docs/batch.svg";

/// The program of that package that measures the gated reads that the sandbox serves.
pub(crate) const SANDBOX: &str = "sandbox-load";

/// Measures what the first argument names, or prints the table. The other arguments go on. Whether all went well.
pub(crate) fn run(project: &Project, arguments: &[String]) -> bool {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["instructions"] => return is_done(instructions::run(project)),
        ["instructions", "--record"] => return is_done(instructions::record(project)),
        ["dudect", ..] => return is_done(dudect(project, &arguments[1..])),
        ["wasm", ..] => return is_done(wasm::time(project, &arguments[1..])),
        _ => {}
    }
    let mut cargo = match arguments.split_first() {
        Some((first, criterion_arguments)) if first == "--criterion" => {
            let mut cargo = project.cargo(["bench", "--locked", "--package", PACKAGE]);
            for name in benches(project) {
                cargo.args(["--bench", name]);
            }
            cargo.arg("--").args(criterion_arguments);
            cargo
        }
        Some((first, [])) if first == "batch" => {
            run_binary(project, BATCH, &[project.root().join(BATCH_PLOT).display().to_string()])
        }
        Some((first, arguments)) if first == "sandbox" => run_binary(project, SANDBOX, arguments),
        _ => run_binary(project, TABLE, arguments),
    };
    match Tools::new(project).peers() {
        Ok(peers) => peers.export(&mut cargo),
        Err(reason) => eprintln!("without the official signer: {reason}"),
    }
    is_done(step::run(&mut cargo))
}

fn is_done<T>(result: Result<T, Stop>) -> bool {
    result.inspect_err(|stop| eprintln!("error: {}", stop.reason())).is_ok()
}

/// Runs the t-test between the times for one secret and for many.
fn dudect(project: &Project, arguments: &[String]) -> Result<(), Stop> {
    let program = valgrind::build(project, None, "dudect")?;
    step::run(Command::new(program).args(arguments))
}

/// A program of that package, with these arguments.
pub(crate) fn run_binary(project: &Project, name: &str, arguments: &[String]) -> Command {
    let mut cargo = project.cargo(["run", "--release", "--locked", "--package", PACKAGE, "--bin", name, "--"]);
    cargo.args(arguments);
    cargo
}

/// The benches by name: cargo would also run the library's tests otherwise.
pub(crate) fn benches(project: &Project) -> impl Iterator<Item = &str> {
    project
        .packages()
        .iter()
        .filter(|package| package.name == PACKAGE)
        .flat_map(|package| package.benches.iter().map(String::as_str))
}
