//! `cargo xtask fuzz`: fuzzes each target for a while, starting from its seeds.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::project::{self, Project};
use crate::report::{AllMustRun, Report};
use crate::step::{self, Outcome, Stop};
use crate::tools::{CARGO_FUZZ, Tools};

/// What to fuzz, and for how long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// All if empty.
    targets: Vec<String>,
    /// For each target.
    seconds: u32,
}

impl Request {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut request = Self { targets: Vec::new(), seconds: 60 };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if argument == "--seconds" {
                request.seconds = arguments
                    .next()
                    .and_then(|seconds| seconds.parse().ok())
                    .filter(|seconds| *seconds > 0)
                    .ok_or("--seconds: not a whole number from 1 up")?;
            } else if argument.starts_with('-') {
                return Err(format!("no option `{argument}`; see `cargo xtask --help`"));
            } else {
                request.targets.push(argument.clone());
            }
        }
        Ok(request)
    }
}

/// Whether every target was fuzzed and held.
pub(crate) fn run(project: &Project, request: &Request) -> Result<bool, String> {
    let all = targets(project)?;
    if let Some(unknown) = request.targets.iter().find(|name| !all.contains(name)) {
        return Err(format!("no fuzz target `{unknown}`; there are {}", all.join(", ")));
    }
    let cargo_fuzz = Tools::new(project).subcommand(&CARGO_FUZZ)?;
    let host = host()?;
    let mut report = Report::default();
    for name in all.iter().filter(|name| request.targets.is_empty() || request.targets.contains(name)) {
        let start = Instant::now();
        let mut fuzz = Command::new(&cargo_fuzz);
        // What is tested has no `unsafe` that a sanitizer could see into, and without one it runs many times as often.
        fuzz.args(["fuzz", "run", "--sanitizer", "none", "--target", &host, name]);
        report.add(name.clone(), fuzz_one(project, fuzz, name, request.seconds), start.elapsed());
    }
    print!("\n{report}");
    Ok(report.is_green(AllMustRun::Yes))
}

/// What libFuzzer finds goes to `fuzz/corpus`, what breaks a property to `fuzz/artifacts`.
fn fuzz_one(project: &Project, mut fuzz: Command, name: &str, seconds: u32) -> Outcome {
    let folder = project.root().join("fuzz");
    let corpus = folder.join("corpus").join(name);
    fs::create_dir_all(&corpus).map_err(|error| Stop::Failed(format!("{}: {error}", corpus.display())))?;
    fuzz.arg(corpus)
        .arg(folder.join("seeds").join(name))
        .args(["--", &format!("-max_total_time={seconds}"), "-timeout=10", "-print_final_stats=1"])
        .current_dir(project.root())
        .env("CARGO_TARGET_DIR", project.target().join("fuzz"));
    step::run(&mut fuzz)?;
    Ok(String::new())
}

/// Builds each target as an ordinary program and replays its seeds, then checks that each compiles as a fuzz target.
pub(crate) fn replay(project: &Project) -> Outcome {
    let targets = targets(project).map_err(Stop::Failed)?;
    let in_fuzz = |arguments: &[&str]| {
        let mut cargo = project.cargo(arguments.iter().copied());
        cargo.arg("--manifest-path").arg(manifest(project)).arg("--locked");
        cargo
    };
    let mut as_fuzz_targets = in_fuzz(&["check", "--bins"]);
    as_fuzz_targets
        .env("RUSTFLAGS", "--cfg fuzzing")
        // A check links nothing, so the fuzzer itself need not be built, nor a C++ compiler be there.
        .env("CUSTOM_LIBFUZZER_PATH", project.target().join("libfuzzer.a"))
        // Other flags build everything anew: not over what the other suites share.
        .env("CARGO_TARGET_DIR", project.target().join("fuzz-check"));
    let replays = targets.iter().map(|name| in_fuzz(&["run", "--quiet", "--bin", name]));
    step::run_all(replays.chain([as_fuzz_targets]))?;
    Ok(format!("{} targets", targets.len()))
}

/// The manifest of the fuzz workspace.
pub(crate) fn manifest(project: &Project) -> PathBuf {
    project.root().join("fuzz/Cargo.toml")
}

fn targets(project: &Project) -> Result<Vec<String>, String> {
    let packages = project::packages(&manifest(project))?;
    Ok(packages.into_iter().flat_map(|package| package.binaries).collect())
}

/// The target triple of this machine's compiler; cargo-fuzz would assume the one it was itself built for.
fn host() -> Result<String, String> {
    let version = step::read(Command::new("rustc").arg("-vV"))?;
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc -vV: no host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Request::parse(&words)
    }

    #[test]
    fn targets_and_seconds_come_in_any_order() {
        let expected = Request { targets: vec!["config".to_owned(), "key_text".to_owned()], seconds: 300 };
        assert_eq!(parse("config --seconds 300 key_text"), Ok(expected));
        assert_eq!(parse(""), Ok(Request { targets: Vec::new(), seconds: 60 }));
    }

    #[test]
    fn a_bad_option_is_refused() {
        for line in ["--seconds", "--seconds 0", "--seconds 1.5", "--minutes 5"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
