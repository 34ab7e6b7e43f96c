//! `goldilocks-crypto` 0.1.2 and its `poseidon-hash`: the Rust implementation that others use for Lighter.

use goldilocks_crypto::{CryptoError, Goldilocks, Point, ScalarField};
use poseidon_hash::hash_to_quintic_extension;

/// The hash of a token's signed text, computed by that crate alone: 40 bytes, five field elements of 8 bytes, little-endian.
///
/// The packing of text into field elements is not in that crate and stands here: 8 bytes an element, little-endian,
/// the last one padded with zeros, as in lighter-go's `types/tx_request.go`.
///
/// # Panics
/// If eight bytes of the text, as a number, are not below the field's modulus; ASCII never is above.
#[must_use]
pub fn hash_text(text: &str) -> [u8; 40] {
    let elements: Vec<Goldilocks> = text
        .as_bytes()
        .chunks(8)
        .map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(word);
            assert!(word < Goldilocks::MODULUS, "text is not ASCII");
            Goldilocks::from_canonical_u64(word)
        })
        .collect();
    let hash = hash_to_quintic_extension(&elements);
    let mut bytes = [0; 40];
    // `Fp5Element::to_bytes_le` prints whatever residue it holds; canonical bytes are wanted.
    for (bytes, element) in bytes.chunks_exact_mut(8).zip(&hash.0) {
        bytes.copy_from_slice(&element.to_bytes_le());
    }
    bytes
}

/// The public key, 40 bytes, of a private key, 40 bytes little-endian and below the group order.
///
/// # Errors
/// None for 40 bytes.
pub fn public_key(private_key: &[u8; 40]) -> Result<[u8; 40], CryptoError> {
    let scalar =
        ScalarField::from_bytes_le(private_key).map_err(|_| CryptoError::InvalidPrivateKeyLength(private_key.len()))?;
    Ok(Point::generator().mul(&scalar).encode().to_bytes_le())
}

/// Signs a message hash with a random ephemeral scalar: 80 bytes, `s` then `e`.
///
/// # Errors
/// A message word that is not below the field's modulus.
pub fn sign(private_key: &[u8; 40], message: &[u8; 40]) -> Result<[u8; 80], CryptoError> {
    let signature = goldilocks_crypto::sign(private_key, message)?;
    signature.try_into().map_err(|bytes: Vec<u8>| CryptoError::InvalidSignatureLength(bytes.len()))
}

/// Whether that crate accepts the signature; malformed input counts as refused.
#[must_use]
pub fn verifies(public_key: &[u8; 40], message: &[u8; 40], signature: &[u8; 80]) -> bool {
    goldilocks_crypto::verify_signature(signature, message, public_key).unwrap_or(false)
}
