//! Does one operation many times, for a profiler: `run-operation ID COUNT`, and without arguments prints the ids.
//!
//! The operation's instructions are those inside [`measured`]; its inputs are made before.

use std::{env, process::ExitCode};

use keyward_benches::{Operation, official_signer, rows};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut operations = rows(official_signer()).into_iter().flat_map(|row| [Some(row.ours), row.peer]).flatten();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for operation in operations {
                println!("{} (x {})", operation.id(), operation.repeats());
            }
            ExitCode::SUCCESS
        }
        [id, count] => match (operations.find(|operation| operation.id() == id), count.parse()) {
            (Some(mut operation), Ok(count)) => {
                measured(&mut operation, count);
                ExitCode::SUCCESS
            }
            (None, _) => {
                eprintln!("run-operation: no operation {id}");
                ExitCode::from(2)
            }
            (_, Err(error)) => {
                eprintln!("run-operation: {count}: {error}");
                ExitCode::from(2)
            }
        },
        _ => {
            eprintln!("usage: run-operation [ID COUNT]");
            ExitCode::from(2)
        }
    }
}

/// A name for the profiler to collect under.
#[inline(never)]
fn measured(operation: &mut Operation, count: u32) {
    for _ in 0..count {
        operation.run();
    }
}
