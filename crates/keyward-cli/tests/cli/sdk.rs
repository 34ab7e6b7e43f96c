//! The official Python SDK and the binary at one venue: each goes on from the files of the other.

use std::env;

use crate::venue::{MAIN, OWNER_KEY, SUB, Venue, empty_bench};
use crate::workbench::{Run, Workbench, mask_signatures};

/// A script of `tests/python`, if there is a Python with the SDK.
fn sdk(bench: &Workbench, script: &str, arguments: &[&str]) -> Option<Run> {
    let Ok(python) = env::var("KEYWARD_PYTHON") else {
        let required = env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but KEYWARD_PYTHON is not set");
        println!("NOT RUN: no Python with the official SDK");
        return None;
    };
    let script = format!("{}/tests/python/{script}", env!("CARGO_MANIFEST_DIR"));
    Some(bench.command(python, &[&["-B", &script], arguments].concat()).env("NO_PROXY", "*"))
}

/// A gated read with the token that the tokens file has for now.
#[track_caller]
fn tokens_are_taken(venue: &Venue, bench: &Workbench) {
    for account in [MAIN, SUB] {
        let token = bench.keyward(&format!("lighter token {account}")).prints();
        venue.keyward(bench, "ro list --token-file -").input(token).exits(0);
    }
}

#[test]
fn keys_that_the_sdk_has_registered_are_used_here() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let Some(setup) = sdk(&bench, "setup.py", &[&venue.url, OWNER_KEY, "config.json"]) else { return };
    setup.exits(0);
    assert_eq!(
        venue.keyward(&bench, "check").prints(),
        format!("account {MAIN}, API key 253: matches\naccount {SUB}, API key 253: matches\n")
    );
    bench.keyward("lighter generate --days 1").exits(0);
    tokens_are_taken(&venue, &bench);

    let before = bench.read("config.json");
    venue.keyward(&bench, "rotate").exits(0);
    assert_eq!(bench.read("config.json").len(), before.len());
    bench.keyward("lighter generate --days 1").exits(0);
    tokens_are_taken(&venue, &bench);
}

#[test]
fn keys_registered_here_are_used_by_the_sdk() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let Some(generate) = sdk(&bench, "generate.py", &["config.json", "auth-tokens.json"]) else { return };
    venue.keyward(&bench, "setup").exits(0);
    generate.exits(0);
    tokens_are_taken(&venue, &bench);

    // What is made of these keys here is the same file, but for the signatures.
    let theirs = bench.read("auth-tokens.json");
    let first_slot = theirs.split('"').nth(3).expect("a slot");
    bench.keyward(&format!("lighter generate --days 1 --now {first_slot}")).exits(0);
    assert_eq!(mask_signatures(&bench.read("auth-tokens.json")), mask_signatures(&theirs));
}
