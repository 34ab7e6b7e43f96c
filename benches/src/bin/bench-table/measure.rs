//! Timing in alternate samples.

use std::time::{Duration, Instant};

use keyward_benches::Operation;

/// What a sample takes at least.
pub(crate) const SAMPLE: Duration = Duration::from_millis(5);

/// The time of one operation, in nanoseconds.
#[derive(Debug)]
pub(crate) struct Timing {
    pub(crate) minimum: f64,
    pub(crate) median: f64,
}

/// A peer's time and how many times longer it is.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) peer: Timing,
    /// The peer's least sample over ours.
    pub(crate) ratio_of_minima: f64,
    /// The median over the rounds of the peer's sample over ours of the same round.
    pub(crate) median_ratio: f64,
}

/// Takes `rounds` samples of an operation and, in turn with them, of its peer.
pub(crate) fn interleaved(
    ours: &mut Operation,
    peer: Option<&mut Operation>,
    rounds: usize,
) -> (Timing, Option<Comparison>) {
    let our_calls = calls_in_a_sample(ours);
    let Some(peer) = peer else {
        let samples = (0..rounds).map(|_| sample(ours, our_calls)).collect();
        return (timing(samples), None);
    };
    let peer_calls = calls_in_a_sample(peer);
    let (our_samples, peer_samples): (Vec<f64>, Vec<f64>) =
        (0..rounds).map(|_| (sample(ours, our_calls), sample(peer, peer_calls))).unzip();
    let ratios = our_samples.iter().zip(&peer_samples).map(|(ours, peer)| peer / ours).collect();
    let (ours, peer) = (timing(our_samples), timing(peer_samples));
    let comparison = Comparison { ratio_of_minima: peer.minimum / ours.minimum, median_ratio: median(ratios), peer };
    (ours, Some(comparison))
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

fn timing(samples: Vec<f64>) -> Timing {
    Timing { minimum: samples.iter().copied().fold(f64::INFINITY, f64::min), median: median(samples) }
}

/// The middle value of an odd number of samples.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
