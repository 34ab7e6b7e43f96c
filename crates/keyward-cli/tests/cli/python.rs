//! What we write is what Python reads, and would have written.

use crate::workbench::{ACCOUNTS, EXAMPLES, FIRST_SLOT, Workbench, python};

#[test]
fn python_finds_the_token_by_the_formula() {
    let bench = Workbench::new();
    let Some(python) = python(&bench) else { return };
    let example = format!("{EXAMPLES}/get_auth_token.py");
    bench.keyward(&format!("lighter generate --days 2 --now {FIRST_SLOT}")).exits(0);
    for account in ACCOUNTS {
        for now in
            [FIRST_SLOT, FIRST_SLOT + 21_599, FIRST_SLOT + 21_600, FIRST_SLOT + 172_799].map(|now| now.to_string())
        {
            let found = bench.command(&python, &[&example, account, "auth-tokens.json", &now]).prints();
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
