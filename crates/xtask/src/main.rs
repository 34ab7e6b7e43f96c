//! The project's own commands, run as `cargo xtask COMMAND`.

mod aarch64;
mod bench;
mod constant_time;
mod debian;
mod fuzz;
mod instructions;
mod listing;
mod no_std;
mod node;
mod package;
mod project;
mod report;
mod servers;
mod step;
mod suites;
mod targets;
mod tools;
mod valgrind;
mod wasm;

use std::process::ExitCode;

use project::Project;

const USAGE: &str = "\
Usage: cargo xtask test [SUITE...]
       cargo xtask bench [WORDS]
       cargo xtask bench batch
       cargo xtask bench sandbox
       cargo xtask bench stores
       cargo xtask bench instructions [--record]
       cargo xtask bench dudect [SAMPLES]
       cargo xtask bench wasm [FOLDER]
       cargo xtask bench --criterion [CRITERION ARGUMENTS...]
       cargo xtask fuzz [TARGET...] [--seconds N]

test    Set up what is missing under the target directory, run the suites (all, or those named)
        and end with a table. With CI=true a suite that could not run has failed, but for `stores-qdrant`.
bench   Measure the operations (all, or those with WORDS in their name) and their peers in turn and
        print the table of ratios; or
        batch         what a token costs in batches; draws docs/batch.svg
        sandbox       how many gated reads a second the sandbox serves
        stores        what each store does, on servers started for that
        instructions  the instructions of each operation beside those recorded, or record them
        dudect        whether the time of signing depends on the secret, by SAMPLES of each class (1,000,000)
        wasm          the module of WebAssembly, and beside it the official one in FOLDER
        --criterion   the criterion benches
fuzz    Fuzz each target (all, or those named) for N seconds (60), starting from its seeds.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("--help", &[][..]),
    };
    if command == "--help" || rest.iter().any(|argument| argument == "--help") {
        print!("{USAGE}\nSuites:\n{}", suites::list());
        return ExitCode::SUCCESS;
    }
    let outcome = match command {
        "test" => suites::selected(rest).and_then(|suites| {
            let project = Project::open()?;
            Ok(suites::run(&project, &suites))
        }),
        "bench" => bench::Request::parse(rest).and_then(|request| {
            let project = Project::open()?;
            Ok(bench::run(&project, &request))
        }),
        "fuzz" => fuzz::Request::parse(rest).and_then(|request| {
            let project = Project::open()?;
            fuzz::run(&project, &request)
        }),
        _ => Err(format!("no command `{command}`; see `cargo xtask --help`")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
