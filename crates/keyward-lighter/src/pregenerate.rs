use core::num::NonZero;
use core::ops::Range;
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::{iter, panic, slice, thread};

use keyward_time::{SlotPlan, TimeSlot};
use keyward_token::{AccountIndex, AuthTokenText};
use rand_core::TryCryptoRng;

use crate::signer::slot_deadline;
use crate::tokens_writer::TokensWriter;
use crate::{TokenSigner, sign_tokens};

/// Tokens that a thread signs in one go, under a millisecond's work: a multiple of those that are signed at the same time.
const TOKENS_PER_UNIT: u64 = 32;

/// Units a batch has for each thread. A batch bounds the memory, and is long beside the start of its
/// threads.
const UNITS_PER_JOB: u64 = 64;

const MAX_JOBS: usize = 256;

/// Signs one token for each of `signers` and each slot of `plan`, on `jobs` threads (256 at most),
/// and writes them to `out` as [`TokensFile`](crate::TokensFile) reads them, signing on as it writes.
///
/// Accounts stand in the order of `signers`, without a newline after the last. An account that is
/// there more than once keeps its first place and its last key. An empty plan writes an empty object
/// for each account.
///
/// Each thread has a generator from `new_rng`. `progress` is told the number of tokens done, some
/// dozens of times a second; [`total_tokens`] is the last such number. Writes are large; no
/// [`io::BufWriter`] is needed. Memory stays below 2 MB for each job, whatever the plan.
///
/// # Errors
/// After any, what `out` has got is of no use.
/// - [`Random`](PregenerateError::Random): a generator failed
/// - [`Write`](PregenerateError::Write): `out` failed
///
/// # Panics
/// - where `new_rng`, `progress`, `out` or a generator does
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::num::NonZero;
/// use keyward_lighter::{Config, Days, SlotPlan, SysRng, TimeSlot, UnixSeconds, pregenerate};
///
/// # let text = include_bytes!("../tests/samples/config.json");
/// # let now = UnixSeconds::new(1_795_219_999)?;
/// let config = Config::parse(text)?;
/// let days = config.duration_in_days().unwrap_or(Days::DEFAULT);
/// let plan = SlotPlan::for_days(TimeSlot::containing(now), days.as_u16().into())?;
/// let mut file = Vec::new();
/// let made = pregenerate(config.signers(), plan, NonZero::<usize>::MIN, || SysRng, |_| (), &mut file)?;
/// assert_eq!((made.accounts, made.tokens), (2, 2 * 112));
/// # Ok(())
/// # }
/// ```
pub fn pregenerate<R>(
    signers: &[TokenSigner],
    plan: SlotPlan,
    jobs: NonZero<usize>,
    new_rng: impl FnMut() -> R,
    mut progress: impl FnMut(u64),
    out: impl io::Write,
) -> Result<Pregenerated, PregenerateError<R::Error>>
where
    R: TryCryptoRng + Send,
    R::Error: Send,
{
    let work = Work::new(signers, plan);
    let jobs = jobs.get().min(MAX_JOBS);
    let mut rngs: Vec<R> = iter::repeat_with(new_rng).take(jobs).collect();
    let mut writer = TokensWriter::new(out);

    let (total, batch_len) = (work.len(), jobs as u64 * UNITS_PER_JOB * TOKENS_PER_UNIT);
    let mut begun = 0;
    let mut signed = Vec::new();
    loop {
        let end = total.min(begun + batch_len);
        let mut batch = Unit::split(begun..end);
        let is_last = batch.is_empty();
        sign(&work, &mut batch, &mut rngs, || work.write(&mut writer, signed))?;
        if is_last {
            break;
        }
        progress(end);
        begun = end;
        signed = batch;
    }
    if plan.is_empty() {
        work.signers
            .iter()
            .try_for_each(|signer| writer.begin_account(signer.account_index()))
            .map_err(PregenerateError::Write)?;
    }
    writer.finish().map_err(PregenerateError::Write)?;
    Ok(Pregenerated { accounts: work.signers.len(), tokens: total })
}

/// The number of tokens that [`pregenerate`] makes.
pub fn total_tokens(signers: &[TokenSigner], plan: SlotPlan) -> u64 {
    Work::new(signers, plan).len()
}

/// What [`pregenerate`] has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pregenerated {
    /// The number of different accounts.
    pub accounts: usize,
    /// The number of tokens, of all accounts.
    pub tokens: u64,
}

/// Why tokens could not be made; `E` is the generator's error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PregenerateError<E> {
    /// A generator of random bytes failed.
    #[error("no random bytes")]
    Random(#[source] E),
    /// The tokens could not be written.
    #[error("cannot write the tokens")]
    Write(#[source] io::Error),
}

/// The tokens to be made, numbered as they stand in the file: account after account, slot after slot.
struct Work<'a> {
    signers: Vec<&'a TokenSigner>,
    plan: SlotPlan,
}

impl<'a> Work<'a> {
    fn new(signers: &'a [TokenSigner], plan: SlotPlan) -> Self {
        Self { signers: one_per_account(signers), plan }
    }

    fn len(&self) -> u64 {
        self.signers.len() as u64 * u64::from(self.plan.len())
    }

    fn token(&self, number: u64) -> (&'a TokenSigner, TimeSlot) {
        let slots = u64::from(self.plan.len());
        let slot = self.plan.get((number % slots) as u32).expect("below the plan's length");
        (self.signers[(number / slots) as usize], slot)
    }

    fn write<W: io::Write>(&self, writer: &mut TokensWriter<W>, units: Vec<Unit>) -> io::Result<()> {
        for unit in units {
            for (number, token) in unit.numbers.zip(&unit.tokens) {
                let (signer, slot) = self.token(number);
                if slot == self.plan.first() {
                    writer.begin_account(signer.account_index())?;
                }
                writer.token(slot.start(), token.expose_secret().as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Some consecutive tokens, of one account or more, once they are signed.
struct Unit {
    numbers: Range<u64>,
    tokens: Vec<AuthTokenText>,
}

impl Unit {
    fn split(numbers: Range<u64>) -> Vec<Self> {
        let end = numbers.end;
        let starts = numbers.step_by(TOKENS_PER_UNIT as usize);
        starts.map(|start| Self { numbers: start..end.min(start + TOKENS_PER_UNIT), tokens: Vec::new() }).collect()
    }

    fn sign<R: TryCryptoRng>(&mut self, work: &Work<'_>, rng: &mut R) -> Result<(), R::Error> {
        let requests: Vec<_> = self
            .numbers
            .clone()
            .map(|number| work.token(number))
            .map(|(signer, slot)| (signer, slot_deadline(slot.start())))
            .collect();
        self.tokens.reserve_exact(requests.len());
        sign_tokens(&requests, rng, |token| self.tokens.push(token))
    }
}

/// Signs `batch` on as many threads as there are generators, this one among them, which does
/// `meanwhile` first.
fn sign<R>(
    work: &Work<'_>,
    batch: &mut [Unit],
    rngs: &mut [R],
    meanwhile: impl FnOnce() -> io::Result<()>,
) -> Result<(), PregenerateError<R::Error>>
where
    R: TryCryptoRng + Send,
    R::Error: Send,
{
    let others = rngs.len().min(batch.len()).saturating_sub(1);
    let queue = Mutex::new(batch.iter_mut());
    let (own_rng, rngs) = rngs.split_first_mut().expect("there is a generator for each job");
    thread::scope(|scope| {
        // A thread that cannot be had is done without: this one empties the queue alone if need be.
        let workers: Vec<_> = rngs[..others]
            .iter_mut()
            .map_while(|rng| thread::Builder::new().spawn_scoped(scope, || sign_queue(work, &queue, rng)).ok())
            .collect();
        meanwhile().map_err(PregenerateError::Write)?;
        sign_queue(work, &queue, own_rng).map_err(PregenerateError::Random)?;
        for worker in workers {
            let signed = worker.join().unwrap_or_else(|payload| panic::resume_unwind(payload));
            signed.map_err(PregenerateError::Random)?;
        }
        Ok(())
    })
}

fn sign_queue<R: TryCryptoRng>(
    work: &Work<'_>,
    queue: &Mutex<slice::IterMut<'_, Unit>>,
    rng: &mut R,
) -> Result<(), R::Error> {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        match next {
            Some(unit) => unit.sign(work, rng)?,
            None => return Ok(()),
        }
    }
}

/// The last signer of each account, at the place of the first.
fn one_per_account(signers: &[TokenSigner]) -> Vec<&TokenSigner> {
    let mut places: HashMap<AccountIndex, usize> = HashMap::with_capacity(signers.len());
    let mut kept = Vec::with_capacity(signers.len());
    for signer in signers {
        let place = *places.entry(signer.account_index()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = signer,
            None => kept.push(signer),
        }
    }
    kept
}
