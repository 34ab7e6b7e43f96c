//! Transaction nonces.

use keyward_nonce::{NonceAllocator, NonceMode, NonceState};
use keyward_time::UnixMillis;
use keyward_token::ApiKeyIndex;

use super::chained;
use crate::Row;

pub(super) fn row() -> Row {
    let slot = (ApiKeyIndex::MAX, NonceState::NEW);
    let allocator = NonceAllocator::new([slot], NonceMode::Sequential).expect("one slot");
    let turn = move |()| allocator.allocate(UnixMillis::EPOCH).expect("a nonce").accepted();
    Row::new("hand out a nonce, take note of its acceptance", chained("keyward-nonce/allocate-accept", (), turn), None)
}
