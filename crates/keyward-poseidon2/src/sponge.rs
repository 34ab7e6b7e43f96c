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
    let mut sponge = Sponge::new();
    for (block, first_index) in text.chunks(BLOCK_BYTES).zip((0..).step_by(RATE)) {
        let elements = pack(block, first_index)?;
        sponge.absorb(&elements[..block.len().div_ceil(WORD)]);
    }
    Ok(sponge.squeeze())
}

const WORD: usize = size_of::<u64>();

/// How many bytes of a text the sponge takes in for each permutation.
pub(crate) const BLOCK_BYTES: usize = RATE * WORD;

/// The elements of a block of a text, then zeros. `first_index` is the index of its first element in the text's.
pub(crate) fn pack(block: &[u8], first_index: usize) -> Result<[Fp; RATE], NonCanonical> {
    let mut elements = [Fp::ZERO; RATE];
    for ((element, word), index) in elements.iter_mut().zip(block.chunks(WORD)).zip(first_index..) {
        let mut padded = [0; WORD];
        padded[..word.len()].copy_from_slice(word);
        *element = Fp::from_bytes(&padded).map_err(|_| NonCanonical::at(index))?;
    }
    Ok(elements)
}

/// What a sponge gives out in the end.
pub(crate) fn squeeze(&[a0, a1, a2, a3, a4, ..]: &[Fp; WIDTH]) -> Fp5 {
    Fp5::from_coefficients([a0, a1, a2, a3, a4])
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
        squeeze(&self.0)
    }
}

impl Drop for Sponge {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
