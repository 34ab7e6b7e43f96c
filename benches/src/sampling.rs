//! Timing in alternate samples.

use std::time::{Duration, Instant};

use crate::Operation;

/// What a sample takes at least: short, so that on a busy machine some samples run undisturbed.
pub const SAMPLE: Duration = Duration::from_millis(1);

/// The time of one operation, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Of the least sample.
    pub minimum: f64,
    /// Of the middle one.
    pub median: f64,
}

impl Timing {
    /// Of some samples, of which there is one at least.
    #[must_use]
    pub fn of(samples: &[f64]) -> Self {
        Self { minimum: samples.iter().copied().fold(f64::INFINITY, f64::min), median: median(samples.to_vec()) }
    }
}

/// Takes up to `rounds` samples of each of `operations`, in turn, and begins no further round after `limit`. The samples of an
/// operation are the times of doing it once, in nanoseconds.
pub fn interleaved(operations: &mut [&mut Operation], rounds: usize, limit: Duration) -> Vec<Vec<f64>> {
    let calls: Vec<u32> = operations.iter_mut().map(|operation| calls_in_a_sample(operation)).collect();
    let mut samples = vec![Vec::new(); operations.len()];
    let start = Instant::now();
    for round in 0..rounds {
        if round > 0 && start.elapsed() >= limit {
            break;
        }
        for ((operation, &calls), samples) in operations.iter_mut().zip(&calls).zip(&mut samples) {
            samples.push(sample(operation, calls));
        }
    }
    samples
}

/// How many calls fill a sample, found by doubling; warms caches and branch predictors on the way.
fn calls_in_a_sample(operation: &mut Operation) -> u32 {
    let mut calls = 1;
    while elapsed(operation, calls) < SAMPLE {
        calls *= 2;
    }
    calls
}

/// The mean time of one operation over so many calls, in nanoseconds.
fn sample(operation: &mut Operation, calls: u32) -> f64 {
    elapsed(operation, calls).as_secs_f64() * 1e9 / (f64::from(calls) * f64::from(operation.repeats()))
}

fn elapsed(operation: &mut Operation, calls: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        operation.run();
    }
    start.elapsed()
}

/// The middle value, of an even number the upper one.
#[must_use]
pub fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// A time in nanoseconds, in the unit that suits it.
#[must_use]
pub fn time_text(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.1} ns"),
        1e3..1e6 => format!("{:.2} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}
