//! Prints this project's speed beside its peers', measured in the same run, as a Markdown table.
//!
//! Samples of an operation and of its peer alternate, so that what else the machine does falls on both: ratios count, absolute
//! figures hold for this machine and this hour.

mod calls;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use keyward_benches::{
    Calls, Row, machine, official_signer, rows,
    sampling::{self, SAMPLE, Timing, time_text},
};

/// How many samples of each operation, if there is time.
const ROUNDS: usize = 151;

/// After this time a row begins no further samples.
const ROW_LIMIT: Duration = Duration::from_secs(8);

/// A peer's time and how many times longer it is.
struct Comparison {
    peer: Timing,
    /// The peer's least sample over ours.
    ratio_of_minima: f64,
    /// The median over the rounds of the peer's sample over ours of the same round.
    median_ratio: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => "",
        [words] if !words.starts_with('-') => words,
        _ => {
            eprintln!("usage: bench-table [WORDS: only the rows whose operation contains them]");
            return ExitCode::from(2);
        }
    };
    match print_table(words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-table: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints the rows whose title contains `words`, each as soon as it is known.
fn print_table(words: &str) -> io::Result<()> {
    let rows: Vec<Row> = rows(official_signer()).into_iter().filter(|row| row.title.contains(words)).collect();
    if rows.is_empty() {
        return Err(io::Error::other(format!("no operation has `{words}` in its name")));
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| operation | ours: least (median) | peer: least (median) | peer | ratio of the least | median ratio | target | met |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for mut row in rows {
        let (ours, comparison) = measure(&mut row);
        writeln!(out, "{}", table_line(&row, &ours, comparison.as_ref()))?;
    }
    let calls: Vec<Calls> = keyward_benches::calls().into_iter().filter(|calls| calls.title.contains(words)).collect();
    if !calls.is_empty() {
        calls::print_table(&calls, &mut out)?;
    }
    writeln!(out, "\n{}", machine::description())?;
    writeln!(
        out,
        "Up to {ROUNDS} samples of at least {} ms each, an operation and its peer in turn; the median ratio is the median over the pairs.",
        SAMPLE.as_millis()
    )
}

/// Takes samples of a row's operation and, in turn with them, of its peer.
fn measure(row: &mut Row) -> (Timing, Option<Comparison>) {
    let mut operations: Vec<_> = [Some(&mut row.ours), row.peer.as_mut()].into_iter().flatten().collect();
    let samples = sampling::interleaved(&mut operations, ROUNDS, ROW_LIMIT);
    let ours = Timing::of(&samples[0]);
    let comparison = samples.get(1).map(|peer_samples| {
        let peer = Timing::of(peer_samples);
        let ratios = peer_samples.iter().zip(&samples[0]).map(|(peer, ours)| peer / ours).collect();
        Comparison { ratio_of_minima: peer.minimum / ours.minimum, median_ratio: sampling::median(ratios), peer }
    });
    (ours, comparison)
}

fn table_line(row: &Row, ours: &Timing, comparison: Option<&Comparison>) -> String {
    let peer = match (comparison, &row.peer) {
        (Some(comparison), Some(peer)) => format!(
            "{} | {} | {:.1}x | {:.1}x",
            timing_text(&comparison.peer),
            peer.id().split('/').next().unwrap_or_default(),
            comparison.ratio_of_minima,
            comparison.median_ratio
        ),
        _ => "– | – | – | –".to_owned(),
    };
    let verdict = row.verdict(ours.minimum, comparison.map(|comparison| comparison.ratio_of_minima));
    format!("| {} | {} | {peer} | {verdict} |", row.title, timing_text(ours))
}

fn timing_text(timing: &Timing) -> String {
    format!("{} ({})", time_text(timing.minimum), time_text(timing.median))
}
