//! The table that a test run ends with.

use std::fmt;
use std::time::Duration;

use crate::step::{Outcome, Stop};

/// The suites that ran or should have, in order.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    suite: String,
    outcome: Outcome,
    took: Duration,
}

impl Report {
    pub(crate) fn add(&mut self, suite: impl Into<String>, outcome: Outcome, took: Duration) {
        self.rows.push(Row { suite: suite.into(), outcome, took });
    }

    /// Whether the run may be called green: nothing failed, and where `all_must_run` nothing was left out but what
    /// nobody asked for.
    pub(crate) fn is_green(&self, all_must_run: AllMustRun) -> bool {
        self.rows.iter().all(|row| match row.outcome {
            Ok(_) | Err(Stop::NotAsked(_)) => true,
            Err(Stop::NotRun(_)) => all_must_run == AllMustRun::No,
            Err(Stop::Failed(_)) => false,
        })
    }

    fn count(&self, counts: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| counts(&row.outcome)).count()
    }
}

/// Whether a suite that could not run makes the whole run red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AllMustRun {
    Yes,
    No,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.suite.len()).max().unwrap_or(0).max("suite".len());
        writeln!(f, "{:width$}  {:7}  {:>7}  note", "suite", "result", "seconds")?;
        for Row { suite, outcome, took } in &self.rows {
            let (result, note) = match outcome {
                Ok(note) => ("passed", note),
                Err(Stop::Failed(reason)) => ("FAILED", reason),
                Err(Stop::NotRun(reason) | Stop::NotAsked(reason)) => ("NOT RUN", reason),
            };
            let line = format!("{suite:width$}  {result:7}  {:7.1}  {}", took.as_secs_f64(), one_line(note));
            writeln!(f, "{}", line.trim_end())?;
        }
        let passed = self.count(Result::is_ok);
        let failed = self.count(|outcome| matches!(outcome, Err(Stop::Failed(_))));
        let not_run = self.count(|outcome| matches!(outcome, Err(Stop::NotRun(_) | Stop::NotAsked(_))));
        writeln!(f, "suites: {passed} passed, {failed} failed, {not_run} skipped")
    }
}

/// The table has one line a suite; what was said at length stands above it.
fn one_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: [Outcome; 3]) -> Report {
        let mut report = Report::default();
        for (suite, outcome) in ["fmt", "clippy", "tests"].into_iter().zip(outcomes) {
            report.add(suite, outcome, Duration::from_millis(1_250));
        }
        report
    }

    fn passed() -> Outcome {
        Ok(String::new())
    }

    fn not_run() -> Outcome {
        Err(Stop::NotRun("no such tool".to_owned()))
    }

    fn failed() -> Outcome {
        Err(Stop::Failed("`cargo x`: exit status: 1\nand more".to_owned()))
    }

    #[test]
    fn a_failure_is_never_green() {
        let report = report([passed(), failed(), passed()]);
        assert!(!report.is_green(AllMustRun::No));
        assert!(!report.is_green(AllMustRun::Yes));
    }

    #[test]
    fn what_could_not_run_is_red_only_where_all_must_run() {
        let report = report([passed(), not_run(), passed()]);
        assert!(report.is_green(AllMustRun::No));
        assert!(!report.is_green(AllMustRun::Yes));
    }

    #[test]
    fn what_nobody_asked_for_is_never_red_and_yet_said() {
        let report = report([passed(), Err(Stop::NotAsked("X is not set".to_owned())), passed()]);
        assert!(report.is_green(AllMustRun::Yes));
        let text = report.to_string();
        assert!(text.contains("clippy  NOT RUN      1.2  X is not set\n"), "{text}");
        assert!(text.ends_with("suites: 2 passed, 0 failed, 1 skipped\n"), "{text}");
    }

    #[test]
    fn the_table_has_one_line_a_suite() {
        let text = report([passed(), not_run(), failed()]).to_string();
        assert_eq!(
            text,
            "suite   result   seconds  note\n\
             fmt     passed       1.2\n\
             clippy  NOT RUN      1.2  no such tool\n\
             tests   FAILED       1.2  `cargo x`: exit status: 1\n\
             suites: 1 passed, 1 failed, 1 skipped\n"
        );
    }
}
