//! Many permutations and hashes at a time.

use keyward_goldilocks::{Fp, Fp5, NonCanonical};
use zeroize::Zeroizing;

use crate::sponge::{BLOCK_BYTES, pack, squeeze};
use crate::vector::{LANES, permute_eight, permute_four};
use crate::{RATE, WIDTH, hash_text, permute};

/// [`permute`]s each of `states`.
pub fn permute_batch(states: &mut [[Fp; WIDTH]]) {
    /// From how many states on eight at a time, with vector code, take less time than one after the other.
    const WORTH_EIGHT: usize = 4;
    /// From how many on four at a time do, where there are not eight.
    const WORTH_FOUR: usize = 3;

    let rest = permute_together(states, WORTH_EIGHT, permute_eight);
    let rest = permute_together(rest, WORTH_FOUR, permute_four);
    rest.iter_mut().for_each(permute);
}

/// Permutes `N` states at a time, and fewer with what fills them up if there are as many as that is `worth`. Those that are left: all,
/// if `permute` does nothing.
fn permute_together<const N: usize>(
    states: &mut [[Fp; WIDTH]],
    worth: usize,
    permute: impl Fn(&mut [[Fp; WIDTH]; N]) -> Option<()>,
) -> &mut [[Fp; WIDTH]] {
    let mut left = states;
    while left.len() >= worth {
        let count = left.len().min(N);
        let done = match left.first_chunk_mut() {
            Some(states) => permute(states),
            None => {
                let mut states = Zeroizing::new([[Fp::ZERO; WIDTH]; N]);
                states[..count].copy_from_slice(left);
                permute(&mut states).map(|()| left.copy_from_slice(&states[..count]))
            }
        };
        if done.is_none() {
            break;
        }
        left = &mut left[count..];
    }
    left
}

/// Puts the [`hash`](crate::hash) of each of `inputs`, which are of one length, into `hashes`.
///
/// # Panics
///
/// If there are not as many `hashes` as `inputs`.
pub fn hash_batch<const LEN: usize>(inputs: &[[Fp; LEN]], hashes: &mut [Fp5]) {
    assert_eq!(inputs.len(), hashes.len(), "one hash for each input");
    for (inputs, hashes) in inputs.chunks(LANES).zip(hashes.chunks_mut(LANES)) {
        let mut states = Sponges::new(inputs.len());
        for start in (0..LEN).step_by(RATE) {
            let end = LEN.min(start + RATE);
            for (state, input) in states.get().iter_mut().zip(inputs) {
                state[..end - start].copy_from_slice(&input[start..end]);
            }
            permute_batch(states.get());
        }
        states.squeeze(hashes);
    }
}

/// Puts the [`hash_text`] of each of `texts` into `hashes`.
///
/// Texts of 1 to 64 bytes, of eight neighbours all, are hashed together; others one by one.
///
/// # Errors
///
/// [`NonCanonical`], with the element's index, as [`hash_text`] has it for the first of `texts` that it refuses. What
/// `hashes` then holds is of no use.
///
/// # Panics
///
/// If there are not as many `hashes` as `texts`.
pub fn hash_text_batch(texts: &[&[u8]], hashes: &mut [Fp5]) -> Result<(), NonCanonical> {
    assert_eq!(texts.len(), hashes.len(), "one hash for each text");
    for (texts, hashes) in texts.chunks(LANES).zip(hashes.chunks_mut(LANES)) {
        if texts.iter().all(|text| (1..=BLOCK_BYTES).contains(&text.len())) {
            let mut states = Sponges::new(texts.len());
            for (state, text) in states.get().iter_mut().zip(texts) {
                // What a short block leaves alone is zero in the first one, as is what fills it up.
                state[..RATE].copy_from_slice(&pack(text, 0)?);
            }
            permute_batch(states.get());
            states.squeeze(hashes);
        } else {
            for (hash, text) in hashes.iter_mut().zip(texts) {
                *hash = hash_text(text)?;
            }
        }
    }
    Ok(())
}

/// Up to [`LANES`] sponges. Wiped on drop: what is hashed may be a secret.
struct Sponges {
    states: Zeroizing<[[Fp; WIDTH]; LANES]>,
    count: usize,
}

impl Sponges {
    fn new(count: usize) -> Self {
        Self { states: Zeroizing::new([[Fp::ZERO; WIDTH]; LANES]), count }
    }

    fn get(&mut self) -> &mut [[Fp; WIDTH]] {
        &mut self.states[..self.count]
    }

    fn squeeze(&self, hashes: &mut [Fp5]) {
        for (hash, state) in hashes.iter_mut().zip(self.states.iter()) {
            *hash = squeeze(state);
        }
    }
}
