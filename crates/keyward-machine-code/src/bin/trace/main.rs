//! Whether what an operation does depends on its secret: it is done for several secrets, step by step, and each step must be the
//! same instruction with the same addresses as for the first one.
//!
//! That is less than memcheck shows, which follows a secret to wherever it goes. But it is the processor that runs the code, so
//! that it can be done to vector code; the portable code is memcheck's. The last operations leak, to show that it would be seen.
//!
//! It ends with 2 where it can do nothing: the processor has no vector code, or no program may look at another.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod listing;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod stepper;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod traced;

use std::process::ExitCode;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> ExitCode {
    use keyward_goldilocks::vector::Avx512;

    let result = match std::env::args().skip(1).collect::<Vec<_>>()[..] {
        [] if Avx512::detect().is_none() => Err(Stop::NotRun("this processor has no AVX-512 IFMA".to_owned())),
        [] => stepper::compare(),
        [ref argument] if argument == traced::ARGUMENT => traced::run(),
        _ => Err(Stop::Failed("usage: trace".to_owned())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::NotRun(reason)) => {
            eprintln!("{reason}");
            ExitCode::from(NOT_RUN)
        }
        Err(Stop::Failed(reason)) => {
            eprintln!("trace: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// What either side ends with where there is nothing to be done.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const NOT_RUN: u8 = 2;

/// Why a side did not come to a good end.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
enum Stop {
    Failed(String),
    NotRun(String),
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() -> ExitCode {
    eprintln!("only on Linux on x86-64");
    ExitCode::from(2)
}
