//! How many instructions the operations take, beside what they took when that was last recorded: a slowdown that shows without
//! a clock, on a busy machine as well.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::project::Project;
use crate::step::{Outcome, Stop};
use crate::valgrind::{self, PACKAGE, Valgrind};

/// By so much, in percent, a count may differ from the recorded one.
const TOLERANCE: f64 = 2.0;

/// An operation with the instructions that it takes.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    operation: String,
    instructions: u64,
}

/// The counts are as recorded; the suite.
pub(crate) fn run(project: &Project) -> Outcome {
    let now = count(project, &Valgrind::find()?)?;
    let file = file(project);
    let recorded = fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
    let recorded = parse(&recorded).ok_or_else(|| Stop::Failed(format!("{}: not a list of counts", file.display())))?;
    let (table, differ) = compare(&recorded, &now);
    print!("{table}");
    if differ.is_empty() {
        return Ok(format!("{} operations within {TOLERANCE} %", now.len()));
    }
    let how = "is that meant? then `cargo xtask bench instructions --record`";
    Err(Stop::Failed(format!("not as recorded: {}; {how}", differ.join(", "))))
}

/// Counts, and puts that in the place of what was recorded.
pub(crate) fn record(project: &Project) -> Outcome {
    let valgrind = Valgrind::find()?;
    let now = count(project, &valgrind)?;
    let rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    let rustc = rustc.map_err(|error| Stop::Failed(format!("rustc: {error}")))?;
    let mut text = format!(
        "# What an operation takes in instructions, as callgrind counts them, compiled for the default x86-64 target.\n\
         # Written by `cargo xtask bench instructions --record`: {}, {}.\n",
        String::from_utf8_lossy(&rustc.stdout).trim_end(),
        valgrind.version()?.trim_end()
    );
    for Count { operation, instructions } in &now {
        let _ = writeln!(text, "{instructions:9} {operation}");
    }
    let file = file(project);
    fs::write(&file, &text).map_err(|error| at(&file, &error))?;
    print!("{text}");
    Ok(format!("{} operations", now.len()))
}

/// Where the counts are kept.
fn file(project: &Project) -> PathBuf {
    project.root().join("crates").join(PACKAGE).join("instructions.txt")
}

fn at(path: &Path, error: &io::Error) -> Stop {
    Stop::Failed(format!("{}: {error}", path.display()))
}

/// Builds the program and has it counted.
fn count(project: &Project, valgrind: &Valgrind) -> Result<Vec<Count>, Stop> {
    let program = valgrind::build(project, None, "instructions")?;
    let folder = project.tools_dir().join("instructions");
    // What the last run left would be counted again.
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&folder, &error)),
        _ => fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?,
    }
    let printed = valgrind.callgrind(&folder.join("counts"), &program)?;
    let mut counts = Vec::new();
    // The first operation's counts are in `counts.1`.
    for (number, line) in (1..).zip(printed.lines()) {
        let path = folder.join(format!("counts.{number}"));
        let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
        counts.push(
            per_operation(line, &text).ok_or_else(|| Stop::Failed(format!("{}: not of `{line}`", path.display())))?,
        );
    }
    Ok(counts)
}

/// From the line that the program prints, `REPEATS OPERATION`, and the file that callgrind writes.
fn per_operation(line: &str, file: &str) -> Option<Count> {
    let (repeats, operation) = line.split_once(' ')?;
    let field = |name: &str| file.lines().find_map(|line| line.strip_prefix(name));
    if field("desc: Trigger: Client Request: ")? != operation {
        return None;
    }
    let total: u64 = field("totals: ")?.parse().ok()?;
    Some(Count { operation: operation.to_owned(), instructions: total.checked_div(repeats.parse().ok()?)? })
}

/// The file of counts, a line each: instructions, then the operation.
fn parse(text: &str) -> Option<Vec<Count>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (instructions, operation) = line.trim_start().split_once(' ')?;
            Some(Count { operation: operation.to_owned(), instructions: instructions.parse().ok()? })
        })
        .collect()
}

/// A table, and the operations that do not take what they took.
fn compare<'a>(recorded: &'a [Count], now: &'a [Count]) -> (String, Vec<&'a str>) {
    let mut table = format!("{:24} {:>9} {:>9}  change\n", "operation", "recorded", "now");
    let mut differ = Vec::new();
    let find = |counts: &[Count], name: &str| {
        counts.iter().find(|count| count.operation == name).map(|count| count.instructions)
    };
    let gone = recorded.iter().filter(|count| find(now, &count.operation).is_none());
    for Count { operation, .. } in now.iter().chain(gone) {
        let (before, after) = (find(recorded, operation), find(now, operation));
        let change = match (before, after) {
            (Some(before), Some(after)) => (after as f64 / before as f64 - 1.0) * 100.0,
            _ => f64::INFINITY,
        };
        if change.abs() > TOLERANCE {
            differ.push(operation.as_str());
        }
        let show = |count: Option<u64>| count.map_or("–".to_owned(), |count| count.to_string());
        let change = if change.is_finite() { format!("{change:+.2} %") } else { String::new() };
        let line = format!("{operation:24} {:>9} {:>9}  {change}", show(before), show(after));
        let _ = writeln!(table, "{}", line.trim_end());
    }
    (table, differ)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts<const N: usize>(counts: [(&str, u64); N]) -> Vec<Count> {
        counts.map(|(operation, instructions)| Count { operation: operation.to_owned(), instructions }).into()
    }

    #[test]
    fn counts_are_per_operation_and_of_the_operation_that_was_run() {
        let file = "version: 1\ndesc: Trigger: Client Request: verify, cached\n\nevents: Ir\ntotals: 320\n";
        assert_eq!(per_operation("16 verify, cached", file), counts([("verify, cached", 20)]).pop());
        assert_eq!(per_operation("16 verify", file), None);
        assert_eq!(per_operation("0 verify, cached", file), None);
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let text = "# Why.\n   252696 create a token\n     1234 parse\n";
        assert_eq!(parse(text), Some(counts([("create a token", 252_696), ("parse", 1_234)])));
        assert_eq!(parse("many sign\n"), None);
    }

    #[test]
    fn what_is_slower_or_faster_new_or_gone_differs() {
        let recorded = counts([("same", 1_000), ("slower", 1_000), ("faster", 1_000), ("gone", 1_000)]);
        let now = counts([("same", 1_019), ("slower", 1_021), ("faster", 979), ("new", 1_000)]);
        let (table, differ) = compare(&recorded, &now);
        assert_eq!(differ, ["slower", "faster", "new", "gone"]);
        assert!(table.contains("slower                        1000      1021  +2.10 %\n"), "{table}");
        assert!(table.contains("gone                          1000         –\n"), "{table}");
        assert_eq!(compare(&recorded, &recorded).1, [""; 0]);
    }
}
