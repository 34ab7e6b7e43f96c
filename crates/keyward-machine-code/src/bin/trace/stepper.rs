//! The side that makes the other one do its operations step by step.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::{env, fs};

use keyward_machine_code::{Leak, operations};
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::listing::Listing;
use crate::traced::{ARGUMENT, SECRETS};
use crate::{NOT_RUN, Stop};

/// An instruction's address in the program, and the address that it reads or writes, if any.
type Step = (u64, Option<u64>);

/// Each operation leaves the same trace for all secrets, and those that leak do not.
pub(crate) fn compare() -> Result<(), Stop> {
    let program = env::current_exe()?;
    let listing = Listing::of(&program).map_err(Stop::Failed)?;
    let mut traced = Traced::start(&program)?;
    let mut is_as_expected = true;
    for operation in operations() {
        let mut traces = Vec::new();
        for _ in 0..SECRETS {
            traced.run_to_stop()?;
            traces.push(traced.step_to_stop(&listing)?);
        }
        let first = &traces[0];
        let difference = traces[1..].iter().find(|trace| *trace != first);
        if let Some(other) = difference {
            let step = first.iter().zip(other).take_while(|(step, other)| step == other).count();
            if let Some((address, _)) = first.get(step) {
                println!("  differs at step {step}, {address:x}: {}", listing.function(*address));
            }
        }
        let (is_same, leaks) = (difference.is_none(), operation.leak != Leak::Nothing);
        is_as_expected &= is_same != leaks;
        let verdict = match (is_same, leaks) {
            (true, false) => "the same for all secrets",
            (false, true) => "NOT the same, as it must be",
            (false, false) => "NOT the same for all secrets",
            (true, true) => "the same, though it leaks: NOT SEEN",
        };
        println!("{}: {} instructions, {verdict}", operation.name, first.len());
    }
    if is_as_expected { Ok(()) } else { Err(Stop::Failed("not all is as it must be".to_owned())) }
}

/// The other side, which is gone when this value is.
struct Traced {
    child: Child,
    program: PathBuf,
    /// Whether it waits for being told to go on.
    is_stopped: bool,
}

impl Traced {
    fn start(program: &Path) -> Result<Self, Stop> {
        let child = Command::new(program).arg(ARGUMENT).spawn()?;
        Ok(Self { child, program: program.to_owned(), is_stopped: false })
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Lets it run until it stops itself.
    fn run_to_stop(&mut self) -> Result<(), Stop> {
        if self.is_stopped {
            ptrace::cont(self.pid(), None)?;
        }
        match waitpid(self.pid(), None)? {
            WaitStatus::Stopped(_, Signal::SIGSTOP) => {
                self.is_stopped = true;
                Ok(())
            }
            WaitStatus::Exited(_, code) if !self.is_stopped && code == NOT_RUN.into() => {
                Err(Stop::NotRun("it is not to be traced".to_owned()))
            }
            other => Err(Stop::Failed(format!("the traced program did not stop: {other:?}"))),
        }
    }

    /// Has it take single steps until it stops itself.
    fn step_to_stop(&mut self, listing: &Listing) -> Result<Vec<Step>, Stop> {
        let base = self.base()?;
        let mut steps = Vec::new();
        loop {
            ptrace::step(self.pid(), None)?;
            match waitpid(self.pid(), None)? {
                WaitStatus::Stopped(_, Signal::SIGTRAP) => {}
                WaitStatus::Stopped(_, Signal::SIGSTOP) => return Ok(steps),
                other => return Err(Stop::Failed(format!("the traced program took no step: {other:?}"))),
            }
            // What is about to be done, and with what.
            let registers = ptrace::getregs(self.pid())?;
            let address = registers.rip.wrapping_sub(base);
            steps.push((address, listing.operand(address).map(|operand| operand.address(&registers))));
        }
    }

    /// Where its code begins in memory.
    fn base(&self) -> Result<u64, Stop> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.pid()))?;
        let program = self.program.to_string_lossy();
        maps.lines()
            .find(|line| line.ends_with(&*program))
            .and_then(|line| u64::from_str_radix(line.split('-').next()?, 16).ok())
            .ok_or_else(|| Stop::Failed("the traced program is not where it should be".to_owned()))
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}
