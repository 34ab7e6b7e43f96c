//! How long it takes and how much memory.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::workbench::{BINARY, FIRST_SLOT, PRIVATE_KEYS, Workbench, python};

/// Runs a program and prints what it took: seconds of processor time, and the peak of its memory in
/// KiB.
const MEASURE: &str = "
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
";

#[test]
fn it_starts_within_10_milliseconds() {
    let start = || {
        let start = Instant::now();
        assert!(Command::new(BINARY).arg("--version").stdout(Stdio::null()).status().unwrap().success());
        start.elapsed()
    };
    // The best of many: other processes want the processor too.
    let best = (0..50).map(|_| start()).min().unwrap();
    assert!(best < Duration::from_millis(10), "{best:?}");
}

/// The promise is 0.2 seconds on 2 processors; how long that takes on a busy machine says nothing, so
/// it is the processor time that must fit in, and without the checks of a debug build.
#[test]
fn tokens_of_28_days_for_100_accounts_fit_in_two_times_0_2_seconds_and_20_mebibytes() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let account = |index: u64| json!({ "api_key_private_key": PRIVATE_KEYS[(index % 2) as usize], "account_index": index, "api_key_index": 253 });
    let accounts: Vec<Value> = (0..100).map(account).collect();
    bench.write_private("config.json", json!({ "BASE_URL": "u", "ACCOUNTS": accounts }).to_string());
    let measure = || {
        let now = FIRST_SLOT.to_string();
        let arguments = ["-c", MEASURE, BINARY, "lighter", "generate", "--days", "28", "--now", &now];
        let printed = bench.command(&python, &arguments).prints();
        let (seconds, kibibytes) = printed.trim_end().split_once(' ').unwrap();
        (seconds.parse::<f64>().unwrap(), kibibytes.parse::<u64>().unwrap())
    };
    let runs: Vec<_> = (0..3).map(|_| measure()).collect();
    assert_eq!(bench.read("auth-tokens.json").matches(":253:").count(), 100 * 28 * 4);
    let seconds = runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min);
    let kibibytes = runs.iter().map(|run| run.1).max().unwrap();
    println!("{seconds} s of processor time, {kibibytes} KiB");
    assert!(kibibytes < 20 * 1024, "{kibibytes} KiB");
    assert!(cfg!(debug_assertions) || seconds < 0.4, "{seconds} s");
}
