//! Keys, nonces and the venue itself, as anybody may ask for them.

use std::sync::Arc;

use keyward_lighter::{ApiCode, public_key_hex};
use keyward_lighter_sandbox::{SandboxClock, Seed, Storage, Venue, VenueSettings};
use serde_json::json;

use crate::workbench::{MAIN, SLOT, START, STRANGER, SUB, Workbench, assert_code, key, owner};

#[test]
fn status_and_contract_have_no_code() {
    let bench = Workbench::new();
    let status = serde_json::to_value(bench.venue.status()).unwrap();
    assert_eq!(status, json!({"status": 1, "network_id": 1, "timestamp": START}));
    let info = serde_json::to_value(bench.venue.info()).unwrap();
    assert_eq!(info, json!({"contract_address": "0x0000000000000000000000000000000000000000"}));
}

#[test]
fn keys_are_listed_by_slot_without_0x() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(2));
    bench.advance_secs(1);
    bench.register(MAIN, 4, &key(1));
    let entry = |slot: u8, number, second: u64| {
        json!({
            "account_index": MAIN, "api_key_index": slot, "nonce": 1,
            "public_key": public_key_hex(key(number).verifying_key()),
            "transaction_time": (START + second) * 1_000_000,
        })
    };
    let all = serde_json::to_value(bench.venue.api_keys(MAIN as i64, 255).unwrap()).unwrap();
    assert_eq!(all, json!({"code": 200, "api_keys": [entry(4, 1, 1), entry(SLOT, 2, 0)]}));
    let one = serde_json::to_value(bench.venue.api_keys(MAIN as i64, 4).unwrap()).unwrap();
    assert_eq!(one["api_keys"], json!([entry(4, 1, 1)]));
}

#[test]
fn slot_that_never_had_a_key_is_not_found() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    for (account, slot) in [(MAIN as i64, 4), (SUB as i64, 255), (6, 255), (6, 0)] {
        assert_code(bench.venue.api_keys(account, slot), ApiCode::API_KEY_NOT_FOUND);
    }
    assert_code(bench.venue.api_keys(-1, 255), ApiCode::INVALID_ACCOUNT_INDEX);
    for slot in [-1, 256, i64::MAX] {
        assert_code(bench.venue.api_keys(MAIN as i64, slot), ApiCode::INVALID_API_KEY_INDEX);
    }
}

#[test]
fn emptied_slot_stays_listed_with_zeros() {
    let seed = format!(
        r#"{{"accounts": [{{"l1_address": "{}", "api_keys": [{{"api_key_index": 7, "nonce": 3}}]}}]}}"#,
        owner().address()
    );
    let seed = Seed::from_json(seed.as_bytes()).unwrap();
    let clock = Arc::new(SandboxClock::default());
    let venue = Venue::open(VenueSettings::default(), seed, Storage::Memory, clock).unwrap();
    let keys = venue.api_keys(3, 255).unwrap().api_keys;
    assert_eq!((keys[0].nonce, &*keys[0].public_key), (3, &*"0".repeat(80)));
}

#[test]
fn nonce_of_what_was_never_used_is_0() {
    let bench = Workbench::new();
    let nonce = |account: u64, slot| serde_json::to_value(bench.venue.next_nonce(account as i64, slot).unwrap());
    for (account, slot) in [(MAIN, 0), (MAIN, 254), (STRANGER, 4), (6, 4)] {
        assert_eq!(nonce(account, slot).unwrap(), json!({"code": 200, "nonce": 0}));
    }
    for slot in [-1, 255, 256] {
        assert_code(bench.venue.next_nonce(MAIN as i64, slot), ApiCode::INVALID_API_KEY_INDEX);
    }
    assert_code(bench.venue.next_nonce(1 << 48, 4), ApiCode::INVALID_ACCOUNT_INDEX);
}

#[test]
fn all_slots_from_0_to_254_can_have_a_key() {
    let bench = Workbench::new();
    for slot in [0, 3, 4, 253, 254] {
        bench.register(MAIN, slot, &key(slot.into()));
        assert_eq!(bench.listed_key(MAIN, slot), Some(public_key_hex(key(slot.into()).verifying_key())));
    }
}

#[test]
fn limits_and_orders_are_those_of_an_idle_account() {
    let bench = Workbench::new();
    let principal = bench.manager(SUB);
    let limits = serde_json::to_value(bench.venue.account_limits(&principal)).unwrap();
    assert_eq!(
        limits,
        json!({
            "code": 200, "max_llp_percentage": 100, "max_llp_amount": "0.000000", "user_tier": "premium",
            "can_create_public_pool": false, "user_tier_name": "premium", "current_maker_fee_tick": 0,
            "current_taker_fee_tick": 0, "leased_lit": "0.00000000", "effective_lit_stakes": "0.00000000",
            "user_tier_last_update": 0, "bo_user_tier_name": "", "bo_fee_rate": 1,
        })
    );
    let orders = serde_json::to_value(bench.venue.active_orders(&principal)).unwrap();
    assert_eq!(orders, json!({"code": 200, "orders": []}));
}
