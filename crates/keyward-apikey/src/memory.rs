//! What a record takes in memory, for whoever keeps many of them within a bound.

use alloc::vec::Vec;

use crate::{ApiKey, Metadata};

/// What allocators add to a piece of memory, about: its header, and up to the next size that they have.
const PIECE: usize = 16;

impl ApiKey {
    /// The most that [`memory_bytes`](Self::memory_bytes) is: 40 KiB, almost half of it metadata.
    pub const MAX_MEMORY_BYTES: usize = 40 * 1024;

    /// How many bytes the record takes in memory: its own and those behind its pointers, with about what the allocator adds to
    /// each piece.
    pub fn memory_bytes(&self) -> usize {
        let wallets: usize = self.wallets.iter().map(|wallet| text(wallet.address.as_str())).sum();
        size_of::<Self>()
            + text(self.name.as_str())
            + self.scopes.heap_bytes()
            + list(&self.wallets)
            + wallets
            + self.allowlist.heap_bytes()
            + self.metadata.as_ref().map(Metadata::as_str).map_or(0, text)
            + self.recent.heap_bytes()
    }
}

/// What a text takes beside the pointer to it.
pub(crate) const fn text(text: &str) -> usize {
    text.len() + PIECE
}

/// What the elements of a list take, with the room for more of them that it has.
pub(crate) const fn list<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>() + PIECE
}
