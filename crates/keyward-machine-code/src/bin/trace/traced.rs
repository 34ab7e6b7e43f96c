//! The side that does the operations, and stops before and after each.

use keyward_machine_code::{FixedRng, Secret, operations};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};

/// Tells the program that it is this side.
pub(crate) const ARGUMENT: &str = "traced";

/// So many secrets for each operation: all zeros, all ones, and a random one.
pub(crate) const SECRETS: usize = 3;

pub(crate) fn run() -> Result<(), String> {
    let result = || {
        ptrace::traceme()?;
        for mut operation in operations() {
            // What is only done once in the life of a program.
            (operation.prepare)(&[0; 64]);
            (operation.run)();
            for secret in secrets() {
                (operation.prepare)(&secret);
                between_stops(&mut operation.run)?;
            }
        }
        Ok(())
    };
    result().map_err(|error: nix::Error| error.to_string())
}

/// The same instructions for all, which a loop that was unrolled would not be.
#[inline(never)]
fn between_stops(run: &mut dyn FnMut()) -> nix::Result<()> {
    raise(Signal::SIGSTOP)?;
    run();
    raise(Signal::SIGSTOP)
}

fn secrets() -> [Secret; SECRETS] {
    let mut rng = FixedRng::new(1);
    let mut secrets = [[0; 64]; SECRETS].map(|_| rng.bytes());
    secrets[0] = [0; 64];
    secrets[1] = [0xff; 64];
    secrets
}
