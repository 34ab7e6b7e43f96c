//! `inspect`: what tokens say.

use serde_json::{Value, json};

use crate::workbench::{FIRST_SLOT, Workbench, sample_token};

fn read_only() -> String {
    format!("ro:5:single:253402300800:{}", "ab".repeat(32))
}

#[test]
fn fields_are_shown_but_no_secret() {
    let bench = Workbench::new();
    let auth = sample_token(0, FIRST_SLOT);
    let output = bench
        .keyward(&format!("lighter inspect --now {FIRST_SLOT}"))
        .input(format!("{auth}\n{}\n", read_only()))
        .prints();
    assert_eq!(
        output,
        "\
kind:           auth token
account index:  5
API key index:  253
usable from:    1795219200 (2026-11-21T00:00:00Z)
usable until:   1795248000 (2026-11-21T08:00:00Z)
state:          usable

kind:           read-only token
account index:  5
sub-accounts:   single
usable until:   253402300800
state:          usable
"
    );
}

#[test]
fn json_has_one_object_per_token() {
    let bench = Workbench::new();
    bench.write("tokens.txt", format!("{}\n{}\n", sample_token(0, FIRST_SLOT), read_only()));
    let output = bench.keyward(&format!("lighter inspect --json --now {} tokens.txt", FIRST_SLOT - 1)).prints();
    let objects: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let auth = json!({
        "line": 1, "kind": "auth", "account_index": 5, "api_key_index": 253, "deadline": 1_795_248_000,
        "usable_from": { "unix": 1_795_219_200, "utc": "2026-11-21T00:00:00Z" },
        "usable_until": { "unix": 1_795_248_000, "utc": "2026-11-21T08:00:00Z" },
        "state": "not-yet",
    });
    let read_only = json!({
        "line": 2, "kind": "read-only", "account_index": 5, "sub_account_access": "single",
        "expiry": 253_402_300_800_u64,
        "usable_from": null,
        "usable_until": { "unix": 253_402_300_800_u64, "utc": null },
        "state": "usable",
    });
    assert_eq!(objects, [auth, read_only]);
}

#[test]
fn token_is_usable_until_the_second_before_its_deadline() {
    let bench = Workbench::new();
    let state = |now: u64| {
        let run = bench.keyward(&format!("lighter inspect --now {now}")).input(sample_token(0, FIRST_SLOT));
        run.prints().lines().last().unwrap().to_owned()
    };
    assert_eq!(state(FIRST_SLOT - 1), "state:          not usable yet");
    assert_eq!(state(FIRST_SLOT), "state:          usable");
    assert_eq!(state(FIRST_SLOT + 28_799), "state:          usable");
    assert_eq!(state(FIRST_SLOT + 28_800), "state:          expired");
}

#[test]
fn line_that_is_no_token_is_named() {
    let bench = Workbench::new();
    let output = bench.keyward("lighter inspect").input(format!("\n{}\nro:", sample_token(0, FIRST_SLOT))).exits(1);
    assert_eq!(output.stdout.lines().filter(|line| line.starts_with("kind:")).count(), 1);
    let expected = "error: standard input: line 1: auth token has no account index\n\
                    error: standard input: line 3: read-only token has no sub-account access\n";
    assert_eq!(output.stderr, expected);
    bench.keyward("lighter inspect").refuses("standard input: no tokens");
}
