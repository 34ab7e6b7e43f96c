//! What is refused of transactions, with which code, and in which order.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use keyward_lighter::{
    Action, ApiCode, AttributeType, Attributes, CancelAllOrders, ChainId, ChangePubKey, Nonce, OrderExpiry,
    TimeInForce, VerifyingKey,
};
use keyward_lighter_sandbox::{Seed, VenueSettings};

use crate::workbench::{
    FUND, MAIN, POOR, SLOT, START, STRANGER, SUB, Sendable, Workbench, assert_code, assert_refused, change_key,
    change_key_with, key, main_order, order, owner, plus_the_order, seconds, sign, sign_for, stranger, token,
    transaction,
};

/// The signature of the API key, as it is sent.
fn signature(tx: &Sendable) -> String {
    let info: serde_json::Value = serde_json::from_str(&tx.tx_info).unwrap();
    info["Sig"].as_str().unwrap().to_owned()
}

#[test]
fn accepted_key_change_is_listed_and_counts() {
    let bench = Workbench::new();
    let sent = bench.send(&change_key(MAIN, SLOT, 0, &key(1), &owner())).unwrap();
    assert_eq!(sent.tx_hash.len(), 80);
    assert_eq!(sent.predicted_execution_time_ms.as_millis(), START * 1000);
    assert_eq!(serde_json::to_value(&sent).unwrap()["code"], 200);
    assert_eq!(bench.next_nonce(MAIN, SLOT), 1);
    assert_eq!(bench.listed_key(MAIN, SLOT), Some(keyward_lighter::public_key_hex(key(1).verifying_key())));
    assert_eq!(bench.listed_key(SUB, SLOT), None);
}

#[test]
fn tx_hash_is_what_was_signed() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let unsigned = transaction(MAIN, SLOT, 1, Attributes::NONE, order(1, TimeInForce::PostOnly));
    let expected = unsigned.hash(ChainId::MAINNET).to_bytes();
    let sent = bench.send(&sign(unsigned, &key(1))).unwrap();
    assert_eq!(sent.tx_hash, expected.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}

#[test]
fn first_fault_in_the_order_of_the_checks_is_told() {
    let bench = Workbench::new();
    let good = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let [public_key, zero_key] =
        [key(1).verifying_key().to_bytes(), [0; 40]].map(|bytes| BASE64_STANDARD.encode(bytes));
    let other = change_key(MAIN, SLOT, 0, &key(2), &owner());

    // Each has the fault that is named, and all that come after it.
    let wrong_owner = change_key(MAIN, SLOT, 0, &key(1), &stranger());
    let wrong_signature = wrong_owner.edited(&signature(&wrong_owner), &signature(&other));
    let wrong_nonce = wrong_signature.edited("\"Nonce\":0", "\"Nonce\":1");
    let wrong_attribute = wrong_nonce.edited("\"L2TxAttributes\":null", "\"L2TxAttributes\":{\"4\":2}");
    let wrong_expiry = wrong_attribute.edited("\"ExpiredAt\":17", "\"ExpiredAt\":-17");
    let past_expiry = wrong_nonce.edited("\"ExpiredAt\":17", "\"ExpiredAt\":16");
    let wrong_key = wrong_expiry.edited(&public_key, &zero_key);
    let wrong_slot = wrong_key.edited("\"ApiKeyIndex\":253", "\"ApiKeyIndex\":255");
    let wrong_account = wrong_slot.edited("\"AccountIndex\":5", "\"AccountIndex\":6");
    let wrong_json = Sendable { tx_info: wrong_account.tx_info[1..].to_owned(), ..wrong_account };
    let wrong_type = Sendable { tx_type: 45, ..wrong_json.clone() };

    assert_code(bench.send(&wrong_type), ApiCode::UNSUPPORTED_TX_TYPE);
    assert_code(bench.send(&Sendable { tx_type: 256 + 8, ..good.clone() }), ApiCode::UNSUPPORTED_TX_TYPE);
    assert_code(bench.send(&wrong_json), ApiCode::INVALID_TX_INFO);
    assert_code(bench.send(&wrong_account), ApiCode::ACCOUNT_NOT_FOUND);
    assert_code(bench.send(&wrong_slot), ApiCode::INVALID_API_KEY_INDEX);
    assert_code(bench.send(&wrong_key), ApiCode::INVALID_PUBLIC_KEY);
    assert_code(bench.send(&wrong_expiry), ApiCode::INVALID_TX_INFO);
    assert_code(bench.send(&wrong_attribute), ApiCode::INVALID_TX_INFO);
    assert_code(bench.send(&past_expiry), ApiCode::INVALID_TX_INFO);
    for nonce in [-1, 1 << 48, i64::MAX] {
        let no_nonce = |tx: &Sendable| tx.edited("\"Nonce\":1", &format!("\"Nonce\":{nonce}"));
        assert_code(bench.send(&no_nonce(&past_expiry)), ApiCode::INVALID_TX_INFO);
        assert_code(bench.send_batch(&[no_nonce(&past_expiry)]), ApiCode::INVALID_TX_INFO);
        assert_code(bench.send(&no_nonce(&wrong_nonce)), ApiCode::INVALID_NONCE);
    }
    assert_code(bench.send(&wrong_nonce), ApiCode::INVALID_NONCE);
    assert_code(bench.send(&wrong_signature), ApiCode::INVALID_SIGNATURE);
    assert_code(bench.send(&wrong_owner), ApiCode::INVALID_L1_SIGNATURE);

    assert_eq!(bench.next_nonce(MAIN, SLOT), 0, "no refusal consumed the nonce");
    bench.send(&good).unwrap();
}

#[test]
fn signatures_that_are_none_are_refused_in_their_turn() {
    let bench = Workbench::new();
    let good = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let garbled = good.edited("\"L1Sig\":\"0x", "\"L1Sig\":\"0xzz");
    let forged = garbled.edited(&signature(&good), &signature(&change_key(MAIN, SLOT, 0, &key(2), &owner())));
    let short = garbled.edited(&signature(&good), "AA==");
    for (bad, code) in [
        (&garbled, ApiCode::INVALID_L1_SIGNATURE),
        (&forged, ApiCode::INVALID_SIGNATURE),
        (&short, ApiCode::INVALID_SIGNATURE),
    ] {
        assert_code(bench.send(bad), code);
        assert_code(bench.send_batch(std::slice::from_ref(bad)), code);
        assert_code(bench.send(&bad.edited("\"Nonce\":0", "\"Nonce\":1")), ApiCode::INVALID_NONCE);
    }
    bench.send(&good).unwrap();
}

#[test]
fn key_change_needs_the_owner_and_collateral() {
    let bench = Workbench::new();
    let missing = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let l1_signature = serde_json::from_str::<serde_json::Value>(&missing.tx_info).unwrap()["L1Sig"].clone();
    let missing = missing.edited(l1_signature.as_str().unwrap(), "");
    assert_code(bench.send(&missing), ApiCode::INVALID_L1_SIGNATURE);
    let garbled = change_key(MAIN, SLOT, 0, &key(1), &owner()).edited("\"L1Sig\":\"0x", "\"L1Sig\":\"0xzz");
    assert_code(bench.send(&garbled), ApiCode::INVALID_L1_SIGNATURE);

    assert_code(bench.send(&change_key(POOR, SLOT, 0, &key(1), &owner())), ApiCode::INVALID_L1_SIGNATURE);
    assert_code(bench.send(&change_key(POOR, SLOT, 0, &key(1), &stranger())), ApiCode::ZERO_COLLATERAL);
    // A sub-account's owner is that of the main account.
    bench.send(&change_key(SUB, SLOT, 0, &key(1), &owner())).unwrap();
    bench.send(&change_key(STRANGER, SLOT, 0, &key(1), &stranger())).unwrap();
}

#[test]
fn key_change_is_signed_with_the_new_key() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let change = ChangePubKey { public_key: *key(2).verifying_key() };
    let unsigned = transaction(MAIN, SLOT, 1, Attributes::NONE, Action::ChangePubKey(change));
    assert_code(bench.send(&sign(unsigned, &key(1))), ApiCode::INVALID_SIGNATURE);
    bench.register(MAIN, SLOT, &key(2));
}

#[test]
fn key_that_is_no_canonical_one_is_refused() {
    let bench = Workbench::new();
    let good = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let bytes = key(1).verifying_key().to_bytes();
    let mut not_canonical = bytes;
    not_canonical[..8].copy_from_slice(&0xffff_ffff_0000_0001_u64.to_le_bytes());
    for bad in [&not_canonical[..], &[0; 40], &[0xff; 40], &bytes[..39], &[]] {
        let edited = good.edited(&BASE64_STANDARD.encode(bytes), &BASE64_STANDARD.encode(bad));
        assert_code(bench.send(&edited), ApiCode::INVALID_PUBLIC_KEY);
    }
}

#[test]
fn key_with_a_number_that_is_written_otherwise_is_refused() {
    // A key whose first number leaves room for the modulus.
    let word = |number: u64| number.to_le_bytes();
    let canonical = (0..).map(|number| [word(7), word(number), word(0), word(0), word(0)].concat());
    let canonical = canonical.into_iter().find(|bytes| VerifyingKey::from_slice(bytes).is_ok()).unwrap();
    let mut other = canonical.clone();
    other[..8].copy_from_slice(&word(0xffff_ffff_0000_0001 + 7));

    let bench = Workbench::new();
    let good = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let with = |bytes: &[u8]| {
        good.edited(&BASE64_STANDARD.encode(key(1).verifying_key().to_bytes()), &BASE64_STANDARD.encode(bytes))
    };
    assert_code(bench.send(&with(&canonical)), ApiCode::INVALID_SIGNATURE);
    assert_code(bench.send(&with(&other)), ApiCode::INVALID_PUBLIC_KEY);
}

#[test]
fn signature_that_is_written_otherwise_is_refused() {
    let bench = Workbench::new();
    let change = change_key(MAIN, SLOT, 0, &key(1), &owner());
    for tx in [&change, &main_order(1, &key(1))] {
        let good = signature(tx);
        for other in plus_the_order(&BASE64_STANDARD.decode(&good).unwrap()) {
            assert_code(bench.send(&tx.edited(&good, &BASE64_STANDARD.encode(other))), ApiCode::INVALID_SIGNATURE);
        }
        bench.send(tx).unwrap();
    }
}

#[test]
fn more_than_four_attributes_are_refused() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, SLOT, 0, &key(1), &owner());
    let with = |attributes| tx.edited("\"L2TxAttributes\":null", &format!("\"L2TxAttributes\":{attributes}"));
    // Four are taken as far as the signature, which is over none.
    let four = r#"{"1":9,"2":1,"3":1,"4":1}"#;
    assert_code(bench.send(&with(four)), ApiCode::INVALID_SIGNATURE);
    assert_code(bench.send(&with(r#"{"1":9,"2":1,"3":1,"4":1,"8":1}"#)), ApiCode::INVALID_TX_INFO);
    assert_code(bench.send(&with(r#"{"9":1}"#)), ApiCode::INVALID_TX_INFO);
}

#[test]
fn expiry_is_the_first_instant_of_refusal() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, SLOT, 0, &key(1), &owner());
    bench.set_secs(START + 600);
    assert_code(bench.send(&tx), ApiCode::INVALID_TX_INFO);
    bench.set_secs(START + 599);
    bench.send(&tx).unwrap();
}

#[test]
fn transaction_is_bound_to_the_chain() {
    let bench = Workbench::with_settings(VenueSettings { chain_id: ChainId::TESTNET, ..VenueSettings::default() });
    let unsigned = |nonce| transaction(MAIN, SLOT, nonce, Attributes::NONE, order(1, TimeInForce::PostOnly));
    assert_code(bench.send(&change_key(MAIN, SLOT, 0, &key(1), &owner())), ApiCode::INVALID_SIGNATURE);

    let change = ChangePubKey { public_key: *key(1).verifying_key() };
    let registration = transaction(MAIN, SLOT, 0, Attributes::NONE, Action::ChangePubKey(change));
    let l1_signature = owner().sign_message(&registration.l1_message().unwrap());
    let registration = sign_for(ChainId::TESTNET, registration, &key(1));
    let registration = registration.edited("\"L1Sig\":\"\"", &format!("\"L1Sig\":\"{l1_signature}\""));
    bench.send(&registration).unwrap();
    assert_code(bench.send(&sign(unsigned(1), &key(1))), ApiCode::INVALID_SIGNATURE);
    bench.send(&sign_for(ChainId::TESTNET, unsigned(1), &key(1))).unwrap();
    // A token says nothing of a chain.
    bench.read(&token(MAIN, SLOT, &key(1), START + 60), MAIN).unwrap();
}

#[test]
fn order_needs_a_key_in_the_slot() {
    let bench = Workbench::new();
    assert_code(bench.send(&main_order(0, &key(1))), ApiCode::INVALID_PUBLIC_KEY);
    bench.register(MAIN, SLOT, &key(1));
    assert_code(bench.send(&main_order(1, &key(2))), ApiCode::INVALID_SIGNATURE);
    bench.send(&main_order(1, &key(1))).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 2);
}

#[test]
fn slots_are_0_to_254() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, 254, 0, &key(1), &owner());
    for slot in [-1, 255, 256, i64::MAX] {
        let elsewhere = tx.edited("\"ApiKeyIndex\":254", &format!("\"ApiKeyIndex\":{slot}"));
        assert_code(bench.send(&elsewhere), ApiCode::INVALID_API_KEY_INDEX);
    }
    bench.send(&tx).unwrap();
}

#[test]
fn tx_info_of_the_wrong_types_is_refused() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, SLOT, 0, &key(1), &owner());
    for (from, to) in [
        ("\"AccountIndex\":5", "\"AccountIndex\":\"5\""),
        ("\"AccountIndex\":5", "\"Account\":5"),
        ("\"AccountIndex\":5", "\"AccountIndex\":5,\"AccountIndex\":5"),
        ("\"ApiKeyIndex\":253", "\"ApiKeyIndex\":253.0"),
        ("\"Nonce\":0", "\"Nonce\":null"),
        ("\"Nonce\":0", "\"Nonce\":9223372036854775808"),
        ("\"PubKey\":\"", "\"PubKey\":\"*"),
        ("\"L2TxAttributes\":null", "\"L2TxAttributes\":[]"),
    ] {
        assert_code(bench.send(&tx.edited(from, to)), ApiCode::INVALID_TX_INFO);
    }
    for text in ["", "null", "[]", "\"{}\"", "{}", &format!("{}x", tx.tx_info), &"[".repeat(100_000)] {
        assert_code(bench.venue.send_tx(8, text), ApiCode::INVALID_TX_INFO);
    }
    bench.send(&tx).unwrap();
}

#[test]
fn funds_and_staking_pools_send_no_transactions() {
    let bench = Workbench::new();
    let tx = change_key(FUND, SLOT, 0, &key(1), &owner());
    assert_code(bench.send(&tx), ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT);
}

#[test]
fn nonce_must_be_the_next_one_unless_it_skips() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let skipping = |nonce, number| {
        sign(transaction(MAIN, SLOT, nonce, Attributes::SKIP_NONCE, order(number, TimeInForce::PostOnly)), &key(1))
    };
    for nonce in [0, 2, Nonce::MAX.as_u64()] {
        assert_code(bench.send(&main_order(nonce, &key(1))), ApiCode::INVALID_NONCE);
    }
    // A time in milliseconds is a nonce like any other.
    bench.send(&skipping(START * 1000, 1)).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), START * 1000 + 1);
    assert_code(bench.send(&skipping(START * 1000, 1)), ApiCode::INVALID_NONCE);
    assert_code(bench.send(&skipping((1 << 47) - 1, 1)), ApiCode::INVALID_NONCE);
    bench.send(&skipping((1 << 47) - 2, 1)).unwrap();
    assert_code(bench.send(&skipping((1 << 47) - 1, 1)), ApiCode::INVALID_NONCE);
    bench.send(&main_order((1 << 47) - 1, &key(1))).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 1 << 47);
}

#[test]
fn key_change_may_skip_nonces_too() {
    let bench = Workbench::new();
    bench.send(&change_key_with(MAIN, SLOT, 77, Attributes::SKIP_NONCE, &key(1), &owner())).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 78);
}

#[test]
fn slot_that_has_used_the_last_nonce_takes_no_more() {
    let public_key = keyward_lighter::public_key_hex(key(1).verifying_key());
    let seed = format!(
        r#"{{"accounts": [{{"l1_address": "{}", "index": {MAIN}, "api_keys": [
            {{"api_key_index": {SLOT}, "public_key": "{public_key}", "nonce": {}}}
        ]}}]}}"#,
        owner().address(),
        Nonce::MAX,
    );
    let bench = Workbench::seeded(Seed::from_json(seed.as_bytes()).unwrap());
    bench.send(&main_order(Nonce::MAX.as_u64(), &key(1))).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 1 << 48);
    for nonce in [0, Nonce::MAX.as_u64()] {
        assert_code(bench.send(&main_order(nonce, &key(1))), ApiCode::INVALID_NONCE);
        assert_code(bench.send(&change_key(MAIN, SLOT, nonce, &key(2), &owner())), ApiCode::INVALID_NONCE);
    }
}

#[test]
fn lowest_and_highest_account_are_accounts() {
    let seed =
        format!(r#"{{"accounts": [{{"l1_address": "{0}", "index": 0}}, {{"l1_address": "{0}"}}]}}"#, owner().address());
    let bench = Workbench::seeded(Seed::from_json(seed.as_bytes()).unwrap());
    for account in [0, (1 << 48) - 2] {
        bench.register(account, SLOT, &key(1));
        bench.read(&token(account, SLOT, &key(1), START + 60), account).unwrap();
    }
    for account in ["-1", "281474976710655"] {
        let tx = change_key(0, SLOT, 1, &key(1), &owner());
        let tx = tx.edited("\"AccountIndex\":0", &format!("\"AccountIndex\":{account}"));
        assert_code(bench.send(&tx), ApiCode::ACCOUNT_NOT_FOUND);
    }
}

#[test]
fn unknown_members_are_passed_over() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, SLOT, 0, &key(1), &owner()).edited("{\"Acc", "{\"New\": [{}], \"Acc");
    bench.send(&tx).unwrap();
}

#[test]
fn attribute_that_says_nothing_is_none() {
    let bench = Workbench::new();
    let tx = change_key(MAIN, SLOT, 0, &key(1), &owner());
    bench.send(&tx.edited("\"L2TxAttributes\":null", "\"L2TxAttributes\":{\"4\":0}")).unwrap();
    let tx = main_order(1, &key(1));
    bench.send(&tx.edited("\"L2TxAttributes\":null", "\"L2TxAttributes\":{}")).unwrap();
}

#[test]
fn batch_is_taken_whole_or_not_at_all() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let orders = |nonces: &[u64]| nonces.iter().map(|nonce| main_order(*nonce, &key(1))).collect::<Vec<_>>();

    let mut forged = orders(&[1, 2, 3]);
    forged[2] = main_order(3, &key(2));
    assert_code(bench.send_batch(&forged), ApiCode::INVALID_SIGNATURE);
    assert_eq!(bench.next_nonce(MAIN, SLOT), 1, "the two good ones were not taken");

    let hashes = bench.send_batch(&orders(&[1, 2, 3])).unwrap();
    assert_eq!(hashes.len(), 3);
    assert_eq!(bench.next_nonce(MAIN, SLOT), 4);
    assert_code(bench.send_batch(&orders(&[1, 2, 3])), ApiCode::INVALID_NONCE);
}

#[test]
fn batch_is_of_one_slot_in_ascending_order_and_bounded() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    bench.register(MAIN, 4, &key(1));
    let orders = |nonces: &[u64]| nonces.iter().map(|nonce| main_order(*nonce, &key(1))).collect::<Vec<_>>();
    let elsewhere = |account, slot| {
        let other = transaction(account, slot, 2, Attributes::NONE, order(1, TimeInForce::PostOnly));
        [orders(&[1]), vec![sign(other, &key(1))]].concat()
    };

    for nonces in [&[1, 3][..], &[1, 1], &[2, 1]] {
        assert_code(bench.send_batch(&orders(nonces)), ApiCode::BATCH_NONCE_NOT_INCREASING);
    }
    assert_code(bench.send_batch(&elsewhere(MAIN, 4)), ApiCode::BATCH_OF_SEVERAL_KEYS);
    assert_code(bench.send_batch(&elsewhere(SUB, SLOT)), ApiCode::BATCH_OF_SEVERAL_KEYS);
    assert_code(bench.venue.send_tx_batch("[14, 14]", "[\"{}\"]"), ApiCode::BATCH_LENGTHS_DIFFER);
    assert_code(bench.send_batch(&orders(&(1..=51).collect::<Vec<_>>())), ApiCode::BATCH_TOO_LARGE);
    assert_code(bench.venue.send_tx_batch("[14]", "[\"{}\"]"), ApiCode::INVALID_TX_INFO);
    assert_code(bench.venue.send_tx_batch("[13]", "[\"{}\"]"), ApiCode::UNSUPPORTED_TX_TYPE);
    bench.send_batch(&orders(&(1..=50).collect::<Vec<_>>())).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 51);
}

#[test]
fn batch_that_is_no_two_arrays_is_an_invalid_parameter() {
    let bench = Workbench::new();
    for (types, message) in [
        ("14", "invalid param : tx_types must be a JSON array of whole numbers"),
        ("[14.5]", "invalid param : tx_types must be a JSON array of whole numbers"),
        ("[-1]", "invalid param : tx_types must be a JSON array of whole numbers"),
        ("[]", "invalid param : tx_types is empty"),
    ] {
        assert_refused(bench.venue.send_tx_batch(types, "[]"), 400, ApiCode::INVALID_PARAM, message);
    }
    let message = "invalid param : tx_infos must be a JSON array of strings";
    for infos in ["", "{}", "[{}]", "[null]"] {
        assert_refused(bench.venue.send_tx_batch("[14]", infos), 400, ApiCode::INVALID_PARAM, message);
    }
}

#[test]
fn batch_may_change_the_key_on_its_way() {
    let bench = Workbench::new();
    let first = change_key(MAIN, SLOT, 0, &key(1), &owner());
    bench.send_batch(&[first, main_order(1, &key(1))]).unwrap();
    assert_eq!(bench.next_nonce(MAIN, SLOT), 2);
}

#[test]
fn scheduled_cancellation_is_listed() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let time = OrderExpiry::new(seconds(START + 300).into());
    let listed_time = || bench.venue.account_by_index(MAIN as i64).unwrap().accounts[0].account.cancel_all_time;
    for (nonce, cancel, listed) in [
        (1, CancelAllOrders::Scheduled(time.unwrap()), (START + 300) * 1000),
        (2, CancelAllOrders::Immediate, (START + 300) * 1000),
        (3, CancelAllOrders::Abort, 0),
        (4, CancelAllOrders::Scheduled(time.unwrap()), (START + 300) * 1000),
    ] {
        let action = Action::CancelAllOrders(cancel);
        bench.send(&sign(transaction(MAIN, SLOT, nonce, Attributes::NONE, action), &key(1))).unwrap();
        assert_eq!(listed_time(), listed);
    }
    bench.set_secs(START + 299);
    assert_eq!(listed_time(), (START + 300) * 1000);
    bench.set_secs(START + 300);
    assert_eq!(listed_time(), 0, "it has come");
    let one_market = Attributes::new([(AttributeType::CancelAllMarketIndex, 3)]).unwrap();
    let action = Action::CancelAllOrders(CancelAllOrders::Immediate);
    bench.send(&sign(transaction(MAIN, SLOT, 5, one_market, action), &key(1))).unwrap();
}
