//! `cargo xtask bench`: the benches with their peers, then the table of ratios.

use crate::project::Project;
use crate::step::{self, Stop};
use crate::tools::Tools;

/// The package that holds the benches.
pub(crate) const PACKAGE: &str = "keyward-benches";

/// The program of that package that turns criterion's results into the table.
const TABLE: &str = "bench-table";

/// Whether all went well.
pub(crate) fn run(project: &Project, criterion_arguments: &[String]) -> bool {
    let tools = Tools::new(project);
    let mut bench = project.cargo(["bench", "--package", PACKAGE]);
    for name in benches(project) {
        bench.args(["--bench", name]);
    }
    bench.arg("--").args(criterion_arguments);
    let mut table = project.cargo(["run", "--quiet", "--release", "--package", PACKAGE, "--bin", TABLE]);
    match tools.peers() {
        Ok(peers) => {
            peers.export(&mut bench);
            peers.export(&mut table);
        }
        Err(reason) => eprintln!("without the official signer: {reason}"),
    }
    match step::run(&mut bench).and_then(|()| step::run(&mut table)) {
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
