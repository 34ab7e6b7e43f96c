//! Timing in alternate samples.

use std::time::{Duration, Instant};

use keyward_benches::Operation;

/// What a sample takes at least: short, so that on a busy machine some samples run undisturbed.
pub(crate) const SAMPLE: Duration = Duration::from_millis(1);

/// How many samples of each operation, if there is time.
pub(crate) const ROUNDS: usize = 151;

/// After this time a row begins no further samples.
const ROW_LIMIT: Duration = Duration::from_secs(8);

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

/// Takes up to [`ROUNDS`] samples of an operation and, in turn with them, of its peer.
pub(crate) fn interleaved(ours: &mut Operation, mut peer: Option<&mut Operation>) -> (Timing, Option<Comparison>) {
    let our_calls = calls_in_a_sample(ours);
    let peer_calls = peer.as_mut().map_or(0, |peer| calls_in_a_sample(peer));
    let (mut our_samples, mut peer_samples, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let start = Instant::now();
    while our_samples.is_empty() || our_samples.len() < ROUNDS && start.elapsed() < ROW_LIMIT {
        let our_sample = sample(ours, our_calls);
        our_samples.push(our_sample);
        if let Some(peer) = &mut peer {
            let peer_sample = sample(peer, peer_calls);
            peer_samples.push(peer_sample);
            ratios.push(peer_sample / our_sample);
        }
    }
    let ours = timing(our_samples);
    let comparison = peer.map(|_| {
        let peer = timing(peer_samples);
        Comparison { ratio_of_minima: peer.minimum / ours.minimum, median_ratio: median(ratios), peer }
    });
    (ours, comparison)
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

/// The middle value, of an even number the upper one.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
