//! Where and how figures came about.

use std::{fs, thread};

use time::OffsetDateTime;

/// The processor, the load, the date, the compiler and its settings, in one paragraph.
#[must_use]
pub fn description() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let flags = match env!("BENCH_RUSTFLAGS") {
        "" => "none",
        flags => flags,
    };
    format!(
        "{}, {cores} core{}, load {}; {}; {}, {}, opt-level {}, target features {}, RUSTFLAGS: {flags}.",
        processor().as_deref().unwrap_or("unknown processor"),
        if cores == 1 { "" } else { "s" },
        load().as_deref().unwrap_or("unknown"),
        OffsetDateTime::now_utc().date(),
        env!("BENCH_RUSTC"),
        env!("BENCH_TARGET"),
        env!("BENCH_OPT_LEVEL"),
        env!("BENCH_TARGET_FEATURES"),
    )
}

/// The processor's name as Linux tells it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The mean number of running tasks over the last minute: well above one means a noisy run.
fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}
