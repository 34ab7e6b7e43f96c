//! Venues that answer wrongly, slowly, without end or with other places to go to; and files that change under way.

use std::{fs, thread};

use serde_json::Value;

use crate::proxy::{Cut, Proxy, Then};
use crate::stub::{Stub, json};
use crate::venue::{MAIN, OWNER, SUB, Venue, at, config_keys, empty_bench};
use crate::workbench::{SAMPLE_CONFIG, Workbench};

fn accounts() -> Vec<u8> {
    let account = format!(r#"{{"index":5,"account_type":0,"l1_address":"{OWNER}","collateral":"1"}}"#);
    json(200, &format!(r#"{{"code":200,"sub_accounts":[{account}]}}"#))
}

/// Whatever the venue says to `path`: `setup` ends with one error, and with the new key kept, or with nothing sent.
#[test]
fn setup_ends_in_time_and_without_a_loss_whatever_the_venue_answers() {
    let elsewhere = Stub::start(|_| json(200, r#"{"code":200,"nonce":0}"#));
    let redirect = format!("HTTP/1.1 307 .\r\nlocation: {}/x\r\ncontent-length: 0\r\n\r\n", elsewhere.url);
    let endless = [b"HTTP/1.1 200 .\r\ncontent-length: 20000000\r\n\r\n".to_vec(), vec![b' '; 20_000_000]].concat();
    let answers = [
        redirect.into_bytes(),
        endless,
        // Silence.
        Vec::new(),
        json(200, "<html>welcome</html>"),
        json(200, r#"{"code":200}"#),
        json(200, r#"{"code":200,"sub_accounts":5,"api_keys":{},"nonce":-1,"tx_hash":[]}"#),
        json(200, &format!(r#"{{"code":200,"nonce":{},"api_keys":[{{"api_key_index":255}}]}}"#, u64::MAX)),
        json(403, "<html>Access denied</html>"),
        json(400, r#"{"code":99999,"message":"\u001b[2J\nno"}"#),
        b"nonsense\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 .\r\ncontent-length: 99\r\n\r\n{".to_vec(),
    ];
    let paths = ["/accountsByL1Address", "/apikeys", "/nextNonce", "/sendTx"];
    thread::scope(|scope| {
        for path in paths {
            let answers = &answers;
            scope.spawn(move || answers.iter().for_each(|answer| setup_where(path, answer)));
        }
    });
    assert_eq!(elsewhere.requests(), [""; 0]);
}

/// `setup` at a venue that is as it should be but for its answer to `path`.
fn setup_where(path: &'static str, answer: &[u8]) {
    let case = format!("{path}: {}", String::from_utf8_lossy(&answer[..answer.len().min(150)]));
    let bad = answer.to_vec();
    let stub = Stub::start(move |line| match line {
        line if line.contains(path) => bad.clone(),
        line if line.contains("/accountsByL1Address") => accounts(),
        line if line.contains("/apikeys") => json(400, r#"{"code":21109,"message":"api key not found"}"#),
        line if line.contains("/nextNonce") => json(200, r#"{"code":200,"nonce":7}"#),
        _ => json(200, r#"{"code":200,"tx_hash":"ab"}"#),
    });
    let bench = empty_bench();
    let output = at(&stub.url, &bench, "setup --timeout 1").exits(1);
    assert_eq!(output.stdout, "", "{case}");
    assert!(output.stderr.starts_with("error: "), "{case}: {output:?}");
    assert_eq!(output.stderr.matches("error: ").count(), 1, "{case}: {output:?}");
    assert!(!output.stderr.contains('\u{1b}'), "{case}: {output:?}");
    let sent = stub.requests().iter().filter(|line| line.contains("/sendTx")).count();
    assert_eq!(sent > 0, path == "/sendTx", "{case}: {:?}", stub.requests());
    let kept = if path == "/accountsByL1Address" { &[][..] } else { &["config.json.pending"] };
    assert_eq!(bench.names(), kept, "{case}");
    if sent > 0 {
        let pending: Value = serde_json::from_str(&bench.read("config.json.pending")).unwrap();
        assert_eq!(pending[0]["attempt"]["nonce"], 7, "{case}");
    }
}

#[test]
fn owner_without_accounts_is_no_success() {
    let bench = empty_bench();
    let stub = Stub::start(|_| json(200, r#"{"code":200,"sub_accounts":[]}"#));
    for command in ["setup".to_owned(), format!("setup --l1-calldata --l1-address {OWNER}")] {
        let refused = if command == "setup" {
            at(&stub.url, &bench, &command)
        } else {
            bench.keyward(&format!("lighter {command}")).env("LIGHTER_URL", &stub.url)
        };
        refused.refuses(&format!("accounts of {OWNER}: there are none"));
    }
    assert_eq!(bench.names(), [""; 0]);
}

#[test]
fn account_that_cannot_be_checked_does_not_keep_the_others_from_it() {
    let bench = Workbench::new();
    let stub = Stub::start(|line| {
        if line.contains("account_index=5&") {
            json(400, r#"{"code":20001,"message":"invalid param"}"#)
        } else {
            json(400, r#"{"code":21109,"message":"api key not found"}"#)
        }
    });
    bench.write_private("config.json", SAMPLE_CONFIG.replace("http://127.0.0.1:18080", &stub.url));
    let output = bench.keyward("lighter check").exits(1);
    assert_eq!(output.stdout, "account 281474976710600, API key 253: the venue has no key\n");
    assert_eq!(output.stderr, "error: account 5, API key 253: the venue refused with code 20001: invalid param\n");
}

/// Runs `setup` for the main account, and `meddle` after the transaction has been sent.
fn setup_with_meddling(venue: &Venue, bench: &Workbench, meddle: impl FnMut() + Send + 'static, code: i32) -> String {
    let proxy = Proxy::start(&venue.url);
    proxy.at_the_cut(meddle);
    proxy.cut(Cut::After("/sendTx"), 0, Then::Heal);
    let output = at(&proxy.url, bench, &format!("setup --account {MAIN}")).exits(code);
    assert!(proxy.heal(), "nothing was sent");
    // From here on it is the venue at this address.
    for name in ["config.json", "config.json.pending"] {
        if bench.path(name).exists() {
            bench.write_private(name, bench.read(name).replace(&proxy.url, &venue.url));
        }
    }
    output.stderr
}

#[test]
fn config_that_was_edited_meanwhile_keeps_what_was_written() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let path = bench.path("config.json");
    // The proxy's address is that of the run: it is read off the pending key.
    let pending = bench.path("config.json.pending");
    let edit = move || {
        let entries: Value = serde_json::from_str(&fs::read_to_string(&pending).unwrap()).unwrap();
        let url = entries[0]["base_url"].as_str().unwrap();
        let edited = SAMPLE_CONFIG.replace("http://127.0.0.1:18080", url).replacen('{', "{\n  \"note\": [1],", 1);
        fs::write(&path, edited).unwrap();
    };
    setup_with_meddling(&venue, &bench, edit, 0);
    let keys = config_keys(&bench);
    // The entry of the same account and slot was replaced, the other one left.
    assert_eq!(keys.len(), 2);
    assert_eq!(venue.key(&bench, MAIN, 253), (Some(keys[0].2.clone()), 1));
    assert!(bench.read("config.json").starts_with("{\n  \"note\": [1],"));
}

#[test]
fn key_does_not_get_into_the_config_of_another_venue() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let path = bench.path("config.json");
    let stderr = setup_with_meddling(&venue, &bench, move || fs::write(&path, SAMPLE_CONFIG).unwrap(), 1);
    assert!(stderr.contains("error: account 5, API key 253: config.json: is for another venue now\n"), "{stderr}");
    assert_eq!(bench.read("config.json"), SAMPLE_CONFIG);
    is_ended_by_another_run(&venue, &bench);
}

#[test]
fn config_that_was_broken_meanwhile_is_left_alone() {
    let (venue, bench) = (Venue::start(1, ""), empty_bench());
    let path = bench.path("config.json");
    let stderr = setup_with_meddling(&venue, &bench, move || fs::write(&path, "{").unwrap(), 1);
    assert!(stderr.contains("error: account 5, API key 253: config.json: ends before"), "{stderr}");
    assert_eq!(bench.read("config.json"), "{");
    is_ended_by_another_run(&venue, &bench);
}

/// The key is pending still, and gets into a config that there is room in.
#[track_caller]
fn is_ended_by_another_run(venue: &Venue, bench: &Workbench) {
    fs::remove_file(bench.path("config.json")).unwrap();
    venue.keyward(bench, &format!("setup --account {MAIN}")).exits(0);
    let keys = config_keys(bench);
    assert_eq!(venue.key(bench, MAIN, 253), (Some(keys[0].2.clone()), 1));
    assert_eq!(bench.names(), ["config.json"]);
}

/// An account whose registration can never be ended does not keep the others from new keys.
#[test]
fn account_that_always_fails_does_not_keep_the_others_from_new_keys() {
    let seed = serde_json::json!({ "accounts": [
        { "l1_address": OWNER, "index": 5, "collateral": "0" },
        { "l1_address": OWNER }
    ]});
    let (venue, bench) = (Venue::start_with(&seed, ""), empty_bench());
    venue.keyward(&bench, "setup").exits(1);
    let output = venue.keyward(&bench, "setup").exits(1);
    let told = format!(
        "account {SUB}, API key 253: keeps its key, as an earlier run is being ended; --account {SUB} replaces it\n"
    );
    assert!(output.stderr.contains(&told), "{output:?}");
    assert_eq!(venue.key(&bench, SUB, 253).1, 1);
    venue.keyward(&bench, &format!("setup --account {SUB}")).exits(0);
    assert_eq!(venue.key(&bench, SUB, 253), (Some(config_keys(&bench)[0].2.clone()), 2));
}
