//! The side that does the operations, and stops before and after each.

use keyward_machine_code::{FixedRng, Secret, operations};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::unistd::alarm;

use crate::Stop;

/// Tells the program that it is this side.
pub(crate) const ARGUMENT: &str = "traced";

/// So many secrets for each operation: all zeros, all ones, and a random one.
pub(crate) const SECRETS: usize = 3;

/// In seconds, many times what it takes. The signal at its end is one that the other side does not wait for.
const LIMIT: u32 = 600;

pub(crate) fn run() -> Result<(), Stop> {
    alarm::set(LIMIT);
    match ptrace::traceme() {
        // The kernel's settings, or a container's.
        Err(error @ (Errno::EPERM | Errno::ENOSYS)) => {
            return Err(Stop::NotRun(format!("no program may look at another: {error}")));
        }
        result => result?,
    }
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
