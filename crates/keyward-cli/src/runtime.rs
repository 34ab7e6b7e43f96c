//! Waiting for the network, for the commands that use it.

use std::future::Future;

use tokio::runtime::Builder;

use crate::failure::Failure;

/// Runs a client's command to its end, on this thread.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::of("runtime", error))?.block_on(command)
}
