//! What we write is what Python reads, and would have written.

use std::env;

use crate::workbench::{ACCOUNTS, FIRST_SLOT, Workbench};

/// A Python to run: the one that `KEYWARD_PYTHON` names, or any. In CI there must be one.
fn python(bench: &Workbench) -> Option<String> {
    if let Ok(named) = env::var("KEYWARD_PYTHON") {
        return Some(named);
    }
    let found = ["python3", "python"].into_iter().find(|name| {
        let version = bench.command("sh", &["-c", &format!("{name} --version")]).command.output();
        version.is_ok_and(|output| output.status.success())
    });
    assert!(found.is_some() || env::var_os("CI").is_none(), "CI needs Python");
    if found.is_none() {
        println!("NOT RUN: no Python");
    }
    found.map(str::to_owned)
}

#[test]
fn python_finds_the_token_by_the_formula() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let example = include_str!("../../../../docs/examples/get_auth_token.py");
    bench.keyward(&format!("lighter generate --days 2 --now {FIRST_SLOT}")).exits(0);
    for account in ACCOUNTS {
        for now in
            [FIRST_SLOT, FIRST_SLOT + 21_599, FIRST_SLOT + 21_600, FIRST_SLOT + 172_799].map(|now| now.to_string())
        {
            let found = bench.command(&python, &["-c", example, account, "auth-tokens.json", &now]).prints();
            assert_eq!(found, bench.keyward(&format!("lighter token {account} --now {now}")).prints());
        }
    }
}

#[test]
fn python_writes_the_same_bytes() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let rewrite = "import json; json.dump(json.load(open('auth-tokens.json')), open('again.json', 'w'), indent=2)";
    for arguments in ["--days 2", "--days 0 --allow-empty"] {
        bench.keyward(&format!("lighter generate {arguments}")).exits(0);
        bench.command(&python, &["-c", rewrite]).exits(0);
        assert_eq!(bench.read("again.json"), bench.read("auth-tokens.json"));
    }
}
