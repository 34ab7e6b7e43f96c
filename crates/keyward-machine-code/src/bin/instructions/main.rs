//! Does each operation under callgrind, which counts its instructions and writes them to a file of its own.
//!
//! Inputs and randomness are the same in each run, and so are the counts, whatever else the machine does.

mod operations;

use std::process::ExitCode;

use keyward_goldilocks::vector::{Level, limit};
use keyward_machine_code::valgrind;
use operations::operations;

fn main() -> ExitCode {
    if !valgrind::is_present() {
        eprintln!("instructions: counts nothing unless it runs under callgrind, on x86-64");
        return ExitCode::from(2);
    }
    limit(Level::Portable);
    for mut operation in operations() {
        // What is only done once in the life of a program, such as asking what the processor can do.
        (operation.run)();
        valgrind::count(operation.name, || (0..operation.repeats).for_each(|_| (operation.run)()));
        println!("{} {}", operation.repeats, operation.name.to_string_lossy());
    }
    ExitCode::SUCCESS
}
