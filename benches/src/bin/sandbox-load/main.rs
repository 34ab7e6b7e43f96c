//! Prints how many gated reads a second the sandbox serves, beside an empty handler on the same HTTP stack in the same run.
//!
//! A read shows one of 2,000 tokens of 100 keys, whose signature the sandbox checks each time. Servers and the load come from
//! processes of their own and share this machine's cores.

mod client;
mod measure;
mod reads;
mod servers;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, thread};

use client::Expected;
use keyward_benches::machine;
use measure::{CONNECTIONS, Contender, Figures, Plan};
use reads::{KEYS, Reads, TOKENS};
use servers::Server;
use tokio::runtime;

/// Reads a second that the sandbox has to serve.
const TARGET: f64 = 10_000.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => on_one_thread(compare(Plan::FULL)),
        ["--once"] => on_one_thread(compare(Plan::ONCE)),
        ["serve", "sandbox"] => on_all_cores(servers::serve_sandbox()),
        ["serve", "empty"] => on_all_cores(servers::serve_empty()),
        _ => {
            eprintln!("usage: sandbox-load [--once: no figures, only whether it works]");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox-load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The load: it is not to take more than one core from the server.
fn on_one_thread(task: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(task)
}

fn on_all_cores(task: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    runtime::Builder::new_multi_thread().enable_all().build()?.block_on(task)
}

/// Measures both servers in turn and prints the table.
async fn compare(plan: Plan) -> io::Result<()> {
    let reads = Reads::new()?;
    let sandbox = Server::start(&["serve", "sandbox"], &reads.seed)?;
    let empty = Server::start(&["serve", "empty"], "")?;
    // That the sandbox answers is worth little unless it checks: with a digit of the signature changed it must refuse.
    let refused = Expected { status: 401, body: r#"{"code":20013,"message":"invalid auth: invalid signature"}"# };
    client::ask_each(sandbox.address(), reads.forged(), refused).await?;

    let contenders = [
        Contender {
            name: "gated read from the sandbox",
            server: sandbox,
            questions: reads.questions.into(),
            expected: Expected { status: 200, body: r#"{"code":200,"# },
        },
        Contender {
            name: "empty handler",
            server: empty,
            questions: [reads::EMPTY.to_vec()].into(),
            expected: Expected { status: 200, body: "" },
        },
    ];
    let figures = measure::in_turn(&contenders, plan).await?;
    print_table(&contenders, &figures, plan)
}

fn print_table(contenders: &[Contender; 2], figures: &[Figures], plan: Plan) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| server | reads a second: median (least to most) | p50 | p99 | processor time a read | target | met |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for (index, (contender, figures)) in contenders.iter().zip(figures).enumerate() {
        let least = figures.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = figures.rates.iter().copied().fold(0.0, f64::max);
        let (target, met) = match index {
            0 => (format!("≥ {TARGET}"), if figures.median_rate() >= TARGET { "yes" } else { "no" }),
            _ => (String::new(), ""),
        };
        writeln!(
            out,
            "| {} | {:.0} ({least:.0} to {most:.0}) | {} | {} | {} | {target} | {met} |",
            contender.name,
            figures.median_rate(),
            milliseconds(figures.percentile(50)),
            milliseconds(figures.percentile(99)),
            figures.processor_time.map_or("–".to_owned(), |time| format!("{:.0} µs", time.as_secs_f64() * 1e6)),
        )?;
    }
    let share = figures[0].median_rate() / figures[1].median_rate();
    writeln!(out, "\n{:.0} % of the empty handler's rate.", share * 100.0)?;
    writeln!(out, "{}", machine::description())?;
    let cores = thread::available_parallelism()?;
    writeln!(
        out,
        "{TOKENS} tokens of {KEYS} keys, each signature checked on each read; {CONNECTIONS} connections; {} rounds of {:?}, \
         one server after the other; server and load share {cores} cores.",
        plan.rounds, plan.turn,
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
