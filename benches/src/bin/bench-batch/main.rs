//! Prints what a token costs in batches of several sizes on one thread and on two, by each implementation in the same run, as a
//! Markdown table, and draws it.

mod plot;

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use keyward_benches::{
    Batch, Code, machine, official_signer,
    sampling::{self, SAMPLE, Timing},
};

const SIZES: [usize; 5] = [1, 8, 64, 1_120, 11_200];

const THREADS: [usize; 2] = [1, 2];

/// How many samples of each operation, if there is time.
const ROUNDS: usize = 101;

/// After this time a batch begins no further samples.
const LIMIT: Duration = Duration::from_secs(40);

/// What was measured of one implementation on some threads.
struct Series {
    code: Code,
    threads: usize,
    /// For each of [`SIZES`], the time of one token.
    timings: Vec<Timing>,
}

impl Series {
    fn is_official(&self) -> bool {
        matches!(self.code, Code::Official(_))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (rounds, file) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (ROUNDS, None),
        ["--once"] => (1, None),
        [file] if !file.starts_with('-') => (ROUNDS, Some(Path::new(file))),
        _ => {
            eprintln!("usage: bench-batch [FILE: the plot, as SVG | --once]");
            return ExitCode::from(2);
        }
    };
    match run(rounds, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-batch: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(rounds: usize, file: Option<&Path>) -> io::Result<()> {
    let series = measure(&Code::all(official_signer()), rounds);
    print_table(&series, rounds)?;
    match file {
        Some(file) => fs::write(file, plot::svg(&series)),
        None => Ok(()),
    }
}

/// One series for each implementation and number of threads; their samples alternate.
fn measure(codes: &[Code], rounds: usize) -> Vec<Series> {
    let mut series: Vec<Series> = codes
        .iter()
        .flat_map(|&code| THREADS.map(|threads| Series { code, threads, timings: Vec::with_capacity(SIZES.len()) }))
        .collect();
    for tokens in SIZES {
        eprintln!("batches of {}", grouped(tokens));
        let mut operations: Vec<_> =
            series.iter().map(|series| Batch { tokens, threads: series.threads }.operation(series.code)).collect();
        let samples = sampling::interleaved(&mut operations.iter_mut().collect::<Vec<_>>(), rounds, LIMIT);
        for (series, samples) in series.iter_mut().zip(samples) {
            series.timings.push(Timing::of(&samples));
        }
    }
    series
}

fn print_table(series: &[Series], rounds: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "| who | threads |")?;
    SIZES.iter().try_for_each(|&size| write!(out, " batch of {} |", grouped(size)))?;
    writeln!(out, "\n|---|---|{}", "---|".repeat(SIZES.len()))?;
    for this in series {
        let Series { code, threads, timings } = this;
        write!(out, "| {} | {threads} |", code.name())?;
        for (column, Timing { minimum, median }) in timings.iter().enumerate() {
            write!(out, " {:.2} µs ({:.2} µs)", minimum / 1e3, median / 1e3)?;
            let peer = series.iter().find(|other| other.is_official() && other.threads == *threads);
            match peer {
                Some(peer) if !this.is_official() => {
                    write!(out, ", {:.1}x |", peer.timings[column].minimum / minimum)?;
                }
                _ => write!(out, " |")?,
            }
        }
        writeln!(out)?;
    }
    writeln!(out, "\n{}", machine::description())?;
    writeln!(
        out,
        "The time of one token: the least sample (the median one), and how many times longer the least one of lighter-signer is on as many \
         threads. Up to {rounds} samples of at least {} ms each, all implementations in turn.",
        SAMPLE.as_millis()
    )
}

/// A number with its thousands set apart.
fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
