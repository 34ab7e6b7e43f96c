//! The files in `docs/examples/` do what they say.

use std::env;
use std::path::Path;

use crate::workbench::{BINARY, EXAMPLES, FIRST_SLOT, Workbench};

#[test]
fn tokens_are_generated_for_the_example_config() {
    let bench = Workbench::new();
    bench.keyward(&format!("lighter generate {EXAMPLES}/lighter-config.json --now {FIRST_SLOT}")).exits(0);
    for account in ["0", "1"] {
        let token = bench.keyward(&format!("lighter token {account} --now {FIRST_SLOT}")).prints();
        assert!(token.starts_with(&format!("1795248000:{account}:253:")), "{token}");
    }
}

#[test]
fn walkthrough_ends_with_valid_tokens() {
    let bench = Workbench::new();
    let binaries = Path::new(BINARY).parent().unwrap().to_str().unwrap();
    let path = format!("{binaries}:{}", env::var("PATH").unwrap());
    let script = format!("{EXAMPLES}/lighter-walkthrough.sh");
    let output = bench.command("sh", &[&script]).env("PATH", &path).exits(0);
    assert!(output.stdout.contains("\nstate:          usable\nvalid\n"), "{}", output.stdout);
    assert!(output.stdout.lines().last().unwrap().starts_with("{\"line\":1,\"valid\":true,"), "{}", output.stdout);
    assert_eq!(bench.names(), ["config.json"]);
}
