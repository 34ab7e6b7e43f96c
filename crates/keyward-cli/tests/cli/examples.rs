//! The files in `docs/examples/` and the commands in the guide and the README do what they say.

use std::path::Path;
use std::{env, fs};

use crate::venue::{STRANGER_KEY, Venue, empty_bench};
use crate::workbench::{BINARY, EXAMPLES, FIRST_SLOT, PUBLIC_KEYS, Workbench};

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
    let script = format!("{EXAMPLES}/lighter-walkthrough.sh");
    let output = bench.command("sh", &[&script]).env("PATH", &path_with_binary()).exits(0);
    assert!(output.stdout.contains("\nstate:          usable\nvalid\n"), "{}", output.stdout);
    assert!(output.stdout.lines().last().unwrap().starts_with("{\"line\":1,\"valid\":true,"), "{}", output.stdout);
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn commands_in_the_guide_run_as_written() {
    let bench = Workbench::new();
    let guide = fs::read_to_string(format!("{EXAMPLES}/../guides/lighter-tokens.md")).unwrap();
    let mut blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    bench.script(blocks.next().unwrap()).exits(0);
    bench.write("tokens.txt", bench.keyward("lighter token 5").prints());
    let rest: Vec<_> = blocks.collect();
    assert_eq!(rest.len(), 3);
    let output = bench.script(&rest.join("\n")).env("PUBLIC_KEY", PUBLIC_KEYS[0]).env("URL", "").prints();
    assert!(output.starts_with("authorization: "), "{output}");
    assert!(output.contains("\nvalid\nvalid\nkind: "), "{output}");
}

/// But for the port, which is a free one here.
#[test]
fn commands_in_the_readme_run_as_written() {
    let (venue, bench) = (Venue::spawn(""), empty_bench());
    let readme = include_str!("../../README.md");
    let block = readme.split("```sh\n").nth(1).unwrap().split_once("```").unwrap().0;
    let (sandbox, commands) = block.split_once('\n').unwrap();
    assert!(sandbox.starts_with("keyward lighter sandbox &"));
    let printed = bench.script(&commands.replace("http://127.0.0.1:18080", &venue.url)).prints();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 7, "{printed}");
    assert_eq!(lines[2], "account 3, API key 253: matches");
    assert!(lines[4].contains(":3:253:"), "{printed}");
}

#[test]
fn lifecycle_ends_with_new_keys_and_a_revoked_token() {
    let bench = Workbench::new();
    let script = format!("{EXAMPLES}/lighter-lifecycle.sh");
    let output = bench.command("sh", &[&script]).env("PATH", &path_with_binary()).exits(0);
    assert!(output.stderr.contains("read-only token 1 (dashboard) outlives the old key"), "{}", output.stderr);
    assert_eq!(output.stderr.matches("error: ").count(), 2, "{}", output.stderr);
    assert!(output.stdout.ends_with(" \"dashboard\"\n2\n"), "{}", output.stdout);
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn commands_in_the_guide_to_keys_run_as_written() {
    let (venue, bench) = (Venue::spawn(""), empty_bench());
    let guide = fs::read_to_string(format!("{EXAMPLES}/../guides/lighter-keys.md")).unwrap();
    let blocks: Vec<_> = guide.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    let run = |block: &str| bench.script(block).env("LIGHTER_URL", &venue.url).env("ETH_PRIVATE_KEY", STRANGER_KEY);
    bench.write_private("eth-key.txt", STRANGER_KEY);

    let [sandbox, path, setup, look, read_only, maker_only, leak, clock] = blocks[..] else {
        panic!("{} blocks", blocks.len())
    };
    // It runs already, on a free port.
    assert_eq!(sandbox, "keyward lighter sandbox\n");
    let output = run(path).prints();
    assert_eq!(output.matches("\nauthorization: ").count(), 1, "{output}");
    run(setup).exits(0);
    let output = run(look).prints();
    assert!(output.ends_with("\n3\n"), "{output}");
    let output = run(read_only).exits(0);
    assert_eq!(output.stdout.matches("live").count(), 2, "{output:?}");
    let output = run(maker_only).prints();
    assert!(output.contains('4') && output.contains('5'), "{output}");
    let output = run(leak).exits(0);
    assert!(output.stderr.contains("read-only token 1 (dashboard) outlives the old key"), "{output:?}");
    assert!(clock.starts_with("curl "), "{clock}");
}

/// With the folder of the binary in front.
fn path_with_binary() -> String {
    let binaries = Path::new(BINARY).parent().unwrap().to_str().unwrap();
    format!("{binaries}:{}", env::var("PATH").unwrap())
}
