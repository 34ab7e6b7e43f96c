use std::pin::Pin;

use crate::{ActivityStore, CounterStore, LedgerStore};

/// A future of a store's method: boxed, so that a store can be chosen when the program runs.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// All that a store keeps: keys, books, counters and the audit log. A service holds an `Arc<dyn Store>`.
pub trait Store: LedgerStore + CounterStore + ActivityStore {}

impl<S: LedgerStore + CounterStore + ActivityStore + ?Sized> Store for S {}
