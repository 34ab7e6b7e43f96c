//! What becomes of a key and of its tokens when another takes its place.

use keyward_lighter::{ApiCode, public_key_hex};
use keyward_lighter_sandbox::{Refusal, VenueSettings};

use crate::workbench::{
    MAIN, NEW_TOKEN, SLOT, START, Workbench, assert_code, assert_refused, change_key, key, main_order, owner, token,
};

#[track_caller]
fn assert_bad_signature<T>(result: Result<T, Refusal>) {
    assert_refused(result, 401, ApiCode::INVALID_AUTH, "invalid auth: invalid signature");
}

#[test]
fn rotation_kills_the_old_keys_tokens_at_once_and_keeps_the_nonce() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let [old, new] = [1, 2].map(|number| token(MAIN, SLOT, &key(number), START + 600));
    bench.read(&old, MAIN).unwrap();
    assert_bad_signature(bench.read(&new, MAIN));

    bench.register(MAIN, SLOT, &key(2));
    assert_bad_signature(bench.read(&old, MAIN));
    bench.read(&new, MAIN).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 2, "rotation does not reset it");
    assert_code(bench.send(&main_order(2, &key(1))), ApiCode::INVALID_SIGNATURE);
    bench.send(&main_order(2, &key(2))).unwrap();

    // Coming back, the first key is as good as any.
    bench.register(MAIN, SLOT, &key(1));
    bench.read(&old, MAIN).unwrap();
}

#[test]
fn clock_that_is_set_back_brings_no_old_key_back() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let [old, new] = [1, 2].map(|number| token(MAIN, SLOT, &key(number), START + 600));
    bench.advance_secs(300);
    bench.register(MAIN, SLOT, &key(2));
    bench.set_secs(START - 3_600);
    assert_bad_signature(bench.read(&old, MAIN));
    bench.read(&new, MAIN).unwrap();
    assert_code(bench.send(&main_order(2, &key(1))), ApiCode::INVALID_SIGNATURE);
    bench.send(&main_order(2, &key(2))).unwrap();
}

#[test]
fn key_that_was_let_in_before_its_rotation_changes_nothing_after_it() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let principal = bench.manage(&token(MAIN, SLOT, &key(1), START + 600), MAIN).unwrap();
    bench.register(MAIN, SLOT, &key(2));

    assert_bad_signature(bench.venue.create_token(&principal, &NEW_TOKEN));
    assert_bad_signature(bench.venue.revoke_token(&principal, 1));
    assert_bad_signature(bench.venue.set_maker_only(&principal, "[]"));
    assert_bad_signature(bench.venue.change_tier(&principal, "standard"));
    assert!(bench.venue.list_tokens(&principal).api_tokens.is_empty());
}

#[test]
fn read_only_tokens_survive_a_rotation() {
    let bench = Workbench::new();
    let principal = bench.manager(MAIN);
    let created = bench.venue.create_token(&principal, &NEW_TOKEN).unwrap();
    bench.register(MAIN, SLOT, &key(2));
    let read_only = bench.read(created.token.api_token.expose_secret(), MAIN).unwrap();
    assert_eq!(bench.venue.list_tokens(&read_only).api_tokens.len(), 1);
}

#[test]
fn execution_delay_keeps_the_old_key_in_force_but_counts_the_nonce() {
    let settings = VenueSettings { execution_delay_ms: 2_500, ..VenueSettings::default() };
    let bench = Workbench::with_settings(settings);
    let tokens = [1, 2, 3].map(|number| token(MAIN, SLOT, &key(number), START + 600));
    let in_force = |bench: &Workbench| tokens.each_ref().map(|token| bench.read(token, MAIN).is_ok());
    let listed = |number| Some(public_key_hex(key(number).verifying_key()));

    let sent = bench.send(&change_key(MAIN, SLOT, 0, &key(1), &owner())).unwrap();
    assert_eq!(sent.predicted_execution_time_ms.as_millis(), START * 1000 + 2_500);
    assert_eq!(bench.next_nonce(MAIN, SLOT), 1);
    assert_eq!(bench.listed_key(MAIN, SLOT), None);
    assert_code(bench.send(&main_order(1, &key(1))), ApiCode::INVALID_PUBLIC_KEY);

    bench.clock.advance_millis(1_000);
    bench.send(&change_key(MAIN, SLOT, 1, &key(2), &owner())).unwrap();
    bench.clock.advance_millis(1_499);
    assert_eq!(in_force(&bench), [false, false, false]);
    bench.clock.advance_millis(1);
    assert_eq!((in_force(&bench), bench.listed_key(MAIN, SLOT)), ([true, false, false], listed(1)));
    bench.send(&change_key(MAIN, SLOT, 2, &key(3), &owner())).unwrap();
    bench.clock.advance_millis(1_000);
    assert_eq!((in_force(&bench), bench.listed_key(MAIN, SLOT)), ([false, true, false], listed(2)));
    bench.clock.advance_millis(1_500);
    assert_eq!((in_force(&bench), bench.listed_key(MAIN, SLOT)), ([false, false, true], listed(3)));
    bench.send(&main_order(3, &key(3))).unwrap();
}
