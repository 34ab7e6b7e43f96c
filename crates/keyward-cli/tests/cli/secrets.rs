//! No command prints a private key. [`Run::exits`](crate::workbench::Run::exits) looks for the keys
//! of the samples in the output of every run of every test; here each command gets every chance to
//! betray one.

use crate::venue::{OWNER_KEY, Venue, empty_bench};
use crate::workbench::{ACCOUNTS, BINARY, FIRST_SLOT, PRIVATE_KEYS, PUBLIC_KEYS, Workbench};

/// All that `keyward` prints in a run that may end as it likes.
fn output(bench: &Workbench, arguments: &str, input: &str) -> String {
    let script = format!("{BINARY} {arguments} 2>&1; true");
    bench.command("sh", &["-c", &script]).input(input).prints()
}

#[test]
fn no_command_prints_a_private_key() {
    let bench = Workbench::new();
    let [public_key, _] = PUBLIC_KEYS;
    let mut everything = String::new();
    let mut keep = |text: String| {
        assert!(!text.is_empty());
        everything.push_str(&text);
    };
    keep(output(&bench, "lighter keygen --output key.txt", ""));
    let made = bench.read("key.txt");
    let made = made.trim_end();
    for key in [made, PRIVATE_KEYS[0]] {
        keep(output(&bench, "lighter public-key", key));
        keep(output(&bench, &format!("lighter public-key {key}"), key));
        keep(output(&bench, "lighter sign --account 5 --api-key-index 253 --expires-at 1795248000", key));
        keep(output(&bench, &format!("lighter sign --account {key} --api-key-index 253 --expires-at 1"), key));
        // Keys where tokens, tokens' files and configs are wanted, whole and broken.
        for text in [key.to_owned(), format!("ro:{key}"), format!("1:2:3:{key}"), format!("{{\"5\": \"{key}\"}}")] {
            keep(output(&bench, &format!("lighter verify --public-key {public_key}"), &text));
            keep(output(&bench, &format!("lighter verify --json --public-key {public_key}"), &text));
            keep(output(&bench, "lighter inspect", &text));
            keep(output(&bench, "lighter inspect --json", &text));
            bench.write("odd", &text);
            keep(output(&bench, "lighter generate odd", ""));
            keep(output(&bench, "lighter generate --keep-going odd", ""));
            keep(output(&bench, "lighter token 5 --tokens odd", ""));
        }
        for broken in [
            format!("{{\"BASE_URL\": \"u\", \"ACCOUNTS\": [{{\"api_key_private_key\": \"{key}"),
            format!("{{\"BASE_URL\": \"u\", \"ACCOUNTS\": [\"{key}\"]}}"),
            format!("{{\"BASE_URL\": \"u\", \"ACCOUNTS\": \"{key}\"}}"),
            format!("{{\"{key}\": 1, \"{key}\": 2}}"),
            format!("{{\"BASE_URL\": \"u\", \"ACCOUNTS\": [{{\"api_key_private_key\": \"{key}0\"}}]}}"),
            format!("{{\"BASE_URL\": \"u\", \"ACCOUNTS\": [{{\"account_index\": \"{key}\"}}]}}"),
        ] {
            bench.write("odd", &broken);
            keep(output(&bench, "lighter generate odd", ""));
            keep(output(&bench, "lighter generate --keep-going odd", ""));
            keep(output(&bench, "lighter token 5 --tokens odd", ""));
        }
    }
    keep(output(&bench, &format!("lighter generate --days 1 --now {FIRST_SLOT}"), ""));
    keep(output(&bench, &format!("lighter token {} --now {FIRST_SLOT}", ACCOUNTS[0]), ""));
    let everything = everything.to_lowercase();
    for key in [made.trim_start_matches("0x"), PRIVATE_KEYS[0], PRIVATE_KEYS[1]] {
        assert_eq!(key.len(), 80);
        assert!(!everything.contains(key));
    }
}

/// The Ethereum key, by all ways in and in all wrong places, shows neither in what is printed nor in any
/// file; the API keys that are made show in the config alone.
#[test]
fn no_command_betrays_the_ethereum_key_or_a_new_key() {
    let venue = Venue::start(1, "");
    let bench = empty_bench();
    let mut everything = String::new();
    let mut run = |arguments: &str, input: &str| {
        let script = format!("{BINARY} lighter {arguments} 2>&1; true");
        let run = bench.command("sh", &["-c", &script]).input(input);
        let output = run.env("LIGHTER_URL", &venue.url).env("ETH_PRIVATE_KEY", OWNER_KEY).prints();
        assert!(!output.is_empty(), "{arguments}");
        everything.push_str(&output);
    };
    let keys = [OWNER_KEY.to_owned(), format!("0x{OWNER_KEY}"), OWNER_KEY.to_uppercase()];
    for key in &keys {
        run("setup", "");
        run("rotate --eth-key-file -", key);
        run("rotate --json --eth-key-file -", &format!(" {key}"));
        run("rotate --eth-key-file -", &format!("{key}0"));
        run("setup --l1-calldata --account 5 --api-key-index 9", "");
        run("check", "");
        run("keys 5", "");
        run("ro create --account 5 --days 1 --name a --token-file -", key);
        for wrong in [
            format!("setup config.json {key}"),
            format!("setup --account {key}"),
            format!("setup --eth-key {key}"),
            format!("setup --eth-key-file {key}"),
            format!("setup --eth-key-file={key}0"),
            format!("setup --l1-calldata --l1-address {key}"),
            format!("setup --url {key}"),
            format!("setup --url http://{key}@127.0.0.1:1 other.json"),
            format!("setup --chain-id {key}"),
            format!("rotate {key}"),
            format!("check {key}"),
            format!("keys {key}"),
            format!("nonce {key}"),
            format!("ro list --account 5 --token-file {key}"),
            format!("ro create --account 5 --days 1 --name {key}"),
            format!("ro revoke {key}"),
            format!("maker-only set {key}"),
            format!("sandbox --seed {key}"),
            format!("sandbox --account {key}"),
            format!("sandbox --clock {key}"),
        ] {
            run(&wrong, "");
        }
        bench.write_private("odd", key);
        run("setup odd", "");
        run("check odd", "");
        run("sandbox --seed odd", "");
        run("ro list --account 5 --token-file odd", "");
    }
    std::fs::remove_file(bench.path("odd")).unwrap();
    let everything = everything.to_lowercase();
    assert!(!everything.contains(OWNER_KEY));
    let mut new_keys = Vec::new();
    for name in bench.names() {
        let content = bench.read(&name).to_lowercase();
        assert!(!content.contains(OWNER_KEY), "{name}");
        let texts = content.split('"').filter(|text| text.len() == 82 && text.starts_with("0x"));
        new_keys.extend(texts.map(|text| text[2..].to_owned()));
    }
    // Two in the config, one that is pending.
    assert_eq!(new_keys.len(), 3, "{:?}", bench.names());
    assert!(new_keys.iter().all(|key| !everything.contains(key)));
}

#[test]
fn tokens_file_holds_no_private_key() {
    let bench = Workbench::new();
    bench.keyward("lighter generate --days 1").exits(0);
    let tokens = bench.read("auth-tokens.json").to_lowercase();
    for key in PRIVATE_KEYS {
        assert!(!tokens.contains(key));
    }
}
