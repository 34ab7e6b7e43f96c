use core::fmt;
use core::str::FromStr;

use keyward_ledger::AccountId;
use rand_core::TryCryptoRng;

const SIZE: usize = 16;
const TAG_SIZE: usize = 8;

/// An API key's identity: 16 bytes, the first 8 of which are the [tag](AccountId::tag) of its account.
///
/// It outlives the key's secret, and is no secret itself. All that belongs to one root account has one tag, and can be kept
/// together by it. The text form is 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; SIZE]);

impl KeyId {
    /// A new id for a key of `account`: its tag, and 8 random bytes.
    ///
    /// # Errors
    /// - the generator's
    pub fn generate<R: TryCryptoRng + ?Sized>(account: &AccountId, rng: &mut R) -> Result<Self, R::Error> {
        let mut bytes = [0; SIZE];
        let (tag, own) = bytes.split_at_mut(TAG_SIZE);
        tag.copy_from_slice(&account.tag());
        rng.try_fill_bytes(own)?;
        Ok(Self(bytes))
    }

    /// The key with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; SIZE]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; SIZE] {
        &self.0
    }

    /// The first 8 bytes, which all keys and accounts below one root account have in common.
    pub fn tag(&self) -> [u8; TAG_SIZE] {
        core::array::from_fn(|at| self.0[at])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 2 * SIZE];
        f.pad(base16ct::lower::encode_str(&self.0, &mut digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let mut bytes = [0; SIZE];
        match base16ct::lower::decode(text, &mut bytes) {
            Ok(all) if all.len() == SIZE => Ok(Self(bytes)),
            _ => Err(InvalidKeyId),
        }
    }
}

/// A text that is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("key id that is not 32 lower-case hexadecimal digits")]
pub struct InvalidKeyId;
