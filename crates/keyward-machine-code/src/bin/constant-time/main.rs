//! Works on secrets that memcheck holds to be undefined, so that it reports each jump and each address that depends on one.
//!
//! `constant-time` runs all operations with the portable code, `constant-time avx2` with that for AVX2, where the processor has it;
//! `constant-time leak NAME` one that leaks on purpose, which memcheck must report. What is made public stands beside each operation, and, where it happens in the middle of one, in `declassified.supp`.

mod leaks;
mod operations;

use std::env;
use std::process::ExitCode;

use keyward_goldilocks::vector::{Avx2, Level, limit};
use keyward_machine_code::valgrind;
use leaks::LEAKS;
use operations::OPERATIONS;

/// Something done with secrets.
struct Operation {
    name: &'static str,
    run: fn(),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (level, operations): (_, Vec<&Operation>) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (Level::Portable, OPERATIONS.iter().collect()),
        ["avx2"] => (Level::Avx2, OPERATIONS.iter().collect()),
        ["leak", name] => (Level::Portable, LEAKS.iter().filter(|leak| leak.name == name).collect()),
        _ => (Level::Portable, Vec::new()),
    };
    if operations.is_empty() {
        let leaks: Vec<&str> = LEAKS.iter().map(|leak| leak.name).collect();
        eprintln!("usage: valgrind constant-time [avx2 | leak {}]", leaks.join("|"));
        return ExitCode::from(2);
    }
    if !valgrind::is_present() {
        eprintln!("constant-time: shows nothing unless it runs under valgrind's memcheck, on x86-64");
        return ExitCode::from(2);
    }
    // Valgrind has AVX2, but no AVX-512, and says so to who asks the processor.
    limit(level);
    if level == Level::Avx2 && Avx2::detect().is_none() {
        println!("NOT RUN: this processor has no AVX2");
        return ExitCode::SUCCESS;
    }
    let mut is_clean = true;
    for Operation { name, run } in operations {
        let errors_before = valgrind::error_count();
        run();
        let errors = valgrind::error_count() - errors_before;
        is_clean &= errors == 0;
        println!("{name}: {}", if errors == 0 { "constant time" } else { "NOT constant time: see the reports above" });
    }
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
