use core::fmt;
use core::str::FromStr;

use rand_core::TryCryptoRng;

const SIZE: usize = 16;
const TAG_SIZE: usize = 8;

/// An account: 16 bytes, the first 8 of which are the *tag* that it shares with its root account.
///
/// A root account's id is random; that of an account below it begins with the same tag. So all that belongs to one root
/// can be kept together, in one hash slot of a cluster for instance. The tag says where, never whose: two roots can have
/// the same one by chance. The text form is 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; SIZE]);

impl AccountId {
    /// The account with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; SIZE]) -> Self {
        Self(bytes)
    }

    /// A new id for a root account: random.
    ///
    /// # Errors
    /// The generator's own.
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        random(rng).map(Self)
    }

    /// A new id for an account below `parent`: its tag, and 8 random bytes.
    ///
    /// # Errors
    /// The generator's own.
    pub fn child_of<R: TryCryptoRng + ?Sized>(parent: &Self, rng: &mut R) -> Result<Self, R::Error> {
        let mut bytes = parent.0;
        rng.try_fill_bytes(&mut bytes[TAG_SIZE..])?;
        Ok(Self(bytes))
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; SIZE] {
        &self.0
    }

    /// The first 8 bytes, which all accounts below one root have in common.
    pub fn tag(&self) -> [u8; TAG_SIZE] {
        core::array::from_fn(|position| self.0[position])
    }
}

/// An operation on the ledger, named by whoever asks for it: 16 bytes, random or derived from what the client named its
/// request.
///
/// It must be unique among the operations on accounts with one [tag](AccountId::tag). It also names the reservation or
/// the refund that the operation makes. The text form is 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId([u8; SIZE]);

impl OperationId {
    /// The operation with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; SIZE]) -> Self {
        Self(bytes)
    }

    /// A new id: random.
    ///
    /// # Errors
    /// The generator's own.
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        random(rng).map(Self)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; SIZE] {
        &self.0
    }
}

/// A text that is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not 32 lower-case hexadecimal digits")]
pub struct IdError;

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(&self.0, f)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({self})")
    }
}

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        parse(text).map(Self)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(&self.0, f)
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationId({self})")
    }
}

impl FromStr for OperationId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        parse(text).map(Self)
    }
}

fn random<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<[u8; SIZE], R::Error> {
    let mut bytes = [0; SIZE];
    rng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn print(bytes: &[u8; SIZE], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; 2 * SIZE];
    f.pad(base16ct::lower::encode_str(bytes, &mut digits).map_err(|_| fmt::Error)?)
}

pub(crate) fn parse(text: &str) -> Result<[u8; SIZE], IdError> {
    let mut bytes = [0; SIZE];
    match base16ct::lower::decode(text, &mut bytes) {
        Ok(all) if all.len() == SIZE => Ok(bytes),
        _ => Err(IdError),
    }
}
