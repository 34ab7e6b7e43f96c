//! Shows that no jump and no address depends on a secret, in the machine code as the compiler makes it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::listing;
use crate::project::Project;
use crate::step::{self, Outcome, Stop};
use crate::valgrind::{self, FOUND, PACKAGE, Valgrind};

/// The processors that are compiled for: what cargo takes by itself, and what this decade's servers have.
const PROCESSORS: [Option<&str>; 2] = [None, Some("x86-64-v3")];

/// Programs that leak on purpose, and what memcheck says of each.
const LEAKS: [(&str, &str); 3] = [
    ("jump", "Conditional jump or move depends on uninitialised value(s)"),
    ("address", "Use of uninitialised value of size 8"),
    ("comparison", "Conditional jump or move depends on uninitialised value(s)"),
];

/// Functions that leak on purpose, most of them of vector code, and what is said of each.
const VECTOR_LEAKS: [(&str, &str); 9] = [
    ("jump", "a conditional jump that ends no counted loop"),
    ("endless", "a conditional jump that ends no counted loop"),
    ("trips", "a conditional jump that ends no counted loop"),
    ("look_up", "addresses from a vector"),
    ("jump_of_four", "a conditional jump that ends no counted loop"),
    ("look_up_four", "addresses from a vector"),
    ("choose", "a jump by a table"),
    ("divide", "a division"),
    ("divide_for::<keyward_ecgfp5::scalar::Scalar>", "a division"),
];

/// What `trace` exits with where the processor has no vector code, or no program may look at another.
const NOT_TRACED: i32 = 2;

pub(crate) fn run(project: &Project) -> Outcome {
    let memcheck = Valgrind::find()?;
    let suppressions = project.root().join("crates").join(PACKAGE).join("declassified.supp");
    let (mut operations, mut avx2, mut vector_functions) = (0, None, Vec::new());
    for processor in PROCESSORS {
        let program = valgrind::build(project, processor, "constant-time")?;
        operations = operations_are_clean(&memcheck, &suppressions, &program, &[])?
            .ok_or_else(|| Stop::Failed("the portable code was not run".to_owned()))?;
        avx2 = operations_are_clean(&memcheck, &suppressions, &program, &["avx2"])?;
        for (leak, complaint) in LEAKS {
            is_reported(&memcheck, &suppressions, &program, leak, complaint)?;
        }
        vector_functions.push(listing::check(&program)?.to_string());
        listing::check_leaks(&valgrind::build(project, processor, "vector-leaks")?, &VECTOR_LEAKS)?;
    }
    let processors: Vec<&str> = PROCESSORS.into_iter().map(|processor| processor.unwrap_or("the default")).collect();
    Ok(format!(
        "{operations} operations for {}, {}; {} vector functions read, and {}",
        processors.join(" and for "),
        if avx2.is_some() { "with AVX2 too" } else { "not with AVX2, for want of it" },
        vector_functions.join(" and "),
        trace(project)?
    ))
}

/// Steps through the vector code that memcheck cannot run. Whether that was done, or why not, in words.
fn trace(project: &Project) -> Result<String, Stop> {
    let program = valgrind::build(project, None, "trace")?;
    let output = step::capture(&mut Command::new(program)).map_err(Stop::Failed)?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{stdout}");
    match output.status.code() {
        Some(0) => Ok("traced".to_owned()),
        // It says why, on a line of its own.
        Some(NOT_TRACED) => Ok(format!("not traced: {}", stderr.trim_end())),
        _ => Err(Stop::Failed(format!("secrets may show in the steps of vector code: {}\n{stderr}", output.status))),
    }
}

/// Runs all operations, and tells how many there are, if the processor has the code that the arguments ask for.
fn operations_are_clean(
    valgrind: &Valgrind,
    suppressions: &Path,
    program: &Path,
    arguments: &[&str],
) -> Result<Option<usize>, Stop> {
    let output = valgrind.memcheck(suppressions, program, arguments)?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        println!("{stderr}{stdout}");
        return Err(Stop::Failed(format!("secrets may show: memcheck ended with {}", output.status)));
    }
    print!("{stdout}");
    if stdout.starts_with("NOT RUN") {
        return Ok(None);
    }
    let text = std::fs::read_to_string(suppressions)
        .map_err(|error| Stop::Failed(format!("{}: {error}", suppressions.display())))?;
    let (listed, used) = (listed_suppressions(&text), used_suppressions(&stderr));
    if listed != used {
        return Err(Stop::Failed(format!("declassified are {used:?}, and not as listed {listed:?}")));
    }
    Ok(Some(stdout.lines().count()))
}

/// The check itself is checked.
fn is_reported(
    valgrind: &Valgrind,
    suppressions: &Path,
    program: &Path,
    leak: &str,
    complaint: &str,
) -> Result<(), Stop> {
    let output = valgrind.memcheck(suppressions, program, &["leak", leak])?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(FOUND) && stderr.contains(complaint) {
        println!("reported, as it must be: {complaint}");
        Ok(())
    } else {
        Err(Stop::Failed(format!("the leak `{leak}` was not reported: {}\n{stderr}", output.status)))
    }
}

/// The names in a file of suppressions, `NAME:COUNT`, with their counts.
fn listed_suppressions(text: &str) -> BTreeMap<&str, u32> {
    let names = text.lines().zip(text.lines().skip(1)).filter(|(line, _)| *line == "{").map(|(_, name)| name.trim());
    names.filter_map(|name| Some((name, name.rsplit_once(':')?.1.parse().ok()?))).collect()
}

/// The names of suppressions in a report, with how often each was used:
/// `--PID-- used_suppression: COUNT NAME FILE:LINE`.
fn used_suppressions(report: &str) -> BTreeMap<&str, u32> {
    let uses = report.lines().filter_map(|line| line.split_once("used_suppression:"));
    uses.filter_map(|(_, usage)| {
        let mut words = usage.split_whitespace();
        let count = words.next()?.parse().ok()?;
        Some((words.next()?, count))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suppressions_are_read_from_the_file_and_from_the_report() {
        let text = "# Why.\n{\n   key-is-zero:14\n   Memcheck:Cond\n   fun:*new*\n}\n\n{\n   k-is-zero:3\n   Memcheck:Cond\n}\n";
        let report = "--7-- \n--7-- used_suppression:     14 key-is-zero:14 a/b.supp:2\n\
                      --7-- used_suppression:      3 k-is-zero:3 a/b.supp:8\n==7== ERROR SUMMARY: 0 errors\n";
        let expected = BTreeMap::from([("key-is-zero:14", 14), ("k-is-zero:3", 3)]);
        assert_eq!(listed_suppressions(text), expected);
        assert_eq!(used_suppressions(report), expected);
    }
}
