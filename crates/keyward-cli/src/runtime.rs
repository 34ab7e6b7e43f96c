//! Waiting for the network, for the commands that use it.

use std::future::Future;

use tokio::runtime::Builder;

use crate::failure::Failure;

/// Runs a client's command to its end, on this thread.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::of("runtime", error))?;
    let outcome = runtime.block_on(command);
    // A name that is still being looked up takes as long as the system's resolver likes: nobody waits for it.
    runtime.shutdown_background();
    outcome
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::spawn_blocking;

    use super::block_on;

    #[test]
    fn what_nobody_waits_for_any_more_keeps_no_command_from_its_end() {
        let (end, ended) = mpsc::channel::<()>();
        block_on(async {
            // In place of a look-up that hangs.
            spawn_blocking(move || ended.recv());
            Ok(())
        })
        .unwrap();
        drop(end);
    }
}
