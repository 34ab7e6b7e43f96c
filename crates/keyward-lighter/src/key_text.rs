//! Keys as text: 40 little-endian bytes as 80 hex digits, usually after `0x`.

use keyward_schnorr::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

const PREFIX: &str = "0x";

/// The fewest bytes that make a seed: 256 bits.
const MIN_SEED_SIZE: usize = 32;

/// Why a text is not a key.
///
/// It says nothing of the text beyond the rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// The text has not 80 characters, or 82 with `0x` in front; a seed's has an odd number of them.
    #[error("key text of the wrong length: 80 hex digits are expected, with or without 0x in front")]
    Length,
    /// A character is not a hex digit.
    #[error("key text with a character that is no hex digit")]
    Digit,
    /// The number is zero or not below the group order.
    #[error("private key out of range: zero, or not below the group order")]
    OutOfRange,
    /// The bytes are not the one encoding of a group element, or they are that of the neutral one.
    #[error("not the encoding of a public key")]
    NotAPublicKey,
    /// The seed is shorter than 32 bytes or has an odd number of digits.
    #[error("seed text of the wrong length: an even number of hex digits, at least 64, is expected")]
    SeedLength,
}

/// Reads a private key: 80 hex digits of either case, with or without `0x` in front.
///
/// The digits are decoded without a branch or an index that depends on them. The official signer
/// reduces the number modulo the group order; here every key has one number only.
///
/// # Errors
/// - [`Length`](KeyTextError::Length): not 80 characters, `0x` aside
/// - [`Digit`](KeyTextError::Digit): a character that is no hex digit
/// - [`OutOfRange`](KeyTextError::OutOfRange): zero, or not below the group order
///
/// ```
/// # fn main() -> Result<(), keyward_lighter::KeyTextError> {
/// let key = keyward_lighter::parse_private_key(
///     "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c",
/// )?;
/// assert_eq!(
///     keyward_lighter::public_key_hex(key.verifying_key()),
///     "822362bc30bd2705928e2ff830dcb1ecee3e66df909cabe4084272f3d00ac539f66b09a94cb60db6",
/// );
/// # Ok(())
/// # }
/// ```
pub fn parse_private_key(text: &str) -> Result<SigningKey, KeyTextError> {
    SigningKey::from_bytes(&*decode_key(text)?).map_err(|_| KeyTextError::OutOfRange)
}

/// Reads a public key: 80 hex digits of either case, with or without `0x` in front.
///
/// # Errors
/// - [`Length`](KeyTextError::Length): not 80 characters, `0x` aside
/// - [`Digit`](KeyTextError::Digit): a character that is no hex digit
/// - [`NotAPublicKey`](KeyTextError::NotAPublicKey): not a canonical encoding of a group element
///   other than the neutral one
pub fn parse_public_key(text: &str) -> Result<VerifyingKey, KeyTextError> {
    VerifyingKey::from_bytes(&*decode_key(text)?).map_err(|_| KeyTextError::NotAPublicKey)
}

/// The private key of a seed, given as plain hex digits of either case without `0x`.
///
/// The key's number is the big-endian integer SHA-256(1 ‖ seed) ‖ the first eight bytes of
/// SHA-256(2 ‖ seed), modulo the group order, as `NewSeedKeyManager` of lighter-go makes it.
///
/// # Errors
/// - [`SeedLength`](KeyTextError::SeedLength): below 64 digits, or an odd number of them
/// - [`Digit`](KeyTextError::Digit): a character that is no hex digit
/// - [`OutOfRange`](KeyTextError::OutOfRange): the number is zero; nobody will ever see it
pub fn key_from_seed_text(seed: &str) -> Result<SigningKey, KeyTextError> {
    if seed.len() < 2 * MIN_SEED_SIZE || !seed.len().is_multiple_of(2) {
        return Err(KeyTextError::SeedLength);
    }
    let mut bytes = Zeroizing::new(vec![0; seed.len() / 2]);
    base16ct::mixed::decode(seed, &mut bytes).map_err(|_| KeyTextError::Digit)?;
    SigningKey::from_seed(&bytes).map_err(|_| KeyTextError::OutOfRange)
}

/// The private key as the official signer prints it: `0x` and 80 lower-case hex digits.
pub fn private_key_text(key: &SigningKey) -> Zeroizing<String> {
    let mut digits = Zeroizing::new([0; 2 * SigningKey::BYTE_SIZE]);
    let digits = encode(&key.expose_secret(), &mut digits);
    // With its full size from the start, the string leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + digits.len()));
    text.push_str(PREFIX);
    text.push_str(digits);
    text
}

/// The public key as the official signer prints it: `0x` and 80 lower-case hex digits.
pub fn public_key_text(key: &VerifyingKey) -> String {
    [PREFIX, &public_key_hex(key)].concat()
}

/// The public key as the exchange lists it: 80 lower-case hex digits, without `0x`.
pub fn public_key_hex(key: &VerifyingKey) -> String {
    base16ct::lower::encode_string(&key.to_bytes())
}

fn decode_key(text: &str) -> Result<Zeroizing<[u8; 40]>, KeyTextError> {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text);
    let mut bytes = Zeroizing::new([0; 40]);
    if digits.len() != 2 * bytes.len() {
        return Err(KeyTextError::Length);
    }
    base16ct::mixed::decode(digits, &mut *bytes).map_err(|_| KeyTextError::Digit)?;
    Ok(bytes)
}

fn encode<'a>(bytes: &[u8; 40], digits: &'a mut [u8; 80]) -> &'a str {
    base16ct::lower::encode_str(bytes, digits).expect("two digits a byte")
}
