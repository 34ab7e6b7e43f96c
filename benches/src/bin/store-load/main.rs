//! Prints what stores do: verifications that ask them, charges on an account that everybody uses, links that are consumed; beside
//! what the disk does if each write is synced for itself.
//!
//! Measured are a store in memory, one in a file below the folder for temporary files, and those whose URLs are in the environment:
//! `KEYWARD_TEST_POSTGRES_URL`, `KEYWARD_TEST_REDIS_URL`, `KEYWARD_TEST_REDIS_CLUSTER_URL`, and `KEYWARD_BENCH_STORE` for any
//! other. They come from the environment as they may hold passwords.

mod disk;
mod measure;
mod subject;
mod work;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, thread};

use keyward_benches::machine;
use keyward_store::{BoxError, OpenError};
use measure::{Contender, Figures, Plan};
use subject::Subject;
use tokio::runtime;
use work::Work;

/// Where URLs are looked for.
const VARIABLES: [&str; 4] =
    ["KEYWARD_TEST_POSTGRES_URL", "KEYWARD_TEST_REDIS_URL", "KEYWARD_TEST_REDIS_CLUSTER_URL", "KEYWARD_BENCH_STORE"];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let plan = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Plan::FULL,
        ["--once"] => Plan::ONCE,
        _ => {
            eprintln!("usage: store-load [--once: no figures, only whether it works]");
            return ExitCode::from(2);
        }
    };
    let outcome = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(BoxError::from)
        .and_then(|runtime| runtime.block_on(compare(plan)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            eprintln!("store-load: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(plan: Plan) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let subjects = subjects(&format!("redb:{}", folder.path().join("bench.redb").display()), plan).await?;
    let mut contenders = vec![Contender::Disk(disk::Log::new(folder.path())?)];
    for subject in &subjects {
        let works = Work::ALL.into_iter().filter(|work| subject.does(*work));
        contenders.extend(works.map(|work| Contender::Store { subject: subject.clone(), work }));
    }
    let figures = measure::in_turn(&contenders, plan).await?;
    for subject in &subjects {
        subject.check_books().await?;
    }
    print_table(&contenders, &figures, plan)?;
    Ok(())
}

/// The stores, with what is to be found in them.
async fn subjects(file: &str, plan: Plan) -> Result<Vec<Arc<Subject>>, BoxError> {
    let named = VARIABLES.into_iter().filter_map(|name| env::var(name).ok());
    let mut subjects = Vec::new();
    for url in ["memory:".to_owned(), file.to_owned()].into_iter().chain(named) {
        match keyward_stores::open(&url).await {
            Ok(store) => {
                let name = url.split(':').next().unwrap_or_default();
                subjects.push(Arc::new(Subject::new(name, store, plan).await?));
            }
            Err(OpenError::UnknownScheme(scheme)) => eprintln!("NOT RUN: no store for `{scheme}:` was compiled in"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(subjects)
}

fn print_table(contenders: &[Contender], figures: &[Figures], plan: Plan) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let one_sync_each = figures[0].median_rate();
    writeln!(
        out,
        "| store | what | tasks | a second: median (least to most) | p50 | p99 | to one fsync each | to one charge after the other | target | met |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
    let mut one_after_the_other = 0.0;
    for (contender, figures) in contenders.iter().zip(figures) {
        let (least, most) = figures.range();
        let rate = figures.median_rate();
        if contender.does(Work::ChargeAlone) {
            one_after_the_other = rate;
        }
        let times = |applies: bool, base: f64| if applies { format!("{:.1}x", rate / base) } else { String::new() };
        let beside_fsync = times(contender.is_durable_write(), one_sync_each);
        let is_hot = contender.does(Work::ChargeHot);
        let beside_one = times(is_hot || contender.does(Work::ChargeApart), one_after_the_other);
        let (target, met) = match is_hot && contender.has_to_share_commits() {
            true => ("> 1x", if rate > one_after_the_other { "yes" } else { "no" }),
            false => ("", ""),
        };
        writeln!(
            out,
            "| {} | {} | {} | {:.0} ({least:.0} to {most:.0}) | {} | {} | {beside_fsync} | {beside_one} | {target} | {met} |",
            contender.name(),
            contender.what(),
            contender.tasks(),
            rate,
            time_text(figures.within(0.5)),
            time_text(figures.within(0.99)),
        )?;
    }
    writeln!(out, "\n{}", machine::description())?;
    writeln!(
        out,
        "{} rounds of {:?} for each row, one row after the other, links {} at a time; {} keys in each store; servers, where there are \
         any, and load share {} cores and one disk. Each charge is of 1 msat, and the books were checked at the end.",
        plan.rounds,
        plan.turn,
        plan.links,
        plan.keys,
        thread::available_parallelism()?,
    )
}

/// In the unit that suits it.
fn time_text(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{:.1} µs", time.as_secs_f64() * 1e6)
    } else {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    }
}
