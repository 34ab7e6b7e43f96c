//! The `keyward` binary: tokens and keys on the command line.
//!
//! Results go to standard output, everything else to standard error; exit code 0 is done, 1 refused
//! or failed, 2 wrong usage.

#![forbid(unsafe_code)]

mod failure;
mod input;
mod lighter;
mod output;
mod runtime;
mod secret_file;
mod utc;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::failure::Failure;

/// Auth tokens and API keys: made, checked and looked up, on this machine alone.
#[derive(Debug, Parser)]
#[command(
    name = "keyward",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "Results go to standard output, messages to standard error.\n\
                  Exit code: 0 done, 1 refused or failed, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    group: Group,
}

#[derive(Debug, Subcommand)]
enum Group {
    Lighter(lighter::Lighter),
}

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(Cli { group: Group::Lighter(lighter) }) => lighter.run(),
        Err(answer) => no_command(&answer),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// The command line asks for help or the version, or cannot be understood.
fn no_command(answer: &clap::Error) -> Result<(), Failure> {
    match answer.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => answer.print().map_err(Failure::of_stdout),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // There is no place left to complain to if standard error is closed.
            let _ = answer.print();
            Err(Failure::SilentUsage)
        }
        _ => Err(Failure::Usage(first_paragraph(&answer.render().to_string()))),
    }
}

/// What is wrong, without the usage and hints that clap adds below, on one line.
fn first_paragraph(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let lines = message.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
