use core::array;

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5, NonCanonical};
use keyward_poseidon2::{hash, hash_batch, hash_text, hash_text_batch};
use signature::Error;

/// What is signed: a message that has been hashed to GF(p^5) with Poseidon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHash(Fp5);

impl MessageHash {
    /// Length of the encoding in bytes.
    pub const BYTE_SIZE: usize = Fp5::BYTE_SIZE;

    /// A message that the caller has hashed.
    pub const fn new(hash: Fp5) -> Self {
        Self(hash)
    }

    /// The hash of an ASCII text, such as an auth token up to its last colon.
    ///
    /// Trailing NUL bytes do not change the hash, so the text's grammar must exclude them.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`] if 8 bytes of it make a word that is not below the field's modulus, which no ASCII text has.
    pub fn of_text(text: &[u8]) -> Result<Self, NonCanonical> {
        hash_text(text).map(Self)
    }

    /// Puts the hash [`of_text`](Self::of_text) of each of `texts` into `hashes`, which takes less time than one by one.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`], as [`of_text`](Self::of_text) has it for the first of `texts` that it refuses. What `hashes` then
    /// holds is of no use.
    ///
    /// # Panics
    ///
    /// If there are not as many `hashes` as `texts`.
    pub fn of_texts(texts: &[&[u8]], hashes: &mut [Self]) -> Result<(), NonCanonical> {
        assert_eq!(texts.len(), hashes.len(), "one hash for each text");
        let mut elements = [Fp5::ZERO; 8];
        for (texts, hashes) in texts.chunks(elements.len()).zip(hashes.chunks_mut(elements.len())) {
            let elements = &mut elements[..texts.len()];
            hash_text_batch(texts, elements)?;
            for (hash, element) in hashes.iter_mut().zip(elements) {
                *hash = Self(*element);
            }
        }
        Ok(())
    }

    /// Reads the encoding: five words of 8 bytes, little-endian.
    ///
    /// # Errors
    ///
    /// [`NonCanonical`], with the word's index, if one is not below the field's modulus.
    pub fn from_bytes(bytes: &[u8; Self::BYTE_SIZE]) -> Result<Self, NonCanonical> {
        Fp5::from_bytes(bytes).map(Self)
    }

    /// The encoding: five words of 8 bytes, little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTE_SIZE] {
        self.0.to_bytes()
    }

    /// The hash as a field element.
    pub const fn as_fp5(&self) -> &Fp5 {
        &self.0
    }

    /// Schnorr's challenge e: the hash of the commitment R's encoding and this message.
    pub(crate) fn challenge(&self, commitment: &Point) -> Scalar {
        self.challenge_to(&commitment.encode())
    }

    /// [`challenge`](Self::challenge) for the encoding of a commitment.
    pub(crate) fn challenge_to(&self, commitment: &Fp5) -> Scalar {
        Scalar::from_challenge(&hash(&self.challenge_input(commitment)))
    }

    /// The [`challenge`](Self::challenge) of each of `messages`, with the encoding of its commitment.
    pub(crate) fn challenges<const N: usize>(messages: &[Self; N], commitments: &[Fp5; N]) -> [Scalar; N] {
        let inputs: [_; N] = array::from_fn(|i| messages[i].challenge_input(&commitments[i]));
        let mut hashes = [Fp5::ZERO; N];
        hash_batch(&inputs, &mut hashes);
        hashes.each_ref().map(Scalar::from_challenge)
    }

    fn challenge_input(&self, commitment: &Fp5) -> [Fp; 10] {
        let [r0, r1, r2, r3, r4] = commitment.coefficients();
        let [h0, h1, h2, h3, h4] = self.0.coefficients();
        [r0, r1, r2, r3, r4, h0, h1, h2, h3, h4]
    }
}

/// From the 40 bytes of the encoding.
impl TryFrom<&[u8]> for MessageHash {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.try_into().map_err(|_| Error::new())?;
        Self::from_bytes(bytes).map_err(|_| Error::new())
    }
}
