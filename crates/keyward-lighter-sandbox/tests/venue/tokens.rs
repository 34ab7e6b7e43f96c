//! Tokens that a key has signed.

use keyward_lighter::ApiCode;
use keyward_lighter_sandbox::VenueSettings;

use crate::workbench::{MAIN, POOL, SLOT, START, STRANGER, SUB, Workbench, assert_refused, key, plus_the_order, token};

const EIGHT_HOURS: u64 = 8 * 60 * 60;

#[track_caller]
fn assert_invalid<T>(result: Result<T, keyward_lighter_sandbox::Refusal>, detail: &str) {
    assert_refused(result, 401, ApiCode::INVALID_AUTH, &format!("invalid auth: {detail}"));
}

#[test]
fn token_opens_its_account_and_tells_who_it_is() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let token = token(MAIN, SLOT, &key(1), START + 600);
    for principal in [bench.read(&token, MAIN).unwrap(), bench.manage(&token, MAIN).unwrap()] {
        assert_eq!(principal.account_index().as_u64(), MAIN);
        assert_eq!(principal.owner(), crate::workbench::owner().address());
        assert_eq!(principal.tier().as_str(), "premium");
        assert!(!principal.is_read_only());
    }
}

#[test]
fn token_is_taken_in_its_last_eight_hours() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let deadline = START + 100_000;
    let token = token(MAIN, SLOT, &key(1), deadline);
    for (now, detail) in [
        (START, "invalid deadline"),
        (deadline - EIGHT_HOURS - 1, "invalid deadline"),
        (deadline, "expired token"),
        (deadline + 1, "expired token"),
    ] {
        bench.set_secs(now);
        assert_invalid(bench.read(&token, MAIN), detail);
    }
    for now in [deadline - EIGHT_HOURS, deadline - 1] {
        bench.set_secs(now);
        bench.read(&token, MAIN).unwrap();
    }
}

#[test]
fn last_millisecond_before_the_deadline_counts() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let token = token(MAIN, SLOT, &key(1), START + 1);
    bench.clock.advance_millis(999);
    bench.read(&token, MAIN).unwrap();
    bench.clock.advance_millis(1);
    assert_invalid(bench.read(&token, MAIN), "expired token");
}

#[test]
fn text_that_is_no_token_is_refused() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let good = token(MAIN, SLOT, &key(1), START + 600);
    let (message, signature) = good.rsplit_once(':').unwrap();
    let upper = format!("{message}:{}", signature.to_ascii_uppercase());
    let bearer = format!("Bearer {good}");
    for text in [
        "",
        ":::",
        message,
        &good[..good.len() - 1],
        &format!("{good}0"),
        &format!("{good}:"),
        &format!(" {good}"),
        &format!("+{good}"),
        &format!("0{good}"),
        &format!("-{good}"),
        &good.replace(":253:", ":255:"),
        &good.replace(":253:", ":256:"),
        &upper,
        &bearer,
        "ro:",
        "ro:5:single:1895219200:00",
    ] {
        assert_invalid(bench.read(text, MAIN), "invalid auth string");
    }
}

#[test]
fn first_fault_in_the_order_of_the_checks_is_told() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    // Past or too far ahead, in a slot without a key, and for another account than asked.
    assert_invalid(bench.read(&token(MAIN, 4, &key(2), START), SUB), "expired token");
    assert_invalid(bench.read(&token(MAIN, 4, &key(2), START + EIGHT_HOURS + 1), SUB), "invalid deadline");
    assert_invalid(bench.read(&token(MAIN, 4, &key(2), START + 600), SUB), "api key not found");
    assert_invalid(bench.read(&token(6, SLOT, &key(2), START + 600), SUB), "api key not found");
    assert_invalid(bench.read(&token(MAIN, SLOT, &key(2), START + 600), SUB), "invalid signature");
    assert_invalid(bench.read(&token(MAIN, SLOT, &key(1), START + 600), SUB), "account mismatch");
}

#[test]
fn token_opens_no_other_account() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    bench.register(SUB, SLOT, &key(2));
    let [main, sub] = [token(MAIN, SLOT, &key(1), START + 600), token(SUB, SLOT, &key(2), START + 600)];
    for account in [SUB, POOL, STRANGER, 6] {
        assert_invalid(bench.read(&main, account), "account mismatch");
    }
    assert_invalid(bench.read(&sub, MAIN), "account mismatch");
    bench.read(&sub, SUB).unwrap();
}

#[test]
fn signature_of_another_message_is_refused() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let good = token(MAIN, SLOT, &key(1), START + 600);
    let other = token(MAIN, SLOT, &key(1), START + 601);
    let signature = other.rsplit_once(':').unwrap().1;
    let mixed = format!("{}:{signature}", good.rsplit_once(':').unwrap().0);
    let zeros = format!("{}:{}", good.rsplit_once(':').unwrap().0, "0".repeat(160));
    for text in [mixed, zeros] {
        assert_invalid(bench.read(&text, MAIN), "invalid signature");
    }
    bench.read(&good, MAIN).unwrap();
}

#[test]
fn signature_that_is_written_otherwise_is_refused() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let good = token(MAIN, SLOT, &key(1), START + 600);
    let (message, signature) = good.rsplit_once(':').unwrap();
    for other in plus_the_order(&base16ct::lower::decode_vec(signature).unwrap()) {
        let text = format!("{message}:{}", base16ct::lower::encode_string(&other));
        assert_invalid(bench.read(&text, MAIN), "invalid signature");
    }
    bench.read(&good, MAIN).unwrap();
}

#[test]
fn each_signature_is_verified_however_many_keys_have_tables() {
    for prepared_keys in [0, 1, 3, 512, usize::MAX] {
        let bench = Workbench::with_settings(VenueSettings { prepared_keys, ..VenueSettings::default() });
        for slot in 0..8 {
            bench.register(MAIN, slot, &key(slot.into()));
        }
        // Often enough for each key that others give way.
        for round in 0..40 {
            for slot in 0..8 {
                let deadline = START + 600 + round;
                bench.read(&token(MAIN, slot, &key(slot.into()), deadline), MAIN).unwrap();
                let forged = token(MAIN, slot, &key(99), deadline);
                assert_invalid(bench.read(&forged, MAIN), "invalid signature");
            }
        }
    }
}
