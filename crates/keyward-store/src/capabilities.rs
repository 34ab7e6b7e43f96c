/// What a store promises beyond the contract that all keep.
///
/// Every store is held to the same rules; these say what it can be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// What was acknowledged is there after a crash of the process or of the server.
    pub durable: Durability,
    /// Whether several processes may have it open at the same time.
    pub sharing: Sharing,
    /// Whether it keeps the books of prepaid accounts.
    pub ledger: Ledger,
}

impl Capabilities {
    /// These capabilities.
    pub const fn new(durable: Durability, sharing: Sharing, ledger: Ledger) -> Self {
        Self { durable, sharing, ledger }
    }
}

/// What becomes of acknowledged changes in a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They are gone with the process.
    Volatile,
    /// They are on disk before they are acknowledged.
    Durable,
    /// They are as durable as the server's settings and replicas make them; a fail-over may lose the newest.
    AsConfigured,
}

/// Who may have a store open at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// One process.
    OneProcess,
    /// Any number of processes.
    Shared,
}

/// Whether a store keeps prepaid accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ledger {
    /// It does.
    Kept,
    /// Its methods answer [`StoreError::Unsupported`](crate::StoreError::Unsupported).
    Unsupported,
}
