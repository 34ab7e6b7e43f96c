//! `verify`: one verdict for each line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::workbench::{ACCOUNTS, BINARY, FIRST_SLOT, PUBLIC_KEYS, SAMPLE_TOKENS, Workbench, sample_token};

const KEY: &str = PUBLIC_KEYS[0];

#[test]
fn every_token_of_the_official_signer_is_valid() {
    let bench = Workbench::new();
    let tokens: Value = serde_json::from_str(SAMPLE_TOKENS).unwrap();
    for (account, key) in ACCOUNTS.iter().zip(PUBLIC_KEYS) {
        let slots = tokens[account].as_object().unwrap().values();
        let lines: Vec<_> = slots.map(|token| token.as_str().unwrap()).collect();
        assert_eq!(lines.len(), 112);
        bench.write("tokens.txt", lines.join("\n"));
        let verdicts = bench.keyward(&format!("lighter verify --any-time --public-key {key} tokens.txt")).prints();
        assert_eq!(verdicts, "valid\n".repeat(112));
    }
}

#[test]
fn each_line_has_its_verdict_and_one_bad_line_the_exit_code() {
    let bench = Workbench::new();
    let good = sample_token(0, FIRST_SLOT);
    let late = sample_token(0, FIRST_SLOT + 2 * 21_600);
    let foreign = sample_token(1, FIRST_SLOT);
    let edited = good.replacen("1795248000", "1795247999", 1);
    let read_only = format!("ro:5:all:1795248000:{}", "ab".repeat(32));
    let lines = [&good, &late, &foreign, &edited, &read_only, "", "abc", &"x".repeat(100_000), &good];
    let verdicts = bench
        .keyward(&format!("lighter verify --public-key {KEY} --now {FIRST_SLOT} -"))
        .input(lines.join("\r\n"))
        .exits(1);
    let expected = [
        "valid",
        "not usable before 1795262400",
        "invalid signature",
        "invalid signature",
        "read-only token carries no signature",
        "auth token has no account index",
        "auth token has no account index",
        "line is too long for a token",
        "valid",
    ];
    assert_eq!(verdicts.stdout.lines().collect::<Vec<_>>(), expected);
    assert_eq!(verdicts.stderr, "");
}

#[test]
fn json_has_one_object_per_line_and_no_signature() {
    let bench = Workbench::new();
    let good = sample_token(0, FIRST_SLOT);
    let output = bench
        .keyward(&format!("lighter verify --json --public-key {KEY} --now {}", FIRST_SLOT + 28_800))
        .input(format!("{good}\nrubbish\n"))
        .exits(1);
    let objects: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expired = json!({
        "line": 1, "valid": false, "reason": "expired at 1795248000",
        "account_index": 5, "api_key_index": 253, "deadline": 1_795_248_000,
    });
    let unread = json!({
        "line": 2, "valid": false, "reason": "auth token has no account index",
        "account_index": null, "api_key_index": null, "deadline": null,
    });
    assert_eq!(objects, [expired, unread]);
    let output = bench.keyward(&format!("lighter verify --json --any-time --public-key {KEY}")).input(good).prints();
    assert_eq!(
        output,
        "{\"line\":1,\"valid\":true,\"reason\":null,\"account_index\":5,\"api_key_index\":253,\"deadline\":1795248000}\n"
    );
}

#[test]
fn no_token_at_all_is_an_error() {
    let bench = Workbench::new();
    bench.keyward(&format!("lighter verify --public-key {KEY}")).refuses("standard input: no tokens");
    bench.write("empty.txt", "");
    bench.keyward(&format!("lighter verify --public-key {KEY} empty.txt")).refuses("empty.txt: no tokens");
}

#[test]
fn file_that_cannot_be_read_is_an_error() {
    let bench = Workbench::new();
    bench
        .keyward(&format!("lighter verify --public-key {KEY} none.txt"))
        .refuses("none.txt: No such file or directory (os error 2)");
    bench.keyward(&format!("lighter verify --public-key {KEY} .")).refuses(".: Is a directory (os error 21)");
}

#[test]
fn verdict_does_not_wait_for_the_next_line() {
    let mut child = Command::new(BINARY)
        .args(["lighter", "verify", "--any-time", "--public-key", KEY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut verdicts = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in [sample_token(0, FIRST_SLOT), "rubbish".to_owned(), sample_token(0, FIRST_SLOT)] {
        let expected = if line == "rubbish" { "auth token has no account index" } else { "valid" };
        writeln!(input, "{line}").unwrap();
        assert_eq!(verdicts.next().unwrap().unwrap(), expected);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
