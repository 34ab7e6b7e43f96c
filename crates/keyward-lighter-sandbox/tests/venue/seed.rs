//! The accounts that a venue starts with.

use std::sync::Arc;

use keyward_lighter::{EthereumKey, public_key_text};
use keyward_lighter_sandbox::{
    AccountType, SandboxClock, Seed, SeedAccount, SeedAccountError, SeedError, Storage, Tier, Venue, VenueSettings,
};
use serde_json::json;

use crate::workbench::{key, owner, stranger};

fn open(seed: Seed) -> Venue {
    Venue::open(VenueSettings::default(), seed, Storage::Memory, Arc::new(SandboxClock::default())).unwrap()
}

fn parse(accounts: serde_json::Value) -> Result<Seed, SeedError> {
    Seed::from_json(json!({ "accounts": accounts }).to_string().as_bytes())
}

#[test]
fn example_is_two_accounts_of_a_key_that_everybody_knows() {
    let key = EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap();
    assert_eq!(key.address(), Seed::EXAMPLE_L1_ADDRESS);
    let venue = open(Seed::example());
    let accounts = venue.accounts_by_l1_address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").unwrap().sub_accounts;
    let accounts: Vec<_> = accounts.iter().map(|a| (a.index.as_u64(), a.account_type, &*a.collateral)).collect();
    assert_eq!(accounts, [(3, 0, "1000.000000"), ((1 << 48) - 2, 1, "1000.000000")]);
}

#[test]
fn what_is_left_open_is_filled_in() {
    let [owner, stranger] = [owner().address().to_string(), stranger().address().to_string()];
    let seed = parse(json!([
        {"l1_address": owner, "tier": "plus", "index": 4},
        {"l1_address": stranger},
        {"l1_address": owner, "account_type": "pool"},
        {"l1_address": owner, "index": (1_u64 << 48) - 3},
        {"l1_address": owner, "account_type": "staking", "tier": "builder"},
        {"l1_address": stranger.to_ascii_lowercase()},
        {"l1_address": Seed::EXAMPLE_L1_ADDRESS.to_string().to_ascii_lowercase(), "account_type": "insurance"},
    ]));
    let seed = seed.unwrap();
    assert_eq!((seed.len(), seed.is_empty(), Seed::empty().is_empty()), (7, false, true));
    let venue = open(seed);
    assert_eq!(venue.account_count(), 7);
    let accounts = |address: &str| {
        let accounts = venue.accounts_by_l1_address(address).unwrap().sub_accounts;
        accounts.iter().map(|account| (account.index.as_u64(), account.account_type)).collect::<Vec<_>>()
    };
    let top = (1 << 48) - 2;
    assert_eq!(accounts(&stranger), [(3, 0), (top - 3, 1)]);
    assert_eq!(accounts(&owner), [(4, 0), (top, 2), (top - 1, 1), (top - 2, 4), (top - 4, 3)]);
}

#[test]
fn keys_can_be_there_from_the_start() {
    let public_key = public_key_text(key(1).verifying_key());
    let seed = parse(json!([{"l1_address": owner().address().to_string(), "api_keys": [
        {"api_key_index": 4, "public_key": public_key},
        {"api_key_index": 5, "public_key": &public_key[2..], "nonce": 1_u64 << 48},
        {"api_key_index": 6, "public_key": null, "nonce": 9},
    ]}]));
    let venue = open(seed.unwrap());
    let keys = venue.api_keys(3, 255).unwrap().api_keys;
    let keys: Vec<_> = keys.iter().map(|key| (key.api_key_index.as_u8(), key.nonce, &*key.public_key)).collect();
    assert_eq!(keys, [(4, 1, &public_key[2..]), (5, 1 << 48, &public_key[2..]), (6, 9, &"0".repeat(80))]);
}

#[test]
fn accounts_that_do_not_go_together_are_refused() {
    let [owner, stranger] = [owner().address().to_string(), stranger().address().to_string()];
    let key = json!({"api_key_index": 4});
    for (accounts, message) in [
        (
            json!([{"l1_address": owner}, {"l1_address": owner, "account_type": "master"}]),
            "accounts[1]: the owner has a main account already",
        ),
        (
            json!([{"l1_address": owner}, {"l1_address": stranger, "account_type": "sub"}]),
            "accounts[1]: the owner has no main account before this one",
        ),
        (
            json!([{"l1_address": owner, "index": 4}, {"l1_address": stranger, "index": 4}]),
            "accounts[1].index: is taken by an account before",
        ),
        (
            json!([{"l1_address": owner, "index": 1_u64 << 47}]),
            "accounts[0].index: main accounts are below 140737488355328, all others are not",
        ),
        (
            json!([{"l1_address": owner}, {"l1_address": owner, "index": 6}]),
            "accounts[1].index: main accounts are below 140737488355328, all others are not",
        ),
        (json!([{"l1_address": owner, "api_keys": [key, key]}]), "accounts[0].api_keys: has a slot twice"),
    ] {
        assert_eq!(parse(accounts).unwrap_err().to_string(), message);
    }
}

#[test]
fn document_of_another_form_is_refused() {
    let owner = owner().address().to_string();
    let wrong_checksum = owner.replace('F', "f");
    for document in [
        json!(null),
        json!([]),
        json!({}),
        json!({"accounts": {}}),
        json!({"accounts": [], "account": []}),
        json!({"accounts": [{}]}),
        json!({"accounts": [{"l1_address": owner, "balance": "1"}]}),
        json!({"accounts": [{"l1_address": wrong_checksum}]}),
        json!({"accounts": [{"l1_address": &owner[2..]}]}),
        json!({"accounts": [{"l1_address": owner, "index": "5"}]}),
        json!({"accounts": [{"l1_address": owner, "index": -5}]}),
        json!({"accounts": [{"l1_address": owner, "index": (1_u64 << 48) - 1}]}),
        json!({"accounts": [{"l1_address": owner, "collateral": 5}]}),
        json!({"accounts": [{"l1_address": owner, "collateral": "-5"}]}),
        json!({"accounts": [{"l1_address": owner, "tier": "gold"}]}),
        json!({"accounts": [{"l1_address": owner, "account_type": "main"}]}),
        json!({"accounts": [{"l1_address": owner, "api_keys": [{"api_key_index": 255}]}]}),
        json!({"accounts": [{"l1_address": owner, "api_keys": [{"api_key_index": 4, "public_key": "00"}]}]}),
        json!({"accounts": [{"l1_address": owner, "api_keys": [{"api_key_index": 4, "nonce": -1}]}]}),
    ] {
        let error = Seed::from_json(document.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, SeedError::Json(_)), "{document}");
    }
    let repeated = format!(r#"{{"accounts": [{{"l1_address": "{owner}", "index": 5, "index": 6}}]}}"#);
    assert!(matches!(Seed::from_json(repeated.as_bytes()), Err(SeedError::Json(_))));
}

#[test]
fn account_is_read_from_a_command_line() {
    let address = owner().address();
    let plain: SeedAccount = address.to_string().parse().unwrap();
    assert_eq!((plain.l1_address, plain.index), (address, None));
    let numbered: SeedAccount = format!("{address}:5").parse().unwrap();
    assert_eq!((numbered.l1_address, numbered.index.map(|index| index.as_u64())), (address, Some(5)));
    for text in ["", "5", ":5", "0x5:5"] {
        assert!(matches!(text.parse::<SeedAccount>(), Err(SeedAccountError::Address(_))), "{text}");
    }
    for text in [":", ":x", ":-5", ":281474976710655", ":5:6"] {
        let text = format!("{address}{text}");
        assert!(matches!(text.parse::<SeedAccount>(), Err(SeedAccountError::Index)), "{text}");
    }

    // The second account of an address is a sub-account.
    let venue = open(Seed::new([numbered, plain]).unwrap());
    let accounts = venue.accounts_by_l1_address(&address.to_string()).unwrap().sub_accounts;
    assert_eq!(accounts[0].account_type, AccountType::Master.as_u8());
    assert_eq!(accounts[1].account_type, AccountType::Sub.as_u8());
    assert_eq!("builder".parse(), Ok(Tier::Builder));
}
