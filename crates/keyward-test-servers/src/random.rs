//! Random names, passwords and ports.

use std::fs::File;
use std::io::Read as _;

use crate::ServerError;

/// Stands in every password: what has a meaning in a URL, and must not have it there.
const RESERVED: &str = "@:/?#[]%&=+, ";

/// Bytes from the operating system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], ServerError> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(ServerError::io("reading random bytes"))?;
    Ok(bytes)
}

/// 16 hexadecimal digits.
pub(crate) fn name() -> Result<String, ServerError> {
    Ok(format!("{:016x}", u64::from_le_bytes(bytes()?)))
}

/// A password of 128 random bits, with every character that a URL must escape.
pub(crate) fn password() -> Result<String, ServerError> {
    Ok(format!("{}{RESERVED}{}", name()?, name()?))
}
