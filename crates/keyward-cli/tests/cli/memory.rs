//! How much memory it takes.

use serde_json::{Value, json};

use crate::workbench::{BINARY, FIRST_SLOT, PRIVATE_KEYS, Workbench, python};

/// Runs a program and prints the peak of its memory in KiB.
const MEASURE: &str = "
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
";

#[test]
fn tokens_of_28_days_for_100_accounts_take_less_than_20_mebibytes() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let account = |index: u64| json!({ "api_key_private_key": PRIVATE_KEYS[(index % 2) as usize], "account_index": index, "api_key_index": 253 });
    let accounts: Vec<Value> = (0..100).map(account).collect();
    bench.write_private("config.json", json!({ "BASE_URL": "u", "ACCOUNTS": accounts }).to_string());
    let now = FIRST_SLOT.to_string();
    let arguments = ["-c", MEASURE, BINARY, "lighter", "generate", "--days", "28", "--now", &now];
    let kibibytes: u64 = bench.command(&python, &arguments).prints().trim_end().parse().unwrap();
    assert_eq!(bench.read("auth-tokens.json").matches(":253:").count(), 100 * 28 * 4);
    assert!(kibibytes < 20 * 1024, "{kibibytes} KiB");
}
