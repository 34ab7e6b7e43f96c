//! `token`: the look-up.

use crate::workbench::{ACCOUNTS, FIRST_SLOT, PUBLIC_KEYS, SAMPLE_TOKENS, Workbench, sample_token};

const SLOT: u64 = 21_600;

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write_private("auth-tokens.json", SAMPLE_TOKENS);
    bench
}

#[test]
fn token_of_the_official_script_is_printed_and_nothing_else() {
    let bench = bench();
    for (index, account) in ACCOUNTS.iter().enumerate() {
        for (now, slot) in [
            (FIRST_SLOT, FIRST_SLOT),
            (FIRST_SLOT + SLOT - 1, FIRST_SLOT),
            (FIRST_SLOT + SLOT, FIRST_SLOT + SLOT),
            (FIRST_SLOT + 112 * SLOT - 1, FIRST_SLOT + 111 * SLOT),
        ] {
            let key = PUBLIC_KEYS[index];
            let run = bench.keyward(&format!("lighter token {account} --now {now} --public-key {key}"));
            let output = run.exits(0);
            assert_eq!(output.stdout, format!("{}\n", sample_token(index, slot)));
            assert_eq!(output.stderr, "");
        }
    }
}

#[test]
fn account_may_be_left_out_if_it_is_the_only_one() {
    let bench = bench();
    bench.keyward("lighter token").refuses("auth-tokens.json: which account? the file has 5, 281474976710600");
    let token = sample_token(0, FIRST_SLOT);
    bench.write_private("one.json", format!("{{\"5\": {{\"{FIRST_SLOT}\": \"{token}\"}}}}"));
    let printed = bench.keyward(&format!("lighter token --tokens one.json --now {FIRST_SLOT}")).prints();
    assert_eq!(printed, format!("{token}\n"));
}

#[test]
fn with_skew_the_previous_token_is_printed_at_the_start_of_a_slot() {
    let bench = bench();
    let second = FIRST_SLOT + SLOT;
    for (now, slot) in [
        (second, FIRST_SLOT),
        (second + 29, FIRST_SLOT),
        (second + 30, second),
        // There is no slot before.
        (FIRST_SLOT, FIRST_SLOT),
    ] {
        let printed = bench.keyward(&format!("lighter token 5 --now {now} --skew 30")).prints();
        assert_eq!(printed, format!("{}\n", sample_token(0, slot)));
    }
}

#[test]
fn unknown_account_is_refused() {
    let run = bench().keyward("lighter token 6").exits(1);
    assert_eq!(run.stderr, "error: auth-tokens.json: account 6: not in the file, which has 5, 281474976710600\n");
}

#[test]
fn clock_outside_the_slots_is_refused() {
    let bench = bench();
    let run = |now: u64| bench.keyward(&format!("lighter token 5 --now {now}"));
    run(FIRST_SLOT - 1).refuses("auth-tokens.json: account 5: the first slot starts only at 1795219200");
    run(0).refuses("auth-tokens.json: account 5: the first slot starts only at 1795219200");
    // The last token would do for two hours more, but its slot is over.
    let end = FIRST_SLOT + 112 * SLOT;
    run(end + 7_200).refuses("auth-tokens.json: account 5: the last slot, from 1797616800 on, is over");
    run((1 << 63) - 1).refuses("auth-tokens.json: account 5: the last slot, from 1797616800 on, is over");
}

#[test]
fn wrong_entry_is_refused() {
    let bench = bench();
    let first = FIRST_SLOT;
    let good = sample_token(0, first);
    let cut = &good[..good.len() - 1];
    for (entry, cause) in [
        (sample_token(1, first), "the token is for account 281474976710600"),
        (sample_token(0, first + SLOT), "the token's deadline is 1795269600, not 1795248000"),
        (cut.to_owned(), "signature of auth token has 159 digits, not 160"),
        (good.to_uppercase(), "signature of auth token has no lower-case hexadecimal digit at index 2"),
        (good.replace(":5:", ":05:"), "account index of auth token is not a canonical decimal number"),
        (good.replace(":253:", ":255:"), "API key index of auth token is out of range"),
        ("ro:5:single:1795248000:00".to_owned(), "deadline of auth token is not a canonical decimal number"),
        (String::new(), "auth token has no account index"),
    ] {
        bench.write_private("auth-tokens.json", format!("{{\"5\": {{\"{first}\": \"{entry}\"}}}}"));
        let run = bench.keyward(&format!("lighter token 5 --now {first}"));
        run.refuses(&format!("auth-tokens.json: account 5, slot {first}: {cause}"));
    }
}

#[test]
fn tampered_signature_is_refused_with_the_public_key() {
    let bench = bench();
    let good = sample_token(0, FIRST_SLOT);
    let (rest, last) = good.split_at(good.len() - 1);
    let tampered = format!("{rest}{}", if last == "0" { "1" } else { "0" });
    bench.write_private("auth-tokens.json", SAMPLE_TOKENS.replace(&good, &tampered));
    let [key, other_key] = PUBLIC_KEYS;
    let run = |arguments: &str| bench.keyward(&format!("lighter token 5 --now {FIRST_SLOT} {arguments}"));
    // The file carries no signature key.
    assert_eq!(run("").prints(), format!("{tampered}\n"));
    let refusal = "auth-tokens.json: account 5, deadline 1795248000: invalid signature";
    run(&format!("--public-key {key}")).refuses(refusal);
    bench.write_private("auth-tokens.json", SAMPLE_TOKENS);
    run(&format!("--public-key 0x{key}")).prints();
    run(&format!("--public-key {other_key}")).refuses(refusal);
}

#[test]
fn file_that_others_can_read_is_warned_of() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let bench = bench();
    set_permissions(bench.path("auth-tokens.json"), Permissions::from_mode(0o640)).unwrap();
    let output = bench.keyward(&format!("lighter token 5 --now {FIRST_SLOT}")).exits(0);
    assert_eq!(output.stdout, format!("{}\n", sample_token(0, FIRST_SLOT)));
    assert_eq!(output.stderr, "warning: auth-tokens.json: holds secrets, but has mode 0640, not 0600\n");
}
