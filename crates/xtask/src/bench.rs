//! `cargo xtask bench`: this project's speed beside its peers', in one run.

use std::process::Command;

use crate::project::Project;
use crate::step;
use crate::tools::Tools;

/// The package that holds the benches.
pub(crate) const PACKAGE: &str = "keyward-benches";

/// The program of that package that measures an operation and its peer in turn and prints the table of ratios.
const TABLE: &str = "bench-table";

/// The program of that package that measures the gated reads that the sandbox serves.
pub(crate) const SANDBOX: &str = "sandbox-load";

/// The program of that package that measures the stores.
pub(crate) const STORES: &str = "store-load";

/// Prints the table; or measures the sandbox or the stores, if that is the argument; or runs the criterion benches after
/// `--criterion`. The other arguments go on. Whether all went well.
pub(crate) fn run(project: &Project, arguments: &[String]) -> bool {
    let tools = Tools::new(project);
    if let Some((first, arguments)) = arguments.split_first()
        && first == "stores"
    {
        let mut stores = run_binary(project, STORES, arguments);
        tools.servers().export(&mut stores);
        tools.servers().missing().for_each(|reason| eprintln!("NOT RUN: {reason}"));
        return went_well(&mut stores);
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
        Some((first, arguments)) if first == "sandbox" => run_binary(project, SANDBOX, arguments),
        _ => run_binary(project, TABLE, arguments),
    };
    match tools.peers() {
        Ok(peers) => peers.export(&mut cargo),
        Err(reason) => eprintln!("without the official signer: {reason}"),
    }
    went_well(&mut cargo)
}

fn went_well(command: &mut Command) -> bool {
    match step::run(command) {
        Ok(()) => true,
        Err(stop) => {
            eprintln!("error: {}", stop.reason());
            false
        }
    }
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
