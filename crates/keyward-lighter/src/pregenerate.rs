use core::num::NonZero;
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::{iter, panic, slice, thread};

use keyward_time::SlotPlan;
use keyward_token::{AccountIndex, AuthTokenText};
use rand_core::TryCryptoRng;

use crate::TokenSigner;
use crate::tokens_writer::TokensWriter;

/// Slots of one account that a thread signs in one go, under a millisecond's work.
const SLOTS_PER_UNIT: u32 = 32;

/// Units a batch has for each thread. A batch bounds the memory, and is long beside the start of its
/// threads.
const UNITS_PER_JOB: usize = 64;

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
/// use keyward_lighter::{Config, Days, SlotPlan, TimeSlot, UnixSeconds, pregenerate};
///
/// # let text = include_bytes!("../tests/samples/config.json");
/// # let now = UnixSeconds::new(1_795_219_999)?;
/// let config = Config::parse(text)?;
/// let days = config.duration_in_days().unwrap_or(Days::DEFAULT);
/// let plan = SlotPlan::for_days(TimeSlot::containing(now), days.as_u16().into())?;
/// let mut file = Vec::new();
/// let made = pregenerate(config.signers(), plan, NonZero::<usize>::MIN, || getrandom::SysRng, |_| (), &mut file)?;
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
    let signers = one_per_account(signers);
    let jobs = jobs.get().min(MAX_JOBS);
    let mut rngs: Vec<R> = iter::repeat_with(new_rng).take(jobs).collect();
    let mut writer = TokensWriter::new(out);
    let mut units = signers.iter().flat_map(|&signer| units(signer, plan));

    let mut tokens = 0;
    let mut signed = Vec::new();
    loop {
        let mut batch: Vec<Unit<'_>> = units.by_ref().take(jobs * UNITS_PER_JOB).collect();
        let is_last = batch.is_empty();
        sign(&mut batch, &mut rngs, || write(&mut writer, signed))?;
        if is_last {
            break;
        }
        tokens += batch.iter().map(|unit| unit.tokens.len() as u64).sum::<u64>();
        progress(tokens);
        signed = batch;
    }
    writer.finish().map_err(PregenerateError::Write)?;
    Ok(Pregenerated { accounts: signers.len(), tokens })
}

/// The number of tokens that [`pregenerate`] makes.
pub fn total_tokens(signers: &[TokenSigner], plan: SlotPlan) -> u64 {
    one_per_account(signers).len() as u64 * u64::from(plan.len())
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

/// Some consecutive slots of one account, and their tokens once they are signed.
struct Unit<'a> {
    signer: &'a TokenSigner,
    slots: SlotPlan,
    opens_account: bool,
    tokens: Vec<AuthTokenText>,
}

impl Unit<'_> {
    fn sign<R: TryCryptoRng>(&mut self, rng: &mut R) -> Result<(), R::Error> {
        self.tokens.reserve_exact(self.slots.len() as usize);
        for slot in self.slots {
            self.tokens.push(self.signer.sign_slot(slot, rng)?);
        }
        Ok(())
    }
}

/// The units of one account; an account without slots has an empty one.
fn units(signer: &TokenSigner, plan: SlotPlan) -> impl Iterator<Item = Unit<'_>> {
    (0..plan.len().max(1)).step_by(SLOTS_PER_UNIT as usize).map(move |index| {
        let first = plan.get(index).unwrap_or(plan.first());
        let len = (plan.len() - index).min(SLOTS_PER_UNIT);
        let slots = SlotPlan::new(first, len).expect("a part of a plan is a plan");
        Unit { signer, slots, opens_account: index == 0, tokens: Vec::new() }
    })
}

/// Signs `batch` on as many threads as there are generators, this one among them, which does
/// `meanwhile` first.
fn sign<R>(
    batch: &mut [Unit<'_>],
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
            .map_while(|rng| thread::Builder::new().spawn_scoped(scope, || sign_queue(&queue, rng)).ok())
            .collect();
        meanwhile().map_err(PregenerateError::Write)?;
        sign_queue(&queue, own_rng).map_err(PregenerateError::Random)?;
        for worker in workers {
            let signed = worker.join().unwrap_or_else(|payload| panic::resume_unwind(payload));
            signed.map_err(PregenerateError::Random)?;
        }
        Ok(())
    })
}

fn sign_queue<R: TryCryptoRng>(queue: &Mutex<slice::IterMut<'_, Unit<'_>>>, rng: &mut R) -> Result<(), R::Error> {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        match next {
            Some(unit) => unit.sign(rng)?,
            None => return Ok(()),
        }
    }
}

fn write<W: io::Write>(writer: &mut TokensWriter<W>, units: Vec<Unit<'_>>) -> io::Result<()> {
    for unit in units {
        if unit.opens_account {
            writer.begin_account(unit.signer.account_index())?;
        }
        for (slot, token) in unit.slots.iter().zip(&unit.tokens) {
            writer.token(slot.start(), token.expose_secret().as_bytes())?;
        }
    }
    Ok(())
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
