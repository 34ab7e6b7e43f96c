#![allow(missing_docs)]
use std::fmt;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiCode(pub u32);
impl ApiCode {
    pub const INVALID_PARAM: Self = Self(20001);
    pub const INVALID_AUTH: Self = Self(20013);
    pub const TOO_MANY_REQUESTS: Self = Self(23000);
    pub const INTERNAL_SERVER_ERROR: Self = Self(29500);
    pub const PROCESS_TIMEOUT: Self = Self(29501);
    pub fn message(self) -> Option<&'static str> {
        None
    }
    pub fn as_u32(self) -> u32 {
        self.0
    }
}
impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainId(pub u32);
impl ChainId {
    pub const MAINNET: Self = Self(304);
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EthereumAddress(pub [u8; 20]);
impl std::str::FromStr for EthereumAddress {
    type Err = ();
    fn from_str(_: &str) -> Result<Self, ()> {
        unimplemented!()
    }
}
impl fmt::Display for EthereumAddress {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        unimplemented!()
    }
}
