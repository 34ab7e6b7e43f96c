//! Whether what an operation does depends on its secret: it is done for several secrets, step by step, and each step must be the
//! same instruction with the same addresses as for the first one.
//!
//! That is less than memcheck shows, which follows a secret to wherever it goes. But it is the processor that runs the code, so
//! that it can be done to vector code; the portable code is memcheck's. The last operations leak, to show that it would be seen.

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
        [] if Avx512::detect().is_none() => {
            println!("NOT RUN: this processor has no AVX-512 IFMA");
            Ok(true)
        }
        [] => stepper::compare(),
        [ref argument] if argument == traced::ARGUMENT => traced::run().map(|()| true),
        _ => Err("usage: trace".to_owned()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("trace: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() -> ExitCode {
    eprintln!("trace: only on Linux on x86-64");
    ExitCode::from(2)
}
