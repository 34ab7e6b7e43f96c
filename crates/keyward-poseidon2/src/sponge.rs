use keyward_goldilocks::{Fp, Fp5, NonCanonical};
use zeroize::Zeroize;

use crate::{WIDTH, permute};

/// How many elements the sponge takes in for each permutation.
pub const RATE: usize = 8;

/// The hash of `input` in GF(p^5): a sponge that overwrites, without padding and without a length.
///
/// Nothing is hashed for an empty input, which gives 0. A trailing zero may leave the hash as it is (`[0]` and
/// `[0, 0]` have the same), so an input's length must be fixed, or told by its grammar.
pub fn hash(input: &[Fp]) -> Fp5 {
    let mut sponge = Sponge::new();
    for chunk in input.chunks(RATE) {
        sponge.absorb(chunk);
    }
    sponge.squeeze()
}

/// The [`hash`] of a text: each 8 bytes give one element, little-endian, the last one padded with zeros.
///
/// Trailing NUL bytes do not change the hash, so the text's grammar must exclude them.
///
/// # Errors
///
/// [`NonCanonical`], with the element's index, if 8 bytes make a word that is not below the field's modulus, which
/// no ASCII text has.
pub fn hash_text(text: &[u8]) -> Result<Fp5, NonCanonical> {
    const WORD: usize = size_of::<u64>();

    let mut sponge = Sponge::new();
    for (block_index, block) in text.chunks(RATE * WORD).enumerate() {
        let mut elements = [Fp::ZERO; RATE];
        let words = block.chunks(WORD);
        let count = words.len();
        for (index, (element, word)) in elements.iter_mut().zip(words).enumerate() {
            let mut padded = [0; WORD];
            padded[..word.len()].copy_from_slice(word);
            *element = Fp::from_bytes(&padded).map_err(|_| NonCanonical::at(block_index * RATE + index))?;
        }
        sponge.absorb(&elements[..count]);
    }
    Ok(sponge.squeeze())
}

/// Wiped on drop: what is hashed may be a secret.
struct Sponge([Fp; WIDTH]);

impl Sponge {
    fn new() -> Self {
        Self([Fp::ZERO; WIDTH])
    }

    /// Overwrites as many lanes as `elements` has, at most [`RATE`].
    fn absorb(&mut self, elements: &[Fp]) {
        self.0[..elements.len()].copy_from_slice(elements);
        permute(&mut self.0);
    }

    fn squeeze(&self) -> Fp5 {
        let [a0, a1, a2, a3, a4, ..] = self.0;
        Fp5::from_coefficients([a0, a1, a2, a3, a4])
    }
}

impl Drop for Sponge {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
