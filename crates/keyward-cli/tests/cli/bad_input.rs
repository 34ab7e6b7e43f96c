//! Files that are broken, hostile or huge: one line naming file, entry and cause, nothing written,
//! in bounded time and memory.

use std::fs::File;

use serde_json::{Value, json};

use crate::workbench::{BINARY, FIRST_SLOT, PRIVATE_KEYS, SAMPLE_CONFIG, SAMPLE_TOKENS, Workbench};

/// Runs `keyward ARGUMENTS` with at most `mebibytes` of address space; it must refuse with exit code
/// 1 and one line that begins with `error: MESSAGE`.
#[track_caller]
fn is_refused_within(bench: &Workbench, mebibytes: u64, arguments: &str, message: &str) {
    let kibibytes = mebibytes * 1024;
    let script = format!("ulimit -v {kibibytes} && exec {BINARY} {arguments}");
    let output = bench.command("sh", &["-c", &script]).exits(1);
    assert!(output.stderr.starts_with(&format!("error: {message}")), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    assert_eq!(output.stdout, "");
}

#[track_caller]
fn config_is_refused(content: impl AsRef<[u8]>, message: &str) {
    let bench = Workbench::new();
    bench.write_private("config.json", content);
    is_refused_within(&bench, 128, "lighter generate", &format!("config.json: {message}"));
    is_refused_within(&bench, 128, "lighter generate --keep-going", &format!("config.json: {message}"));
    assert_eq!(bench.names(), ["config.json"]);
}

#[track_caller]
fn tokens_are_refused(content: impl AsRef<[u8]>, message: &str) {
    let bench = Workbench::new();
    bench.write_private("auth-tokens.json", content);
    let arguments = format!("lighter token 5 --now {FIRST_SLOT}");
    is_refused_within(&bench, 128, &arguments, &format!("auth-tokens.json: {message}"));
}

/// A JSON text with arrays inside one another.
fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// The sample config with `value` at `pointer`.
fn changed(pointer: &str, value: Value) -> String {
    let mut config: Value = serde_json::from_str(SAMPLE_CONFIG).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    config.pointer_mut(parent).unwrap()[name] = value;
    config.to_string()
}

#[test]
fn missing_file_is_named() {
    let bench = Workbench::new();
    let cause = "No such file or directory (os error 2)";
    bench.keyward("lighter generate none.json").refuses(&format!("none.json: {cause}"));
    bench.keyward("lighter token 5").refuses(&format!("auth-tokens.json: {cause}"));
    bench.keyward("lighter generate .").refuses(".: Is a directory (os error 21)");
}

#[test]
fn truncated_config_is_refused_wherever_it_ends() {
    for end in 0..SAMPLE_CONFIG.len() {
        let bench = Workbench::new();
        bench.write_private("config.json", &SAMPLE_CONFIG[..end]);
        bench.keyward("lighter generate").refuses("config.json: ends before the JSON is complete");
        assert_eq!(bench.names(), ["config.json"]);
    }
}

#[test]
fn truncated_tokens_are_refused_wherever_they_end() {
    let step = SAMPLE_TOKENS.len() / 200;
    for end in (0..SAMPLE_TOKENS.len()).step_by(step) {
        let bench = Workbench::new();
        bench.write_private("auth-tokens.json", &SAMPLE_TOKENS[..end]);
        let run = bench.keyward(&format!("lighter token 5 --now {FIRST_SLOT}"));
        run.refuses("auth-tokens.json: ends before the JSON is complete");
    }
}

#[test]
fn text_that_is_not_json_is_refused() {
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (content, message) in [
        (&b"\x00"[..], "not valid JSON at line 1 column "),
        (&binary, "not valid JSON at line 1 column "),
        (&[0xff, 0xfe], "not valid JSON at line 1 column "),
        (b"BASE_URL=https://testnet.zklighter.elliot.ai", "not valid JSON at line 1 column "),
        (b"{}{}", "not valid JSON at line 1 column 3"),
    ] {
        config_is_refused(content, message);
        tokens_are_refused(content, message);
    }
}

#[test]
fn deeply_nested_text_is_refused() {
    let deep = nested(1_000_000);
    config_is_refused(&deep, "must be an object");
    tokens_are_refused(&deep, "must be an object");
    for name in ["BASE_URL", "ACCOUNTS", "DURATION_IN_DAYS"] {
        let config = SAMPLE_CONFIG.replacen("{\n", &format!("{{ \"{name}\": {deep},\n"), 1);
        config_is_refused(config, name);
    }
    tokens_are_refused(format!("{{\"5\": {deep}}}"), "account 5: ");
    tokens_are_refused(format!("{{\"5\": {{\"{FIRST_SLOT}\": {deep}}}}}"), "account 5, slot 1795219200: ");
}

#[test]
fn wrong_type_is_refused_with_its_entry() {
    for value in ["null", "true", "1", "\"text\"", "[]"] {
        config_is_refused(value, "must be an object");
        tokens_are_refused(value, "must be an object of accounts");
    }
    config_is_refused("{}", "BASE_URL: is missing");
    config_is_refused("{\"BASE_URL\": \"u\"}", "ACCOUNTS: is missing");
    config_is_refused(changed("/BASE_URL", json!(7)), "BASE_URL: must be ");
    config_is_refused(changed("/BASE_URL", json!("")), "BASE_URL: must not be empty");
    config_is_refused(changed("/ACCOUNTS", json!({})), "ACCOUNTS: must be ");
    config_is_refused(changed("/ACCOUNTS", json!([])), "ACCOUNTS: must not be empty");
}

#[test]
fn bad_account_is_refused_with_its_entry() {
    let account_index = "must be a whole number from 0 to 281474976710654";
    let api_key_index = "must be a whole number from 0 to 254";
    let [key, _] = PRIVATE_KEYS;
    let order = "f".repeat(80);
    let length = "key text of the wrong length";
    let range = "private key out of range";
    for (name, value, cause) in [
        ("account_index", json!(-1), account_index),
        ("account_index", json!(2.5), account_index),
        ("account_index", json!(5.0), account_index),
        ("account_index", json!("5"), account_index),
        ("account_index", json!(null), account_index),
        ("account_index", json!(281_474_976_710_655_u64), account_index),
        ("account_index", json!(u64::MAX), account_index),
        ("api_key_index", json!(255), api_key_index),
        ("api_key_index", json!(-1), api_key_index),
        ("api_key_index", json!([253]), api_key_index),
        ("api_key_private_key", json!(7), "must be "),
        ("api_key_private_key", json!(""), length),
        ("api_key_private_key", json!(&key[1..]), length),
        ("api_key_private_key", json!(format!("{key}00")), length),
        ("api_key_private_key", json!(format!("{key}\n")), length),
        ("api_key_private_key", json!(order), range),
        ("api_key_private_key", json!("0".repeat(80)), range),
        ("api_key_private_key", json!(key.repeat(10_000)), length),
    ] {
        let bench = Workbench::new();
        bench.write_private("config.json", changed(&format!("/ACCOUNTS/1/{name}"), value));
        let message = format!("config.json: ACCOUNTS[1].{name}: {cause}");
        is_refused_within(&bench, 128, "lighter generate", &message);
        assert_eq!(bench.names(), ["config.json"]);
    }
    let bench = Workbench::new();
    bench.write_private("config.json", changed("/ACCOUNTS", json!([7])));
    is_refused_within(&bench, 128, "lighter generate", "config.json: ACCOUNTS[0]: must be ");
    bench.write_private("config.json", changed("/ACCOUNTS", json!([{ "account_index": 5, "api_key_index": 253 }])));
    bench.keyward("lighter generate").refuses("config.json: ACCOUNTS[0].api_key_private_key: is missing");
}

#[test]
fn bad_days_are_refused_in_every_source() {
    for (days, cause) in [
        ("0", "must be at least 1 day"),
        ("-1", "must be at least 1 day"),
        ("-100000000000000000000", "must be at least 1 day"),
        ("2.5", "must be a whole number of days"),
        ("1e3", "must be a whole number of days"),
        ("3651", "must be at most 3650 days"),
        ("100000000000000000000", "must be at most 3650 days"),
    ] {
        let bench = Workbench::new();
        let output = bench.keyward(&format!("lighter generate --days {days}")).exits(2);
        assert!(output.stderr.contains("--days") && output.stderr.contains(cause), "{}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1);
        let run = bench.keyward("lighter generate").env("NUM_DAYS", days).exits(1);
        assert!(run.stderr.starts_with(&format!("error: environment: NUM_DAYS: {cause}")), "{}", run.stderr);
        for name in ["DURATION_IN_DAYS", "NUM_DAYS"] {
            let config = SAMPLE_CONFIG.replacen("{\n", &format!("{{ \"{name}\": {days},\n"), 1);
            config_is_refused(config, &format!("{name}: {cause}"));
        }
        assert_eq!(bench.names(), ["config.json"]);
    }
    let bench = Workbench::new();
    bench.keyward("lighter generate --days 28d").rejects_usage("invalid value '28d' for '--days <N>'");
    bench
        .keyward("lighter generate")
        .env("NUM_DAYS", "soon")
        .refuses("environment: NUM_DAYS: must be a whole number of days");
    config_is_refused(changed("/DURATION_IN_DAYS", json!("28")), "DURATION_IN_DAYS: must be a whole number of days");
    config_is_refused(changed("/NUM_DAYS", json!(null)), "NUM_DAYS: must be a whole number of days");
}

#[test]
fn time_with_no_room_for_the_slots_is_refused() {
    let bench = Workbench::new();
    let run = bench.keyward("lighter generate --now 9223372036854775807 --days 2");
    run.refuses("--now: there is no time left for 2 days of slots");
    bench.keyward("lighter generate --now 9223372036854775808").rejects_usage("invalid value '9223372036854775808'");
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn bad_name_in_the_tokens_is_refused() {
    for (content, message) in [
        (r#"{"five": {}}"#, "account 1 of the file: its name is not "),
        (r#"{"5": {}, "05": {}}"#, "account 2 of the file: its name is not "),
        (r#"{"5": {}, "5": {}}"#, "account 5: "),
        (r#"{"5": []}"#, "account 5: "),
        (r#"{"5": {"now": "t"}}"#, "account 5, slot 1 of it: its name is not "),
        (r#"{"5": {"1795219200": 7}}"#, "account 5, slot 1795219200: "),
        (r#"{"5": {"1795219200": "a", "1795219200": "b"}}"#, "account 5, slot 1795219200: "),
        ("{}", "no accounts in the file"),
        (r#"{"5": {}}"#, "account 5: no tokens in the file"),
    ] {
        tokens_are_refused(content, message);
    }
}

#[test]
fn huge_file_is_refused_unread() {
    let bench = Workbench::new();
    // Holes: nothing of this is on the disk.
    for name in ["config.json", "auth-tokens.json"] {
        File::create(bench.path(name)).unwrap().set_len(1 << 40).unwrap();
    }
    let warned = bench.keyward("lighter generate").exits(1);
    let last = warned.stderr.lines().last().unwrap();
    assert_eq!(last, "error: config.json: longer than 16777216 bytes");
    let warned = bench.keyward("lighter token 5").exits(1);
    let last = warned.stderr.lines().last().unwrap();
    assert_eq!(last, "error: auth-tokens.json: longer than 536870912 bytes");
}

#[test]
fn endless_file_is_refused_at_the_limit() {
    let bench = Workbench::new();
    is_refused_within(&bench, 128, "lighter generate /dev/zero", "/dev/zero: longer than 16777216 bytes");
    is_refused_within(&bench, 128, "lighter public-key < /dev/zero", "standard input: longer than 1024 bytes");
}

#[test]
fn config_as_large_as_allowed_takes_little_memory() {
    let bench = Workbench::new();
    let filler = " ".repeat(16 * 1024 * 1024 - SAMPLE_CONFIG.len() - 1);
    bench.write_private("config.json", format!("{SAMPLE_CONFIG}{filler}x"));
    is_refused_within(&bench, 128, "lighter generate", "config.json: not valid JSON at line 15 column ");
}

#[test]
fn endless_line_takes_no_memory() {
    let bench = Workbench::new();
    let script = format!("ulimit -v 65536; head -c 200000000 /dev/zero | {BINARY} lighter inspect");
    bench.command("sh", &["-c", &script]).refuses("standard input: line 1: line is too long for a token");
}
