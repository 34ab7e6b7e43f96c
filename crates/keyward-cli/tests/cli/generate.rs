//! `generate`: what it writes for good input, and which of its sources decide.

use serde_json::{Value, json};

use crate::workbench::mask_signatures;
use crate::workbench::{ACCOUNTS, FIRST_SLOT, PRIVATE_KEYS, PUBLIC_KEYS, SAMPLE_CONFIG, SAMPLE_TOKENS, Workbench};

fn account(private_key: &str, account_index: u64) -> Value {
    json!({ "api_key_private_key": private_key, "account_index": account_index, "api_key_index": 253 })
}

fn config(accounts: &[Value]) -> Value {
    json!({ "BASE_URL": "https://testnet.zklighter.elliot.ai", "ACCOUNTS": accounts })
}

/// The tokens file: accounts in their order, and how many tokens each has.
fn counts(tokens: &str) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for line in tokens.lines() {
        if let Some(rest) = line.strip_prefix("    \"") {
            assert!(rest.contains("\": \""), "{line}");
            counts.last_mut().unwrap().1 += 1;
        } else if let Some(name) = line.strip_prefix("  \"") {
            counts.push((name.split('"').next().unwrap().to_owned(), 0));
        }
    }
    counts
}

#[test]
fn file_is_that_of_the_official_script_but_for_the_signatures() {
    let bench = Workbench::new();
    let output = bench.keyward(&format!("lighter generate --now {FIRST_SLOT}")).exits(0);
    let written = bench.read("auth-tokens.json");
    let masked = mask_signatures(&written);
    assert_eq!(masked.matches("SIGNATURE").count(), 2 * 28 * 4);
    assert_eq!(masked, mask_signatures(SAMPLE_TOKENS));
    assert_ne!(written, SAMPLE_TOKENS);
    assert_eq!(output.stdout, "");
    let summary = "auth-tokens.json: 2 accounts, 224 tokens, slots 1795219200 (2026-11-21T00:00:00Z) to 1797616800 \
                   (2026-12-18T18:00:00Z), ";
    assert!(output.stderr.starts_with(summary), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1);
}

#[test]
fn every_token_is_valid_in_its_slot() {
    let bench = Workbench::new();
    bench.keyward(&format!("lighter generate --days 3 --now {}", FIRST_SLOT + 21_599)).exits(0);
    let tokens: Value = serde_json::from_str(&bench.read("auth-tokens.json")).unwrap();
    for (account, public_key) in ACCOUNTS.iter().zip(PUBLIC_KEYS) {
        let slots = tokens[account].as_object().unwrap();
        assert_eq!(slots.len(), 12);
        for (index, (slot, token)) in slots.iter().enumerate() {
            let start = FIRST_SLOT + 21_600 * index as u64;
            assert_eq!(slot, &start.to_string());
            let token = token.as_str().unwrap();
            for now in [start, start + 21_599, start + 28_799] {
                let verify = bench.keyward(&format!("lighter verify --public-key {public_key} --now {now}"));
                assert_eq!(verify.input(token).prints(), "valid\n");
            }
        }
    }
}

#[test]
fn system_clock_is_the_default() {
    let bench = Workbench::new();
    bench.keyward("lighter generate --days 1").exits(0);
    bench.keyward("lighter token 5").prints();
}

#[test]
fn number_of_threads_does_not_show() {
    let bench = Workbench::new();
    let mut files = Vec::new();
    for jobs in ["1", "2", "7", "256", "18446744073709551615"] {
        bench.keyward(&format!("lighter generate --days 5 --now {FIRST_SLOT} --jobs {jobs}")).exits(0);
        files.push(mask_signatures(&bench.read("auth-tokens.json")));
    }
    files.dedup();
    assert_eq!(files.len(), 1);
}

#[test]
fn accounts_0_to_2_to_the_48_minus_2_are_taken() {
    let bench = Workbench::new();
    let [first, second] = PRIVATE_KEYS;
    bench.write_private("config.json", config(&[account(first, 0), account(second, (1 << 48) - 2)]).to_string());
    bench.keyward("lighter generate --days 1").exits(0);
    let tokens = bench.read("auth-tokens.json");
    assert_eq!(counts(&tokens), [("0".to_owned(), 4), ("281474976710654".to_owned(), 4)]);
    bench.keyward("lighter token 0").prints();
}

#[test]
fn account_given_twice_has_its_last_key_at_its_first_place() {
    let bench = Workbench::new();
    let [first, second] = PRIVATE_KEYS;
    let accounts = [account(first, 7), account(second, 8), account(second, 7)];
    bench.write_private("config.json", config(&accounts).to_string());
    bench.keyward(&format!("lighter generate --days 1 --now {FIRST_SLOT}")).exits(0);
    let tokens = bench.read("auth-tokens.json");
    assert_eq!(counts(&tokens), [("7".to_owned(), 4), ("8".to_owned(), 4)]);
    let token = format!("lighter token 7 --now {FIRST_SLOT} --public-key {}", PUBLIC_KEYS[1]);
    bench.keyward(&token).prints();
}

#[test]
fn first_source_of_days_decides() {
    let bench = Workbench::new();
    let days = |arguments: &str, variable: Option<&str>, entries: &[(&str, u64)]| {
        let mut config: Value = serde_json::from_str(SAMPLE_CONFIG).unwrap();
        for &(name, days) in entries {
            config[name] = days.into();
        }
        bench.write_private("config.json", config.to_string());
        let mut run = bench.keyward(&format!("lighter generate {arguments}"));
        if let Some(variable) = variable {
            run = run.env("NUM_DAYS", variable);
        }
        run.exits(0);
        let [(_, first), (_, second)] = counts(&bench.read("auth-tokens.json"))[..] else { panic!() };
        assert_eq!(first, second);
        first / 4
    };
    let both = [("DURATION_IN_DAYS", 3), ("NUM_DAYS", 5)];
    assert_eq!(days("--days 2", Some("4"), &both), 2);
    assert_eq!(days("", Some("4"), &both), 3);
    assert_eq!(days("", Some("4"), &both[1..]), 4);
    assert_eq!(days("", Some(""), &both[1..]), 5);
    assert_eq!(days("", None, &both[1..]), 5);
    assert_eq!(days("", Some(""), &[]), 28);
    assert_eq!(days("", None, &[]), 28);
}

#[test]
fn bad_days_are_an_error_even_where_they_do_not_decide() {
    let bench = Workbench::new();
    bench
        .keyward("lighter generate --days 1")
        .env("NUM_DAYS", "2.5")
        .refuses("environment: NUM_DAYS: must be a whole number of days");
    bench
        .keyward("lighter generate --days 1")
        .env("NUM_DAYS", "0")
        .refuses("environment: NUM_DAYS: must be at least 1 day, or --allow-empty be given");
    for (entry, cause) in [
        ("\"DURATION_IN_DAYS\": 2.5", "DURATION_IN_DAYS: must be a whole number of days"),
        ("\"DURATION_IN_DAYS\": 0", "DURATION_IN_DAYS: must be at least 1 day, or --allow-empty be given"),
        ("\"DURATION_IN_DAYS\": 7, \"NUM_DAYS\": 1e3", "NUM_DAYS: must be a whole number of days"),
        ("\"DURATION_IN_DAYS\": 7, \"NUM_DAYS\": -1", "NUM_DAYS: must be at least 1 day, or --allow-empty be given"),
    ] {
        bench.write_private("config.json", SAMPLE_CONFIG.replacen("{\n", &format!("{{ {entry},\n"), 1));
        for arguments in ["", "--days 1"] {
            let run = bench.keyward(&format!("lighter generate {arguments}")).env("NUM_DAYS", "7");
            run.refuses(&format!("config.json: {cause}"));
        }
    }
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn no_days_give_empty_accounts_if_allowed() {
    let bench = Workbench::new();
    let empty = "{\n  \"5\": {},\n  \"281474976710600\": {}\n}";
    for days in ["0", "-1", "-100000000000000000000"] {
        let output = bench.keyward(&format!("lighter generate --allow-empty --days {days}")).exits(0);
        assert_eq!(bench.read("auth-tokens.json"), empty);
        assert!(output.stderr.contains("2 accounts, 0 tokens, no slots"), "{}", output.stderr);
    }
    bench.keyward("lighter generate --allow-empty --days 1").exits(0);
    bench.keyward("lighter generate --allow-empty").env("NUM_DAYS", "-3").exits(0);
    assert_eq!(bench.read("auth-tokens.json"), empty);
    for entry in ["\"DURATION_IN_DAYS\": 0", "\"DURATION_IN_DAYS\": -100000000000000000000", "\"NUM_DAYS\": -1"] {
        bench.write_private("config.json", SAMPLE_CONFIG.replacen("{\n", &format!("{{ {entry},\n"), 1));
        bench.keyward("lighter generate --days 1").env("NUM_DAYS", "").exits(1);
        bench.keyward("lighter generate --allow-empty").exits(0);
        assert_eq!(bench.read("auth-tokens.json"), empty);
    }
}

/// What `token` would refuse to read is not written.
#[test]
fn more_tokens_than_a_file_may_have_are_refused() {
    let bench = Workbench::new();
    let accounts: Vec<_> = (0..137).map(|index| account(PRIVATE_KEYS[0], index)).collect();
    bench.write_private("config.json", config(&accounts).to_string());
    let run = bench.keyward("lighter generate --days 3650");
    run.refuses("auth-tokens.json: 2000200 tokens are more than a file may have, which is 2000000");
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn one_bad_account_spoils_all_unless_kept_going() {
    let bench = Workbench::new();
    let [first, second] = PRIVATE_KEYS;
    let accounts = [account("0xnot a key", 3), account(first, 5), account(second, 1 << 48), account(second, 6)];
    bench.write_private("config.json", config(&accounts).to_string());
    bench.write_private("auth-tokens.json", "old");
    let output = bench.keyward("lighter generate --days 1").exits(1);
    assert!(output.stderr.starts_with("error: config.json: ACCOUNTS[0].api_key_private_key: "), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    assert_eq!(bench.read("auth-tokens.json"), "old");

    let output = bench.keyward("lighter generate --days 1 --keep-going").exits(1);
    let lines: Vec<_> = output.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("error: config.json: ACCOUNTS[0].api_key_private_key: "), "{lines:?}");
    assert!(lines[1].starts_with("error: config.json: ACCOUNTS[2].account_index: "), "{lines:?}");
    assert!(lines[2].starts_with("auth-tokens.json: 2 accounts, 8 tokens, "), "{lines:?}");
    assert_eq!(counts(&bench.read("auth-tokens.json")), [("5".to_owned(), 4), ("6".to_owned(), 4)]);
}

#[test]
fn nothing_is_written_if_no_account_is_good() {
    let bench = Workbench::new();
    bench.write_private("config.json", config(&[account("00", 3)]).to_string());
    let output = bench.keyward("lighter generate --days 1 --keep-going").exits(1);
    let last = output.stderr.lines().last().unwrap();
    assert_eq!(last, "error: config.json: no account is left, nothing is written");
    assert_eq!(bench.names(), ["config.json"]);
}
