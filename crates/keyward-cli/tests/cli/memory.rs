//! How much memory it takes.

use std::io::{self, Write};
use std::time::Duration;
use std::{fs, thread};

use rustix::fs::{OFlags, fcntl_setfl};
use serde_json::{Value, json};

use crate::workbench::{BINARY, FIRST_SLOT, PRIVATE_KEYS, Workbench};

const MEBIBYTE: u64 = 1 << 20;

#[test]
fn tokens_are_not_kept_in_memory() {
    let (few, file) = generate(100, 28);
    assert!(file > 2 * MEBIBYTE, "{file} bytes");
    assert!(few < 20 * MEBIBYTE, "{few} bytes");
    let (many, file) = generate(200, 365);
    assert!(file > 50 * MEBIBYTE, "{file} bytes");
    assert!(many < few + 4 * MEBIBYTE, "{many} bytes, and {few} for a few");
}

/// Makes tokens for so many accounts and days: the peak of the memory for that, and the size of the file, in bytes.
fn generate(accounts: u64, days: u64) -> (u64, u64) {
    let bench = Workbench::new();
    let account = |index: u64| json!({ "api_key_private_key": PRIVATE_KEYS[(index % 2) as usize], "account_index": index, "api_key_index": 253 });
    let accounts: Vec<Value> = (0..accounts).map(account).collect();
    bench.write_private("config.json", json!({ "BASE_URL": "u", "ACCOUNTS": accounts }).to_string());

    // With its file in place it has something to say, and waits for room to say it: the kernel forgets the peak of what has ended.
    let (_reader, mut full) = io::pipe().unwrap();
    fcntl_setfl(&full, OFlags::NONBLOCK).unwrap();
    while full.write(b".").is_ok_and(|written| written > 0) {}
    fcntl_setfl(&full, OFlags::empty()).unwrap();
    let (days, now) = (days.to_string(), FIRST_SLOT.to_string());
    let arguments = ["lighter", "generate", "--days", &days, "--now", &now, "--jobs", "2"];
    let mut child = bench.command(BINARY, &arguments).command.stderr(full).spawn().unwrap();
    let file = bench.path("auth-tokens.json");
    while !file.exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        thread::sleep(Duration::from_millis(5));
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix(" kB")).unwrap();
    (peak.trim().parse::<u64>().unwrap() * 1024, file.metadata().unwrap().len())
}
