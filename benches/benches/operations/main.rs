//! Every row's operation and its peer's under criterion, all on one core, and then the ratios:
//! `cargo bench -p keyward-benches -- FILTER`.

mod ratios;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::SystemTime;
use std::{env, io};

use criterion::{Criterion, Throughput};
use keyward_benches::{Row, official_signer, rows};

fn main() -> io::Result<()> {
    let pinned = pin_to_one_core();
    // After pinning: the official signer counts the cores when it is loaded.
    let mut rows = rows(official_signer());
    let home = criterion_home()?;
    let start = SystemTime::now();
    let mut criterion = Criterion::default().output_directory(&home).configure_from_args();
    measure(&mut criterion, &mut rows);
    criterion.final_summary();
    ratios::print_table(&rows, &home, start, pinned, &mut io::stdout().lock())
}

fn measure(criterion: &mut Criterion, rows: &mut [Row]) {
    // A peer's operation may stand beside several of ours.
    let mut seen = HashSet::new();
    for operation in rows.iter_mut().flat_map(|row| [Some(&mut row.ours), row.peer.as_mut()]).flatten() {
        if !seen.insert(operation.id()) {
            continue;
        }
        let (implementation, name) = operation.id().split_once('/').expect("an id is `crate/operation`");
        let mut group = criterion.benchmark_group(implementation);
        if operation.repeats() > 1 {
            group.throughput(Throughput::Elements(operation.repeats().into()));
        }
        group.bench_function(name, |bencher| bencher.iter(|| operation.run()));
        group.finish();
    }
}

/// Keeps this process, with all threads that it starts, on one core: a peer's garbage collector must not work beside it. Whether
/// the system could do that.
fn pin_to_one_core() -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

        let last =
            sched_getaffinity(None).ok().and_then(|cores| (0..CpuSet::MAX_CPU).rev().find(|&core| cores.is_set(core)));
        last.is_some_and(|core| {
            let mut one = CpuSet::new();
            one.set(core);
            sched_setaffinity(None, &one).is_ok()
        })
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Where criterion keeps its results: its own rule, written down so that both sides of this program agree.
fn criterion_home() -> io::Result<PathBuf> {
    if let Some(home) = env::var_os("CRITERION_HOME") {
        return Ok(home.into());
    }
    let program = env::current_exe()?;
    // TARGET/release/deps/PROGRAM
    let target =
        program.ancestors().nth(3).ok_or_else(|| io::Error::other("this program is in no target directory"))?;
    Ok(target.join("criterion"))
}
