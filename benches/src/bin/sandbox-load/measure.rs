//! Rounds of asking, one server after the other, so that what else the machine does falls on both.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{self, Expected, Sample};
use crate::servers::Server;

/// Connections at a time.
pub(crate) const CONNECTIONS: usize = 64;

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// How often each server has its turn.
    pub(crate) rounds: usize,
    /// How long a turn is.
    pub(crate) turn: Duration,
    /// How long the first turn is, which does not count: every key's table is built in it.
    pub(crate) warm_up: Duration,
}

impl Plan {
    /// Long enough for figures.
    pub(crate) const FULL: Self = Self { rounds: 5, turn: Duration::from_secs(2), warm_up: Duration::from_secs(1) };

    /// Shows that all of it works, and no more.
    pub(crate) const ONCE: Self =
        Self { rounds: 1, turn: Duration::from_millis(100), warm_up: Duration::from_millis(100) };
}

/// A server and what it is asked.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    pub(crate) questions: Arc<[Vec<u8>]>,
    /// Each answer is to be like this.
    pub(crate) expected: Expected,
}

/// How a server did.
pub(crate) struct Figures {
    /// Answers a second, of each round.
    pub(crate) rates: Vec<f64>,
    /// Of all answers, in ascending order.
    pub(crate) latencies: Vec<Duration>,
    /// The server's processor time for one answer; `None` where the system does not tell.
    pub(crate) processor_time: Option<Duration>,
}

impl Figures {
    /// The rate that half of the rounds reached.
    pub(crate) fn median_rate(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    }

    /// The time within which so many hundredths of the answers came.
    pub(crate) fn percentile(&self, hundredths: usize) -> Duration {
        self.latencies[(self.latencies.len() - 1) * hundredths / 100]
    }
}

/// Lets the contenders take turns.
///
/// # Errors
/// A connection that fails, or an answer that is not the expected one.
pub(crate) async fn in_turn(contenders: &[Contender], plan: Plan) -> io::Result<Vec<Figures>> {
    for contender in contenders {
        turn(contender, plan.warm_up).await?;
    }
    let before: Vec<_> = contenders.iter().map(|contender| contender.server.processor_time()).collect();
    let mut all: Vec<(Vec<f64>, Vec<Duration>)> = contenders.iter().map(|_| Default::default()).collect();
    for _ in 0..plan.rounds {
        for (contender, (rates, latencies)) in contenders.iter().zip(&mut all) {
            let sample = turn(contender, plan.turn).await?;
            rates.push(sample.latencies.len() as f64 / sample.took.as_secs_f64());
            latencies.extend(sample.latencies);
        }
    }
    let figures = contenders.iter().zip(before).zip(all).map(|((contender, before), (rates, mut latencies))| {
        latencies.sort_unstable();
        let used = contender.server.processor_time().zip(before).map(|(after, before)| after - before);
        let processor_time = used.map(|used| used.div_f64(latencies.len() as f64));
        Figures { rates, latencies, processor_time }
    });
    Ok(figures.collect())
}

async fn turn(contender: &Contender, duration: Duration) -> io::Result<Sample> {
    let Contender { name: _, server, questions, expected } = contender;
    client::ask(server.address(), questions, *expected, CONNECTIONS, duration).await
}
