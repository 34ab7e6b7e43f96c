//! `keygen`, `public-key` and `sign`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::workbench::{ACCOUNTS, PRIVATE_KEYS, PUBLIC_KEYS, Workbench};

#[test]
fn keygen_writes_a_private_file_and_prints_its_public_key() {
    let bench = Workbench::new();
    let public_key = bench.keyward("lighter keygen --output key.txt").prints();
    let text = bench.read("key.txt");
    assert_eq!(text.len(), 2 + 80 + 1);
    assert!(text.starts_with("0x") && text.ends_with('\n'), "{text}");
    assert!(text[2..82].bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{text}");
    assert_eq!(fs::metadata(bench.path("key.txt")).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(bench.keyward("lighter public-key").input(text).prints(), public_key);
}

#[test]
fn keygen_makes_another_key_each_time() {
    let bench = Workbench::new();
    let first = bench.keyward("lighter keygen --output first.txt").prints();
    let second = bench.keyward("lighter keygen --output second.txt").prints();
    assert_ne!(first, second);
    assert_ne!(bench.read("first.txt"), bench.read("second.txt"));
}

#[test]
fn keygen_replaces_a_key_only_by_force() {
    let bench = Workbench::new();
    bench.keyward("lighter keygen --output key.txt").prints();
    let key = bench.read("key.txt");
    bench.keyward("lighter keygen --output key.txt").refuses("key.txt: file exists");
    assert_eq!(bench.read("key.txt"), key);
    let public_key = bench.keyward("lighter keygen --output key.txt --force").prints();
    assert_ne!(bench.read("key.txt"), key);
    assert_eq!(bench.keyward("lighter public-key").input(bench.read("key.txt")).prints(), public_key);
    assert_eq!(bench.names(), ["config.json", "key.txt"]);
}

#[test]
fn public_key_is_that_of_the_official_signer() {
    let bench = Workbench::new();
    for (private_key, public_key) in PRIVATE_KEYS.iter().zip(PUBLIC_KEYS) {
        for text in
            [format!("0x{private_key}"), format!("{private_key}\n"), format!("0x{}\r\n", private_key.to_uppercase())]
        {
            let printed = bench.keyward("lighter public-key").input(text).prints();
            assert_eq!(printed, format!("0x{public_key}\n"));
        }
    }
}

#[test]
fn bad_private_key_is_refused() {
    let bench = Workbench::new();
    let [key, _] = PRIVATE_KEYS;
    let order = "0x".to_owned() + &"f".repeat(80);
    for text in [
        String::new(),
        "\n".to_owned(),
        key[1..].to_owned(),
        format!("{key}0"),
        format!("{key}\n\n"),
        format!(" {key}"),
        format!("{key}\n{key}\n"),
        format!("g{}", &key[1..]),
        "0".repeat(80),
        order,
        key.repeat(1000),
    ] {
        for command in ["public-key", "sign --account 5 --api-key-index 253 --expires-at 1795248000"] {
            let output = bench.keyward(&format!("lighter {command}")).input(text.as_str()).exits(1);
            assert!(output.stderr.starts_with("error: standard input: "), "{}", output.stderr);
            assert_eq!(output.stderr.lines().count(), 1);
            assert_eq!(output.stdout, "");
        }
    }
    let binary = bench.keyward("lighter public-key").input([0xff; 80]);
    binary.refuses("standard input: not text");
}

#[test]
fn signed_token_is_valid_until_it_expires() {
    let bench = Workbench::new();
    let [account, _] = ACCOUNTS;
    let [public_key, other_public_key] = PUBLIC_KEYS;
    let token = bench
        .keyward(&format!("lighter sign --account {account} --api-key-index 7 --expires-at 1795248000"))
        .input(PRIVATE_KEYS[0])
        .prints();
    assert!(token.starts_with("1795248000:5:7:"), "{token}");
    assert_eq!(token.lines().count(), 1);
    let verify = |key: &str, time: &str| {
        bench.keyward(&format!("lighter verify --public-key {key} {time}")).input(token.as_str())
    };
    assert_eq!(verify(public_key, "--now 1795219200").prints(), "valid\n");
    assert_eq!(verify(public_key, "--now 1795247999").prints(), "valid\n");
    assert_eq!(verify(public_key, "--any-time").prints(), "valid\n");
    assert_eq!(verify(public_key, "--now 1795248000").exits(1).stdout, "expired at 1795248000\n");
    assert_eq!(verify(public_key, "--now 1795219199").exits(1).stdout, "not usable before 1795219200\n");
    assert_eq!(verify(other_public_key, "--any-time").exits(1).stdout, "invalid signature\n");
}
