use keyward_lighter::ChainId;

/// How the venue behaves where the live one differs from place to place, or where a test wants it otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueSettings {
    /// The chain that transactions must be signed for: [`ChainId::MAINNET`], since that is what the official SDK
    /// takes every address to be that it does not know.
    pub chain_id: ChainId,
    /// The HTTP status of "account not found" and "api key not found" on reads. The documentation says 400, and so
    /// does the default; recorded answers of the live venue have 200.
    pub not_found_status: NotFoundStatus,
    /// How long after a `ChangePubKey` was accepted the new key comes into force, in milliseconds; until then the old
    /// one is listed and signs. The nonce counts at once. 0: in force before the answer is sent.
    pub execution_delay_ms: u64,
    /// For how many keys that have signed a table of 80 KiB may be kept, which makes checking their tokens some three times faster.
    pub prepared_keys: usize,
}

impl Default for VenueSettings {
    fn default() -> Self {
        Self {
            chain_id: ChainId::MAINNET,
            not_found_status: NotFoundStatus::BadRequest,
            execution_delay_ms: 0,
            prepared_keys: 512,
        }
    }
}

/// The HTTP status of a read that finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFoundStatus {
    /// 400.
    BadRequest,
    /// 200, with the same body.
    Ok,
}

impl NotFoundStatus {
    /// The number of the status.
    pub const fn as_u16(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Ok => 200,
        }
    }
}
