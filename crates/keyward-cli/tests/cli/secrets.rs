//! No command prints a private key. [`Run::exits`](crate::workbench::Run::exits) looks for the keys
//! of the samples in the output of every run of every test; here each command gets every chance to
//! betray one.

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

#[test]
fn tokens_file_holds_no_private_key() {
    let bench = Workbench::new();
    bench.keyward("lighter generate --days 1").exits(0);
    let tokens = bench.read("auth-tokens.json").to_lowercase();
    for key in PRIVATE_KEYS {
        assert!(!tokens.contains(key));
    }
}
