//! Works on secrets that memcheck holds to be undefined, so that it reports each jump and each address that depends on one.
//!
//! `constant-time` runs all operations; `constant-time leak NAME` one that leaks on purpose, which memcheck must report. What
//! is made public stands beside each operation, and, where it happens in the middle of one, in `declassified.supp`.

mod leaks;
mod operations;

use std::env;
use std::process::ExitCode;

use keyward_goldilocks::vector::force_portable;
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
    let operations: Vec<&Operation> = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => OPERATIONS.iter().collect(),
        ["leak", name] => LEAKS.iter().filter(|leak| leak.name == name).collect(),
        _ => Vec::new(),
    };
    if operations.is_empty() {
        let leaks: Vec<&str> = LEAKS.iter().map(|leak| leak.name).collect();
        eprintln!("usage: valgrind constant-time [leak {}]", leaks.join("|"));
        return ExitCode::from(2);
    }
    if !valgrind::is_present() {
        eprintln!("constant-time: shows nothing unless it runs under valgrind's memcheck, on x86-64");
        return ExitCode::from(2);
    }
    // Valgrind has no AVX-512, and says so to who asks the processor; this is for one that will have it.
    force_portable(true);
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
