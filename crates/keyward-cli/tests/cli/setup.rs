//! `setup`, `rotate` and `check` against a venue that checks everything.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::venue::{MAIN, OWNER, OWNER_KEY, STRANGER_KEY, SUB, Venue, config_keys, empty_bench};
use crate::workbench::{SAMPLE_CONFIG, Workbench};

fn mode(bench: &Workbench, name: &str) -> u32 {
    fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn every_account_of_the_owner_gets_a_key_that_the_venue_has() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let printed = venue.keyward(&bench, "setup").exits(0);
    assert_eq!(printed.stderr, "");
    assert_eq!(bench.names(), ["config.json"]);
    assert_eq!(mode(&bench, "config.json"), 0o600);

    let keys = config_keys(&bench);
    assert_eq!(
        keys.iter().map(|(account, slot, _)| (account.as_str(), *slot)).collect::<Vec<_>>(),
        [(MAIN, 253), (SUB, 253)]
    );
    let expected: String =
        keys.iter().map(|(account, slot, key)| format!("account {account}, API key {slot}: {key}\n")).collect();
    assert_eq!(printed.stdout, expected);
    for (account, _, key) in &keys {
        assert_eq!(venue.key(&bench, account, 253), (Some(key.clone()), 1));
    }
    let config: Value = serde_json::from_str(&bench.read("config.json")).unwrap();
    assert_eq!(config["BASE_URL"], venue.url);
    assert_eq!(
        venue.keyward(&bench, "check").prints(),
        format!("account {MAIN}, API key 253: matches\naccount {SUB}, API key 253: matches\n")
    );
    // The file is one that the other commands read.
    bench.keyward("lighter generate --days 1").exits(0);
}

/// Byte for byte what Python's `json.dump(indent=2)` makes of it.
#[test]
fn config_has_the_form_of_the_python_example() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    let text = bench.read("config.json");
    let config: Value = serde_json::from_str(&text).unwrap();
    let entries: Vec<_> = config["ACCOUNTS"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!(
                "    {{\n      \"api_key_private_key\": {},\n      \"account_index\": {},\n      \"api_key_index\": 253\n    }}",
                entry["api_key_private_key"], entry["account_index"]
            )
        })
        .collect();
    assert_eq!(
        text,
        format!("{{\n  \"BASE_URL\": \"{}\",\n  \"ACCOUNTS\": [\n{}\n  ]\n}}", venue.url, entries.join(",\n"))
    );
}

#[test]
fn chosen_accounts_and_slots_are_added_and_the_rest_of_the_config_stays() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let config = SAMPLE_CONFIG.replace("http://127.0.0.1:18080", &venue.url).replacen('{', "{\n  \"note\": [1],", 1);
    bench.write_private("config.json", &config);
    venue.keyward(&bench, &format!("setup --account {SUB} --account {SUB} --api-key-index 7")).exits(0);
    let (kept, added) = (&config[..config.rfind("\n  ]").unwrap()], bench.read("config.json"));
    assert!(added.starts_with(kept), "{added}");
    let keys = config_keys(&bench);
    assert_eq!(keys.len(), 3);
    assert_eq!(venue.key(&bench, SUB, 7), (Some(keys[2].2.clone()), 1));
    assert_eq!(venue.key(&bench, MAIN, 253), (None, 0));

    // Again: the same entry, another key.
    venue.keyward(&bench, &format!("setup --account {SUB} --api-key-index 7")).exits(0);
    let again = config_keys(&bench);
    assert_eq!(again[..2], keys[..2]);
    assert_ne!(again[2], keys[2]);
    assert_eq!(venue.key(&bench, SUB, 7), (Some(again[2].2.clone()), 2));
}

#[test]
fn rotation_replaces_the_keys_and_kills_their_tokens() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    let old = config_keys(&bench);
    bench.keyward("lighter generate --days 1").exits(0);
    let token = bench.keyward(&format!("lighter token {MAIN}")).prints();
    venue.keyward(&bench, "ro list --token-file -").input(token.clone()).exits(0);

    let reports = venue.json(&bench, "rotate");
    let new = config_keys(&bench);
    for ((report, old), new) in reports.iter().zip(&old).zip(&new) {
        assert_ne!(old.2, new.2);
        assert_eq!(
            report,
            &json!({
                "account_index": new.0.parse::<u64>().unwrap(),
                "api_key_index": 253,
                "public_key": new.2,
                "replaces_key": true
            })
        );
        assert_eq!(venue.key(&bench, &new.0, 253), (Some(new.2.clone()), 2));
    }
    assert_eq!(reports.len(), 2);
    let refused = venue.keyward(&bench, "ro list --token-file -").input(token).exits(1);
    assert!(refused.stderr.contains("20013"), "{}", refused.stderr);
    assert_eq!(bench.names(), ["auth-tokens.json", "config.json"]);
}

#[test]
fn rotation_tells_which_read_only_tokens_live_on() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    let account = format!("--account {MAIN}");
    for name in ["first", "second"] {
        venue.keyward(&bench, &format!("ro create {account} --days 30 --name {name}")).exits(0);
    }
    venue.keyward(&bench, &format!("ro revoke 1 {account}")).exits(0);
    let output = venue.keyward(&bench, "rotate").exits(0);
    let warnings: Vec<_> = output.stderr.lines().collect();
    assert_eq!(warnings.len(), 1, "{output:?}");
    let expected = format!("warning: account {MAIN}: read-only token 2 (second) outlives the old key, until ");
    assert!(warnings[0].starts_with(&expected), "{output:?}");
    let tokens = venue.json(&bench, &format!("ro list {account}"));
    assert_eq!(tokens.iter().map(|token| token["state"].as_str().unwrap()).collect::<Vec<_>>(), ["revoked", "live"]);
}

#[test]
fn check_tells_keys_that_the_venue_does_not_have() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(0);
    let config = bench.read("config.json");
    venue.keyward(&bench, &format!("rotate --account {MAIN}")).exits(0);
    bench.write_private("config.json", config.replacen("\"api_key_index\": 253", "\"api_key_index\": 252", 2));
    let absent = venue.keyward(&bench, "check").exits(1);
    assert_eq!(
        absent.stdout,
        format!(
            "account {MAIN}, API key 252: the venue has no key\naccount {SUB}, API key 252: the venue has no key\n"
        )
    );
    bench.write_private("config.json", &config);
    let other = venue.keyward(&bench, "check").exits(1);
    assert_eq!(
        other.stdout,
        format!("account {MAIN}, API key 253: the venue has another key\naccount {SUB}, API key 253: matches\n")
    );
    assert_eq!(other.stderr, "");
    let output = venue.keyward(&bench, "check --json").exits(1);
    let verdicts: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.iter().map(|verdict| verdict["matches"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    assert_ne!(verdicts[0]["public_key"], verdicts[0]["venue_public_key"]);
}

/// One account without collateral cannot have a key; the other gets one all the same.
#[test]
fn account_that_fails_does_not_keep_the_others_from_their_keys() {
    let seed = json!({ "accounts": [
        { "l1_address": OWNER, "index": 5, "collateral": "0" },
        { "l1_address": OWNER }
    ]});
    let (venue, bench) = (Venue::start_with(&seed, ""), empty_bench());
    let output = venue.keyward(&bench, "setup").exits(1);
    assert!(output.stdout.starts_with(&format!("account {SUB}, API key 253: 0x")), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 1);
    assert!(
        output.stderr.starts_with(&format!("error: account {MAIN}, API key 253: the venue refused with code 21126")),
        "{output:?}"
    );
    // Its key waits for the collateral.
    assert_eq!(bench.names(), ["config.json", "config.json.pending"]);
    assert_eq!(mode(&bench, "config.json.pending"), 0o600);
    assert_eq!(config_keys(&bench).len(), 1);
    assert_eq!(venue.key(&bench, SUB, 253).1, 1);
    assert_eq!(venue.key(&bench, MAIN, 253), (None, 0));
}

#[test]
fn key_of_another_owner_changes_nothing() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let refused = |command: &str, error: &str| {
        let output = venue.keyward(&bench, command).env("ETH_PRIVATE_KEY", STRANGER_KEY).exits(1);
        assert!(output.stderr.starts_with(&format!("error: {error}")), "{output:?}");
    };
    refused("setup", "accounts of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266: the venue refused with code 21100");
    assert_eq!(bench.names(), [""; 0]);
    venue.keyward(&bench, "setup").exits(0);
    refused("rotate", "accounts of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266: the venue refused with code 21100");
    venue.keyward(&bench, "setup --account 7").refuses("account 7: belongs to another Ethereum key");
    assert_eq!(bench.names(), ["config.json"]);
    assert_eq!(venue.key(&bench, MAIN, 253).1, 1);
}

#[test]
fn ethereum_key_comes_from_a_file_or_standard_input_too() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    bench.write_private("eth-key.txt", format!("0x{}\n", OWNER_KEY.to_uppercase()));
    let run = |arguments: &str| {
        let mut run = venue.keyward(&bench, arguments);
        run.command.env_remove("ETH_PRIVATE_KEY");
        run
    };
    run("setup --eth-key-file eth-key.txt").exits(0);
    run("rotate --eth-key-file -").input(format!("{OWNER_KEY}\r\n")).exits(0);
    assert_eq!(venue.key(&bench, MAIN, 253).1, 2);
    run("setup").rejects_usage("no Ethereum key: give --eth-key-file or the environment variable ETH_PRIVATE_KEY");
    run("setup --eth-key-file none").refuses("none: No such file or directory (os error 2)");
    run("setup --eth-key-file -")
        .input("0x12")
        .refuses("-: Ethereum key of the wrong length: 64 hex digits are expected, with or without 0x in front");
}

#[test]
fn slots_of_the_venues_own_interfaces_are_refused_without_force() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    for slot in 0..=3 {
        venue.keyward(&bench, &format!("setup --api-key-index {slot}")).rejects_usage(&format!(
            "--api-key-index: slot {slot} is one of the venue's own interfaces; --force takes it all the same"
        ));
    }
    assert_eq!(bench.names(), [""; 0]);
    venue.keyward(&bench, "setup --api-key-index 3 --force").exits(0);
    venue
        .keyward(&bench, "rotate")
        .refuses("config.json: slot 3 is one of the venue's own interfaces; --force takes it all the same");
    venue.keyward(&bench, "rotate --force").exits(0);
    assert_eq!(venue.key(&bench, MAIN, 3).1, 2);
    venue.keyward(&bench, "setup --api-key-index 4").exits(0);
}

#[test]
fn calls_of_the_contract_are_printed_for_owners_that_cannot_sign() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let calls = venue.json(&bench, &format!("setup --l1-calldata --l1-address {OWNER}"));
    assert_eq!(calls.len(), 2);
    let pending: Value = serde_json::from_str(&bench.read("config.json.pending")).unwrap();
    assert_eq!(mode(&bench, "config.json.pending"), 0o600);
    assert_eq!(bench.names(), ["config.json.pending"]);
    for (call, entry) in calls.iter().zip(pending.as_array().unwrap()) {
        let private_key = entry["api_key_private_key"].as_str().unwrap();
        let public_key = bench.keyward("lighter public-key").input(private_key).prints();
        let (public_key, account) = (public_key.trim_end(), call["account_index"].as_u64().unwrap());
        assert_eq!(call["public_key"], public_key);
        // Selector, account, slot, offset and length of the key, the key, padding to a word.
        let (selector, words) = call["calldata"].as_str().unwrap()[2..].split_at(8);
        assert_eq!(selector.len(), 8);
        assert_eq!(
            words,
            format!("{account:064x}{:064x}{:064x}{:064x}{}{}", 253, 96, 40, &public_key[2..], "0".repeat(48))
        );
        assert!(call["contract_address"].as_str().unwrap().starts_with("0x"));
    }
    // Again, for one account: the same key.
    let again = venue.keyward(&bench, &format!("setup --l1-calldata --account {SUB}")).prints();
    assert_eq!(again.trim_end(), calls[1]["calldata"]);
    // Not executed yet: nothing to check, and the keys stay.
    let output = venue.keyward(&bench, "check").exits(1);
    assert!(
        output.stderr.contains("warning: account 5, API key 253: its new key is in config.json.pending"),
        "{output:?}"
    );
    assert_eq!(bench.names(), ["config.json.pending"]);
    // An owner that can sign after all: the same keys, once each.
    venue.keyward(&bench, "setup").exits(0);
    let keys = config_keys(&bench);
    for (call, key) in calls.iter().zip(&keys) {
        assert_eq!(call["public_key"], key.2);
        assert_eq!(venue.key(&bench, &key.0, 253), (Some(key.2.clone()), 1));
    }
    assert_eq!(bench.names(), ["config.json"]);
}

/// Another run has sent the pending key, as the contract would: `check` finishes it.
#[test]
fn check_puts_a_key_into_the_config_once_the_venue_has_it() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    venue.keyward(&bench, "setup --l1-calldata --account 5").exits(0);
    let pending = bench.read("config.json.pending");
    venue.keyward(&bench, "setup").exits(0);
    let config = bench.read("config.json");
    fs::remove_file(bench.path("config.json")).unwrap();
    bench.write_private("config.json.pending", &pending);
    let output = venue.keyward(&bench, "check").exits(0);
    assert_eq!(output.stdout, "account 5, API key 253: matches\n");
    assert_eq!(
        output.stderr,
        "account 5, API key 253: the key of an earlier run is registered, and now in the config\n"
    );
    assert_eq!(bench.read("config.json"), config);
    assert_eq!(bench.names(), ["config.json"]);
}

/// A run that was killed after it had written the config and before it could forget the pending key is
/// ended by the same one again; much later it is another one, and replaces the key.
#[test]
fn key_in_both_files_is_replaced_only_by_a_later_run() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    venue.keyward(&bench, "setup --l1-calldata --account 5").exits(0);
    let pending = bench.read("config.json.pending");
    venue.keyward(&bench, "setup").exits(0);
    let first = config_keys(&bench);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let left = |expires_at: u64| {
        let attempt = format!("\"attempt\": {{\"nonce\": 0, \"expires_at_ms\": {expires_at}}}");
        bench.write_private("config.json.pending", pending.replace("\"attempt\": null", &attempt));
    };
    left(now + 599_000);
    let output = venue.keyward(&bench, "rotate").exits(0);
    assert_eq!(output.stderr, "account 5, API key 253: going on with the key of an earlier run\n");
    assert_eq!(config_keys(&bench), first);
    assert_eq!(venue.key(&bench, MAIN, 253).1, 1);

    left(now - 1);
    venue.keyward(&bench, "rotate").exits(0);
    let second = config_keys(&bench);
    assert_ne!(first, second);
    assert_eq!(venue.key(&bench, MAIN, 253), (Some(second[0].2.clone()), 2));
    assert_eq!(bench.names(), ["config.json"]);
}

#[test]
fn pending_keys_of_another_venue_are_left_alone() {
    let (venue, other, bench) = (Venue::start(0, ""), Venue::start(0, ""), empty_bench());
    other.keyward(&bench, "setup --l1-calldata --account 5").exits(0);
    let pending = bench.read("config.json.pending");
    venue.keyward(&bench, "setup").exits(0);
    assert_eq!(bench.read("config.json.pending"), pending);
    let output = venue.keyward(&bench, &format!("setup --url {}", other.url)).exits(2);
    assert_eq!(output.stderr, "error: --url: the config is for another venue; name another config\n");
}

#[test]
fn broken_pending_file_is_refused_before_anything_is_sent() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    let [key, _] = crate::workbench::PRIVATE_KEYS;
    let url = &venue.url;
    let entry = |fields: &str| format!("[{{\"base_url\":\"{url}\",\"replaces_key\":false,\"attempt\":null,{fields}}}]");
    for (content, cause) in [
        (String::new(), "line 1 column 0"),
        ("[".to_owned(), "line 1 column 1"),
        (format!("\"{key}\""), "line 1 column 82"),
        (
            entry(&format!("\"api_key_private_key\":\"{key}\",\"account_index\":-1,\"api_key_index\":5")),
            "line 1 column ",
        ),
        (entry(&format!("\"api_key_private_key\":\"{key}\",\"{key}\":1")), "line 1 column "),
        (
            entry(&format!("\"api_key_private_key\":\"{key}0\",\"account_index\":1,\"api_key_index\":5")),
            "key text of the wrong length: 80 hex digits are expected, with or without 0x in front",
        ),
    ] {
        bench.write_private("config.json.pending", &content);
        let output = venue.keyward(&bench, "setup").exits(1);
        let expected = format!("error: config.json.pending: not a file of pending keys: {cause}");
        assert!(output.stderr.starts_with(&expected), "{output:?}");
        assert_eq!(bench.read("config.json.pending"), content);
    }
    assert_eq!(venue.key(&bench, MAIN, 253), (None, 0));
}

#[test]
fn two_runs_in_one_folder_do_not_meet() {
    let (venue, bench) = (Venue::start(0, ""), empty_bench());
    let lock = fs::File::open(bench.folder()).unwrap();
    lock.lock().unwrap();
    venue.keyward(&bench, "setup").refuses(".: another keyward is registering keys in this folder");
    drop(lock);
    venue.keyward(&bench, "setup").exits(0);
}

#[test]
fn config_that_could_not_be_replaced_is_refused_before_anything_is_sent() {
    let (venue, bench) = (Venue::start(0, ""), Workbench::new());
    std::os::unix::fs::symlink("config.json", bench.path("link.json")).unwrap();
    venue.keyward(&bench, "setup link.json").refuses("link.json: is a symbolic link; name the file itself");
    fs::set_permissions(bench.path("config.json"), Permissions::from_mode(0o600)).unwrap();
    bench.write_private("broken.json", "{");
    venue.keyward(&bench, "setup broken.json").refuses("broken.json: ends before the JSON is complete");
    assert_eq!(venue.key(&bench, MAIN, 253), (None, 0));
}
