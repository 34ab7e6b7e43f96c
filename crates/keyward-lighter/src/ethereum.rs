//! Ethereum's side of the registration of a key.

use core::fmt;

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

use crate::{AccountIndex, ApiKeyIndex, EthereumAddress, L1Signature};

/// The private key of an Ethereum account.
///
/// Wiped on drop. Signatures are deterministic (RFC 6979), as those of Ethereum's libraries are, and take the
/// same time for every key.
///
/// ```
/// use keyward_lighter::EthereumKey;
///
/// let key = EthereumKey::parse(&"01".repeat(32))?;
/// assert_eq!(key.address().to_string(), "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1");
/// let signature = key.sign_message("Lighter");
/// assert_eq!(signature.recover("Lighter"), Ok(key.address()));
/// # Ok::<(), keyward_lighter::EthereumKeyError>(())
/// ```
pub struct EthereumKey(SigningKey);

impl EthereumKey {
    /// Reads 64 hex digits of either case, with or without `0x` in front.
    ///
    /// The digits are decoded without a branch or an index that depends on them.
    ///
    /// # Errors
    /// - [`Length`](EthereumKeyError::Length): not 64 characters, `0x` aside
    /// - [`Digit`](EthereumKeyError::Digit): a character that is no hex digit
    /// - [`OutOfRange`](EthereumKeyError::OutOfRange): zero, or not below the group order
    pub fn parse(text: &str) -> Result<Self, EthereumKeyError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0; 32]);
        if digits.len() != 2 * bytes.len() {
            return Err(EthereumKeyError::Length);
        }
        base16ct::mixed::decode(digits, &mut *bytes).map_err(|_| EthereumKeyError::Digit)?;
        SigningKey::from_slice(&*bytes).map(Self).map_err(|_| EthereumKeyError::OutOfRange)
    }

    /// The account that has this key.
    pub fn address(&self) -> EthereumAddress {
        address_of(self.0.verifying_key())
    }

    /// Signs `text` as a wallet does that is asked for a `personal_sign` (EIP-191, version 0x45).
    pub fn sign_message(&self, text: &str) -> L1Signature {
        let (signature, recovery) = self.0.sign_prehash_recoverable(&message_hash(text));
        l1_signature(&signature, recovery)
    }
}

impl fmt::Debug for EthereumKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EthereumKey").field("address", &format_args!("{}", self.address())).finish_non_exhaustive()
    }
}

impl L1Signature {
    /// The Ethereum account that has signed `text` (EIP-191, version 0x45).
    ///
    /// Every text has one, but for a few signatures: whether it is the right account is what tells.
    ///
    /// # Errors
    /// - no account has made this signature under any text, or under this one
    pub fn recover(&self, text: &str) -> Result<EthereumAddress, RecoverError> {
        let (signature, v) = self.as_bytes().split_at(64);
        let recovery = RecoveryId::from_byte(v[0] - 27).ok_or(RecoverError)?;
        let signature = Signature::from_slice(signature).map_err(|_| RecoverError)?;
        let key = VerifyingKey::recover_from_prehash(&message_hash(text), &signature, recovery);
        Ok(address_of(&key.map_err(|_| RecoverError)?))
    }
}

/// No Ethereum account belongs to a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no Ethereum account has made this signature")]
pub struct RecoverError;

/// Why a text is not the private key of an Ethereum account. It says nothing of the text beyond the rule
/// that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EthereumKeyError {
    /// The text has not 64 characters, or 66 with `0x` in front.
    #[error("Ethereum key of the wrong length: 64 hex digits are expected, with or without 0x in front")]
    Length,
    /// A character is not a hex digit.
    #[error("Ethereum key with a character that is no hex digit")]
    Digit,
    /// The number is zero or not below the group order.
    #[error("Ethereum key out of range: zero, or not below the group order")]
    OutOfRange,
}

/// The call of `changePubKey(uint48,uint8,bytes)` on Lighter's contract, by which an account whose owner cannot
/// sign messages registers a key on Ethereum itself: selector and arguments, 196 bytes.
///
/// Source: the function in `contracts/interfaces/IZkLighter.sol` of elliottech/lighter-contracts; Solidity's contract ABI.
pub fn change_pub_key_calldata(
    account_index: AccountIndex,
    api_key_index: ApiKeyIndex,
    public_key: &crate::VerifyingKey,
) -> Vec<u8> {
    const WORD: usize = 32;
    let public_key = public_key.to_bytes();
    let mut calldata = keccak256(b"changePubKey(uint48,uint8,bytes)")[..4].to_vec();
    // The two numbers, where the bytes begin behind the three words of the arguments, and how many they are.
    let words = [account_index.as_u64(), api_key_index.as_u8().into(), 3 * WORD as u64, public_key.len() as u64];
    for word in words {
        calldata.extend([0; WORD - 8]);
        calldata.extend(word.to_be_bytes());
    }
    calldata.extend(public_key);
    calldata.extend([0; 2 * WORD - crate::VerifyingKey::BYTE_SIZE]);
    calldata
}

pub(crate) fn keccak256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

fn l1_signature(signature: &Signature, recovery: RecoveryId) -> L1Signature {
    let mut bytes = [0; L1Signature::BYTE_SIZE];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes[64] = recovery.to_byte();
    // The signer takes the lower s. Were r what is left of a number above the order, which is less likely than a
    // key that is guessed, v would be 2 or 3.
    L1Signature::from_bytes(&bytes).expect("r, s and v in range")
}

fn message_hash(text: &str) -> [u8; 32] {
    Keccak256::new()
        .chain_update("\x19Ethereum Signed Message:\n")
        .chain_update(text.len().to_string())
        .chain_update(text)
        .finalize()
        .into()
}

/// The last 20 bytes of the hash of the point's two coordinates.
fn address_of(key: &VerifyingKey) -> EthereumAddress {
    let point = key.to_sec1_point(false);
    let hash = keccak256(&point.as_bytes()[1..]);
    EthereumAddress::from_bytes(hash[12..].try_into().expect("20 bytes"))
}
