//! Rounds in which one has its turn after the other, so that what else the machine does falls on all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_store::BoxError;

use crate::disk::Log;
use crate::subject::Subject;
use crate::work::Work;

/// How long to measure, and on how much.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// How often each has its turn.
    pub(crate) rounds: usize,
    /// How long a turn is.
    pub(crate) turn: Duration,
    /// How many links there are in a turn; it ends with them.
    pub(crate) links: usize,
    /// How many keys a store has.
    pub(crate) keys: usize,
}

impl Plan {
    /// Long enough for figures.
    pub(crate) const FULL: Self = Self { rounds: 5, turn: Duration::from_secs(1), links: 512, keys: 2_000 };

    /// Shows that all of it works, and no more.
    pub(crate) const ONCE: Self = Self { rounds: 1, turn: Duration::from_millis(20), links: 64, keys: 16 };
}

/// What is measured.
#[derive(Debug)]
pub(crate) enum Contender {
    /// Writes that are synced each for itself.
    Disk(Log),
    /// A store that is asked for something.
    Store { subject: Arc<Subject>, work: Work },
}

impl Contender {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Disk(_) => "a file",
            Self::Store { subject, .. } => &subject.name,
        }
    }

    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Disk(_) => "write a page, one fsync each",
            Self::Store { work, .. } => work.what(),
        }
    }

    pub(crate) fn tasks(&self) -> usize {
        match self {
            Self::Disk(_) => 1,
            Self::Store { work, .. } => work.tasks(),
        }
    }

    /// Whether each is on disk before it is answered.
    pub(crate) fn is_durable_write(&self) -> bool {
        matches!(self, Self::Store { subject, work } if work.is_write() && subject.is_durable())
    }

    /// Whether it is a store that does this.
    pub(crate) fn does(&self, wanted: Work) -> bool {
        matches!(self, Self::Store { work, .. } if *work == wanted)
    }

    /// Whether it is the embedded store: many charges of one account are to do more than one after the other do, each of which is
    /// a commit of its own.
    pub(crate) fn has_to_share_commits(&self) -> bool {
        matches!(self, Self::Store { subject, .. } if subject.name == "redb")
    }

    async fn turn(&self, plan: Plan) -> Result<Sample, BoxError> {
        match self {
            Self::Disk(log) => Ok(log.turn(plan.turn).await?),
            Self::Store { subject, work } => {
                if *work == Work::ConsumeLinks {
                    subject.make_links(plan.links).await?;
                }
                by_tasks(subject, *work, plan.turn).await
            }
        }
    }
}

/// What one turn brought.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) latencies: Vec<Duration>,
    pub(crate) took: Duration,
}

/// The work's tasks, each of which does one after the other until time or work is over.
async fn by_tasks(subject: &Arc<Subject>, work: Work, duration: Duration) -> Result<Sample, BoxError> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..work.tasks())
        .map(|task| {
            let subject = subject.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                // At least once, also if others have kept it from beginning for as long as that.
                while let Some(took) = subject.act(work, task, latencies.len()).await? {
                    latencies.push(took);
                    if start.elapsed() >= duration {
                        break;
                    }
                    // Also where no answer has to be waited for, everybody has a turn.
                    tokio::task::coop::consume_budget().await;
                }
                Ok::<_, BoxError>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(Sample { latencies, took: start.elapsed() })
}

/// How one did.
pub(crate) struct Figures {
    /// Of each round, in ascending order.
    rates: Vec<f64>,
    /// Of all, in ascending order.
    latencies: Vec<Duration>,
}

impl Figures {
    /// How many a second half of the rounds reached.
    pub(crate) fn median_rate(&self) -> f64 {
        self.rates[self.rates.len() / 2]
    }

    /// The least and the most.
    pub(crate) fn range(&self) -> (f64, f64) {
        (self.rates[0], self.rates[self.rates.len() - 1])
    }

    /// The time within which this share of them was answered.
    pub(crate) fn within(&self, share: f64) -> Duration {
        self.latencies[((self.latencies.len() - 1) as f64 * share) as usize]
    }
}

/// Lets these take turns; a round before the first does not count.
pub(crate) async fn in_turn(contenders: &[Contender], plan: Plan) -> Result<Vec<Figures>, BoxError> {
    let mut all: Vec<_> = contenders.iter().map(|_| Figures { rates: Vec::new(), latencies: Vec::new() }).collect();
    for round in 0..=plan.rounds {
        for (contender, figures) in contenders.iter().zip(&mut all) {
            let sample = contender.turn(plan).await?;
            if round > 0 {
                figures.rates.push(sample.latencies.len() as f64 / sample.took.as_secs_f64());
                figures.latencies.extend(sample.latencies);
            }
        }
    }
    for figures in &mut all {
        figures.rates.sort_by(f64::total_cmp);
        figures.latencies.sort_unstable();
    }
    Ok(all)
}
