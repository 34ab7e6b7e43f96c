//! `cargo xtask bench`: this project's speed beside its peers', in one run.

use crate::project::Project;
use crate::step::{self, Stop};
use crate::tools::Tools;

/// The package that holds the benches.
pub(crate) const PACKAGE: &str = "keyward-benches";

/// The program of that package that measures an operation and its peer in turn and prints the table of ratios.
const TABLE: &str = "bench-table";

/// Prints the table, or after `--criterion` runs the criterion benches; the other arguments go on. Whether all went well.
pub(crate) fn run(project: &Project, arguments: &[String]) -> bool {
    let mut cargo = match arguments.split_first() {
        Some((first, criterion_arguments)) if first == "--criterion" => {
            let mut cargo = project.cargo(["bench", "--locked", "--package", PACKAGE]);
            for name in benches(project) {
                cargo.args(["--bench", name]);
            }
            cargo.arg("--").args(criterion_arguments);
            cargo
        }
        _ => {
            let mut cargo = project.cargo(["run", "--release", "--locked", "--package", PACKAGE, "--bin", TABLE, "--"]);
            cargo.args(arguments);
            cargo
        }
    };
    match Tools::new(project).peers() {
        Ok(peers) => peers.export(&mut cargo),
        Err(reason) => eprintln!("without the official signer: {reason}"),
    }
    match step::run(&mut cargo) {
        Ok(()) => true,
        Err(Stop::Failed(reason) | Stop::NotRun(reason)) => {
            eprintln!("error: {reason}");
            false
        }
    }
}

/// The benches by name: cargo would also run the library's tests otherwise.
pub(crate) fn benches(project: &Project) -> impl Iterator<Item = &str> {
    project
        .packages()
        .iter()
        .filter(|package| package.name == PACKAGE)
        .flat_map(|package| package.benches.iter().map(String::as_str))
}
