//! `cargo xtask bench`: this project's speed beside its peers', in one run.

use std::path::PathBuf;
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

/// The program of that package that measures the stores.
pub(crate) const STORES: &str = "store-load";

/// What to measure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The rows with these words; all if there are none.
    Table(Option<String>),
    Criterion(Vec<String>),
    Batch,
    Sandbox,
    Stores,
    Instructions,
    RecordInstructions,
    /// By so many samples of each class.
    Dudect(Option<u64>),
    /// Beside the official module in this folder.
    Wasm(Option<PathBuf>),
}

impl Request {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let unknown = || format!("no bench `{}`; see `cargo xtask --help`", arguments.join(" "));
        Ok(match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["--criterion", ..] => Self::Criterion(arguments[1..].to_vec()),
            ["batch"] => Self::Batch,
            ["sandbox"] => Self::Sandbox,
            ["stores"] => Self::Stores,
            ["instructions"] => Self::Instructions,
            ["instructions", "--record"] => Self::RecordInstructions,
            ["dudect"] => Self::Dudect(None),
            ["dudect", samples] => Self::Dudect(Some(samples.parse().map_err(|_| unknown())?)),
            ["wasm"] => Self::Wasm(None),
            ["wasm", folder] if !folder.starts_with('-') => Self::Wasm(Some(folder.into())),
            [] => Self::Table(None),
            [words] if !words.starts_with('-') => Self::Table(Some(words.to_owned())),
            _ => return Err(unknown()),
        })
    }
}

/// Measures what is asked for. Whether all went well.
pub(crate) fn run(project: &Project, request: &Request) -> bool {
    let tools = Tools::new(project);
    let mut cargo = match request {
        Request::Instructions => return is_done(instructions::run(project)),
        Request::RecordInstructions => return is_done(instructions::record(project)),
        Request::Dudect(samples) => return is_done(dudect(project, *samples)),
        Request::Wasm(folder) => return is_done(wasm::time(project, folder.as_deref())),
        Request::Stores => {
            let mut stores = run_binary(project, STORES, &[]);
            tools.servers().export(&mut stores);
            tools.servers().missing().for_each(|reason| eprintln!("NOT RUN: {reason}"));
            return is_done(step::run(&mut stores));
        }
        Request::Criterion(arguments) => {
            let mut cargo = project.cargo(["bench", "--locked", "--package", PACKAGE]);
            for name in benches(project) {
                cargo.args(["--bench", name]);
            }
            cargo.arg("--").args(arguments);
            cargo
        }
        Request::Batch => run_binary(project, BATCH, &[project.root().join(BATCH_PLOT).display().to_string()]),
        Request::Sandbox => run_binary(project, SANDBOX, &[]),
        Request::Table(words) => run_binary(project, TABLE, words.as_slice()),
    };
    match tools.peers() {
        Ok(peers) => peers.export(&mut cargo),
        Err(reason) => eprintln!("without the official signer: {reason}"),
    }
    is_done(step::run(&mut cargo))
}

fn is_done<T>(result: Result<T, Stop>) -> bool {
    result.inspect_err(|stop| eprintln!("error: {}", stop.reason())).is_ok()
}

/// Runs the t-test between the times for one secret and for many.
fn dudect(project: &Project, samples: Option<u64>) -> Result<(), Stop> {
    let program = valgrind::build(project, None, "dudect")?;
    step::run(Command::new(program).args(samples.map(|samples| samples.to_string())))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Request, String> {
        Request::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_asked_for_is_measured() {
        for (text, request) in [
            ("", Request::Table(None)),
            ("sign", Request::Table(Some("sign".to_owned()))),
            ("--criterion --save-baseline a", Request::Criterion(vec!["--save-baseline".to_owned(), "a".to_owned()])),
            ("batch", Request::Batch),
            ("sandbox", Request::Sandbox),
            ("stores", Request::Stores),
            ("instructions", Request::Instructions),
            ("instructions --record", Request::RecordInstructions),
            ("dudect", Request::Dudect(None)),
            ("dudect 200000", Request::Dudect(Some(200_000))),
            ("wasm", Request::Wasm(None)),
            ("wasm a/b", Request::Wasm(Some("a/b".into()))),
        ] {
            assert_eq!(parse(text), Ok(request), "{text}");
        }
    }

    #[test]
    fn what_is_mistyped_is_refused_before_anything_is_built() {
        for text in [
            "--foo",
            "batch 5",
            "sandbox --once",
            "stores redis",
            "instructions --recrod",
            "dudect many",
            "dudect 200000 5",
            "wasm a b",
            "wasm --a",
            "sign verify",
        ] {
            assert!(parse(text).is_err_and(|error| error.contains(&format!("`{text}`"))), "{text}");
        }
    }
}
