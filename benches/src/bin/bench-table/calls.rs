//! Timing call by call: what the slowest of a hundred wait, and what all cores do at the same time.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use std::{fs, num::NonZero, thread};

use keyward_benches::{Call, Calls};

/// How many calls are timed one by one.
const TIMED: usize = 400_000;

/// How many rounds, of the calls and of the peer's in turn.
const ROUNDS: usize = 8;

/// How long all cores are kept busy in each round.
const BUSY: Duration = Duration::from_millis(250);

/// The figures of one operation.
struct Figures {
    /// In ascending order.
    times: Vec<Duration>,
    /// Calls in a second of a core's time with all cores busy, of each round, in ascending order.
    rates: Vec<f64>,
}

impl Figures {
    fn within(&self, share: f64) -> Duration {
        self.times[((self.times.len() - 1) as f64 * share) as usize]
    }

    fn median_rate(&self) -> f64 {
        self.rates[self.rates.len() / 2]
    }
}

/// Measures and prints these.
pub(crate) fn print_table(all: &[Calls], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n| call by call | p50 | p99 | p99.9 | in a second of a core, all busy | target | met |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for calls in all {
        let [ours, peer] = in_turn([&calls.ours, &calls.peer]);
        let is_met = ours.within(0.99) < calls.p99_target && ours.median_rate() > calls.rate_target;
        let target = format!("p99 < {:?}, > {:.0} million a second", calls.p99_target, calls.rate_target / 1e6);
        line(out, calls.title, &ours, &target, if is_met { "yes" } else { "no" })?;
        line(out, calls.peer.id(), &peer, "", "")?;
    }
    let clock = sorted((0..TIMED / ROUNDS).map(|_| timed(|| ())).collect());
    writeln!(
        out,
        "\n{TIMED} calls timed one by one in {ROUNDS} rounds, by turns with the peer's; looking at the clock alone takes {:?}, and is \
         in the times. The rate is the median of the rounds, in which {} threads call at once, in their processor time: what other programs take is \
         not in it.",
        clock[clock.len() / 2],
        threads()
    )
}

fn line(out: &mut impl Write, title: &str, figures: &Figures, target: &str, met: &str) -> io::Result<()> {
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| figures.within(share));
    let rate = figures.median_rate() / 1e6;
    writeln!(out, "| {title} | {p50:?} | {p99:?} | {p999:?} | {rate:.2} million | {target} | {met} |")
}

fn in_turn(calls: [&Call; 2]) -> [Figures; 2] {
    let mut figures = calls.map(|_| Figures { times: Vec::with_capacity(TIMED), rates: Vec::new() });
    for round in 0..ROUNDS {
        for (call, figures) in calls.into_iter().zip(&mut figures) {
            let numbers = round * TIMED / ROUNDS..(round + 1) * TIMED / ROUNDS;
            figures.times.extend(numbers.map(|number| timed(|| call.run(number))));
            figures.rates.push(rate(call));
        }
    }
    figures.map(|figures| {
        let mut rates = figures.rates;
        rates.sort_by(f64::total_cmp);
        Figures { times: sorted(figures.times), rates }
    })
}

fn timed(call: impl FnOnce()) -> Duration {
    let start = Instant::now();
    call();
    black_box(start.elapsed())
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort_unstable();
    times
}

/// Calls in a second of a core's time, with a thread for each core.
fn rate(call: &Call) -> f64 {
    /// Between two looks at the clock.
    const BLOCK: usize = 1_000;
    let busy = |first: usize| {
        let (start, used_before) = (Instant::now(), processor_time());
        let mut number = first;
        while start.elapsed() < BUSY {
            for _ in 0..BLOCK {
                call.run(number);
                number += 1;
            }
        }
        let used = processor_time().zip(used_before).map(|(after, before)| after - before);
        ((number - first) as f64, used.unwrap_or(start.elapsed()).as_secs_f64())
    };
    thread::scope(|scope| {
        // Each begins with another input.
        let busy: Vec<_> = (0..threads()).map(|thread| scope.spawn(move || busy(thread * BLOCK))).collect();
        let done = busy.into_iter().map(|thread| thread.join().expect("a call that does not panic"));
        let (calls, seconds) = done.fold((0.0, 0.0), |(calls, seconds), (more, used)| (calls + more, seconds + used));
        calls / seconds
    })
}

/// What this thread has used of a processor, where the system tells.
fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
