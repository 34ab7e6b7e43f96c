//! The store in memory keeps the contract.

use std::sync::Arc;

use keyward_store::{MemoryStore, conformance};

#[test]
fn the_store_in_memory_conforms() {
    conformance::run(conformance::Nodes::one(Arc::new(MemoryStore::new())));
}
