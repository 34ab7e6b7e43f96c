use core::fmt;
use std::boxed::Box;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::Fp5;
use rand_core::TryCryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::ephemeral::ENTROPY_SIZE;
use crate::{MessageHash, Signature, SigningKey, VerifyingKey};

/// A private key with ephemeral scalars made ahead, so that a signature takes a sixth of the time when its message is there,
/// or with vector code a quarter.
///
/// [`prepare`](Self::prepare) draws ephemeral scalars k and computes the commitments k·G, most of the work of signing;
/// [`sign`](Self::sign) takes one pair for each signature. It may be shared between threads: none waits for the work of another.
///
/// # Dangers
///
/// **Two signatures with the same k give the private key away**, as does one whose k is known. Hence:
///
/// - Each pair is used once. It is wiped when it is taken, and all are wiped on drop. They cannot be copied, printed or stored.
/// - The k of [`SigningKey::sign`] depends on the message too, so that it is safe even with a generator of random numbers
///   that repeats itself. **A k made ahead cannot depend on a message that is not there yet.** It depends on the private key, the
///   process id, a counter of this process and 32 bytes of the generator: so it is secret even if the generator can be predicted, and
///   never twice the same in one process. But a generator that repeats itself from one run of the program to the next may
///   repeat k; and in a container, where the process has the same id each time, it does. Where it may not be good, do not sign
///   ahead.
/// - A forked child has its parent's pairs. It is refused: the process id is recorded, and looked at in each use. **What duplicates a
///   process with its id is not seen**: a virtual machine that is set back to a snapshot or started twice from one, a
///   process that is restored from a checkpoint, and a child that gets the id of the process it has the pairs from. A child may get
///   it once that process has ended; and if that is process 1 of a container, so is the first child in a pid namespace of its
///   own. There do not sign ahead either.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use getrandom::SysRng;
/// use keyward_schnorr::{AheadSigner, MessageHash, SigningKey};
///
/// let signer = AheadSigner::new(SigningKey::generate(&mut SysRng)?, 1_000);
/// signer.prepare(10, &mut SysRng)?;
/// let message = MessageHash::of_text(b"1795248000:5:253")?;
/// let signature = signer.sign(&message)?;
/// signer.verifying_key().verify(&message, &signature)?;
/// assert_eq!(signer.prepared(), 9);
/// # Ok(())
/// # }
/// ```
pub struct AheadSigner {
    key: SigningKey,
    process: u32,
    pairs: Mutex<Pairs>,
}

/// Pairs on a stack that never moves: its first `count` places are taken, the others hold zeros.
struct Pairs {
    places: Box<[Pair]>,
    count: usize,
}

/// Counts the pairs that all signers of this process make. A forked child counts on, under another process id.
static MADE: AtomicU64 = AtomicU64::new(0);

/// How many pairs are made at the same time.
const LANES: usize = 8;

/// This process, where there can be others.
fn process_id() -> u32 {
    // Elsewhere, as in WebAssembly, enclaves and firmware, nothing forks, and asking for an id may panic.
    if cfg!(any(unix, windows)) { process::id() } else { 0 }
}

/// An ephemeral scalar and the encoding of its commitment.
struct Pair {
    k: Scalar,
    commitment: Fp5,
}

impl AheadSigner {
    /// A signer that holds up to `capacity` pairs, 80 bytes each, and has none yet.
    ///
    /// # Panics
    ///
    /// If the pairs would take more than `isize::MAX` bytes.
    pub fn new(key: SigningKey, capacity: usize) -> Self {
        let places = (0..capacity).map(|_| Pair::VACANT).collect();
        Self { key, process: process_id(), pairs: Mutex::new(Pairs { places, count: 0 }) }
    }

    /// The public key.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }

    /// The key itself, which signs without pairs as well.
    pub const fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// How many pairs there are to sign with: none in a forked child.
    pub fn prepared(&self) -> usize {
        // Before the lock, which another thread may have held when the process was forked: nobody would ever let go of it.
        if self.is_forked() { 0 } else { self.with_pairs(|pairs| pairs.count) }
    }

    /// Makes pairs until there are `count`, or as many as fit.
    ///
    /// It takes about 13 µs for each, or with vector code 5 µs where eight or more are missing. Call it from where time does not
    /// matter, such as a thread of its own.
    ///
    /// # Errors
    ///
    /// - [`PrepareError::Forked`] in a child process
    /// - [`PrepareError::Random`]: the generator's own; the pairs made before stay
    pub fn prepare<R: TryCryptoRng + ?Sized>(&self, count: usize, rng: &mut R) -> Result<(), PrepareError<R::Error>> {
        let mut entropy = Zeroizing::new([0; ENTROPY_SIZE]);
        let mut ephemerals = Zeroizing::new([Scalar::ZERO; LANES]);
        loop {
            if self.is_forked() {
                return Err(PrepareError::Forked);
            }
            let missing = self.with_pairs(|pairs| pairs.missing(count));
            if missing == 0 {
                return Ok(());
            }
            let mut drawn = 0;
            let result = ephemerals.iter_mut().take(missing).try_for_each(|k| {
                rng.try_fill_bytes(&mut *entropy)?;
                let number = MADE.fetch_add(1, Ordering::Relaxed);
                self.key.derivation.derive_ahead(&entropy, self.process, number, k);
                drawn += 1;
                Ok(())
            });
            let ephemerals = &ephemerals[..drawn];
            let commitments = commit(ephemerals);
            self.with_pairs(|pairs| {
                // Another thread may have made some of the missing ones: then as many of these stay behind, to be wiped.
                for (k, commitment) in ephemerals.iter().zip(&commitments).take(pairs.missing(count)) {
                    pairs.push(k, commitment);
                }
            });
            result.map_err(PrepareError::Random)?;
        }
    }

    /// Signs `message` with the next pair, in constant time.
    ///
    /// # Errors
    ///
    /// - [`AheadError::Forked`] in a child process
    /// - [`AheadError::NotPrepared`] if there is no pair left: sign with [`signing_key`](Self::signing_key), or
    ///   [`prepare`](Self::prepare) more
    pub fn sign(&self, message: &MessageHash) -> Result<Signature, AheadError> {
        // Before the lock, which the parent may have held.
        if self.is_forked() {
            return Err(AheadError::Forked);
        }
        let mut pair = Pair::VACANT;
        if !self.with_pairs(|pairs| pairs.pop(&mut pair)) {
            return Err(AheadError::NotPrepared);
        }
        Ok(self.key.respond(&pair.k, &message.challenge_to(&pair.commitment)))
    }

    fn is_forked(&self) -> bool {
        process_id() != self.process
    }

    /// No step of what is done to the pairs can panic, so that what another thread has left is as it should be.
    fn with_pairs<T>(&self, change: impl FnOnce(&mut Pairs) -> T) -> T {
        change(&mut self.pairs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The encoding of each scalar's commitment; 0 in the places beyond.
fn commit(ephemerals: &[Scalar]) -> [Fp5; LANES] {
    if let Ok(eight) = ephemerals.try_into() {
        return Point::encode_batch(&Zeroizing::new(Point::mul_generator_batch::<LANES>(eight)));
    }
    let mut commitments = [Fp5::ZERO; LANES];
    for (commitment, k) in commitments.iter_mut().zip(ephemerals) {
        *commitment = Zeroizing::new(Point::mul_generator(k)).encode();
    }
    commitments
}

// Pairs are copied from place to place and wiped where they were: one that moves may leave a copy on the stack.
impl Pairs {
    /// How many there are to be made until there are `count`, or as many as fit.
    fn missing(&self, count: usize) -> usize {
        count.min(self.places.len()).saturating_sub(self.count)
    }

    fn push(&mut self, k: &Scalar, commitment: &Fp5) {
        if let Some(place) = self.places.get_mut(self.count) {
            (place.k, place.commitment) = (*k, *commitment);
            self.count += 1;
        }
    }

    /// Puts a pair into `pair`; whether there was one.
    fn pop(&mut self, pair: &mut Pair) -> bool {
        let Some(count) = self.count.checked_sub(1) else { return false };
        self.count = count;
        let place = &mut self.places[count];
        (pair.k, pair.commitment) = (place.k, place.commitment);
        place.zeroize();
        true
    }
}

impl Pair {
    const VACANT: Self = Self { k: Scalar::ZERO, commitment: Fp5::ZERO };
}

impl Zeroize for Pair {
    fn zeroize(&mut self) {
        self.k.zeroize();
        self.commitment.zeroize();
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for AheadSigner {}

/// The public key, and how many pairs there are.
impl fmt::Debug for AheadSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AheadSigner")
            .field("verifying_key", self.verifying_key())
            .field("prepared", &self.prepared())
            .finish_non_exhaustive()
    }
}

/// Why [`AheadSigner::sign`] does not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AheadError {
    /// No pair is left.
    NotPrepared,
    /// This process is a child of the one that made the signer.
    Forked,
}

impl fmt::Display for AheadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPrepared => "no signature is prepared",
            Self::Forked => FORKED,
        })
    }
}

impl core::error::Error for AheadError {}

/// Why [`AheadSigner::prepare`] stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrepareError<E> {
    /// The generator of random numbers has failed.
    Random(E),
    /// This process is a child of the one that made the signer.
    Forked,
}

impl<E> fmt::Display for PrepareError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Random(_) => "no randomness to prepare signatures from",
            Self::Forked => FORKED,
        })
    }
}

impl<E: core::error::Error + 'static> core::error::Error for PrepareError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Random(error) => Some(error),
            Self::Forked => None,
        }
    }
}

const FORKED: &str = "signatures were prepared in the parent of this process";

#[cfg(test)]
mod tests {
    use keyward_ecgfp5::Scalar;
    use keyward_goldilocks::Fp5;

    use super::{Pair, Pairs};

    #[test]
    fn a_pair_is_wiped_where_it_stood_when_it_is_taken() {
        let mut pairs = Pairs { places: (0..2).map(|_| Pair::VACANT).collect(), count: 0 };
        for _ in 0..3 {
            pairs.push(&Scalar::ONE, &Fp5::ONE);
        }
        assert_eq!(pairs.count, 2);
        for count in [1, 0] {
            let mut pair = Pair::VACANT;
            assert!(pairs.pop(&mut pair) && pair.k == Scalar::ONE && pair.commitment == Fp5::ONE);
            assert!(pairs.places[count..].iter().all(|pair| pair.k == Scalar::ZERO && pair.commitment == Fp5::ZERO));
        }
        let mut pair = Pair::VACANT;
        assert!(!pairs.pop(&mut pair));
    }
}
