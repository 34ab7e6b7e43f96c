//! A transaction that is taken prints as text that means the same, and what is signed is what the text says.
//!
//! The first byte is the type, the rest the text.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{assert_one_line, split};
use keyward_goldilocks::{Fp, Fp5};
use keyward_lighter::{Action, ChainId, TxInfo, TxInfoError, TxType, VerifyingKey};
use keyward_poseidon2::hash;
use serde_json::Value;

fn property(data: &[u8]) {
    let ([number], text) = split(data);
    let (tx_type, Ok(text)) = (TxType::new(number), str::from_utf8(text)) else { return };
    let info = match TxInfo::parse(tx_type, text) {
        Ok(info) => info,
        Err(error) => {
            assert_eq!(error == TxInfoError::UnsupportedType, fields(number).is_none());
            return assert_one_line(error);
        }
    };
    // A tree is not made of what is passed over if it is too deep, say, or has a number that is too large.
    let read = serde_json::from_str::<Value>(text).ok();
    if let Some(read) = &read {
        assert_eq!(read["AccountIndex"].as_i64(), Some(info.account_index()));
        assert_eq!(read["ApiKeyIndex"].as_i64(), Some(info.api_key_index()));
    }
    let signed = match info.check() {
        Ok(signed) => signed,
        Err(error) => {
            assert!(!error.api_code().is_ok());
            return assert_one_line(error);
        }
    };

    let printed = signed.to_tx_info();
    let again = TxInfo::parse(tx_type, &printed).and_then(TxInfo::check);
    assert_eq!(again, Ok(signed), "{printed}");
    assert_eq!(signed.transaction().tx_type(), tx_type);
    assert_eq!(signed.transaction().l1_message().map(|text| text.len()), (number == 8).then_some(255));

    let value: Value = serde_json::from_str(&printed).expect("what is printed is JSON");
    for name in ["Nonce", "ExpiredAt"].iter().chain(fields(number).expect("it was read")) {
        assert!(read.as_ref().is_none_or(|read| read[name] == value[name]), "{name}");
    }
    let key = match signed.transaction().action() {
        Action::ChangePubKey(change) => Some(&change.public_key),
        _ => None,
    };
    for chain in [ChainId::MAINNET, ChainId::ROBINHOOD] {
        assert_eq!(*signed.hash(chain).as_fp5(), hash_of(&value, number, chain, key), "{printed}");
    }
}

/// What an order of this type is hashed from, beyond what all transactions are.
fn fields(number: u8) -> Option<&'static [&'static str]> {
    Some(match number {
        8 => &[],
        14 => &[
            "MarketIndex",
            "ClientOrderIndex",
            "BaseAmount",
            "Price",
            "IsAsk",
            "Type",
            "TimeInForce",
            "ReduceOnly",
            "TriggerPrice",
            "OrderExpiry",
        ],
        15 => &["MarketIndex", "Index"],
        16 => &["TimeInForce", "Time"],
        17 => &["MarketIndex", "Index", "BaseAmount", "Price", "TriggerPrice"],
        _ => return None,
    })
}

/// The hash of what was printed, told without the code under test.
fn hash_of(value: &Value, number: u8, chain: ChainId, key: Option<&VerifyingKey>) -> Fp5 {
    let element = |name: &str| value[name].as_u64().expect("not negative");
    let mut words = vec![chain.as_u32().into(), number.into()];
    words.extend(["Nonce", "ExpiredAt", "AccountIndex", "ApiKeyIndex"].map(element));
    words.extend(fields(number).expect("it was read").iter().map(|name| element(name)));
    if let Some(key) = key {
        words.extend(key.to_bytes().as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
    }
    let transaction = hash_words(&words);
    let Some(attributes) = value["L2TxAttributes"].as_object() else { return transaction };
    // The map is sorted by name, and all names have one digit.
    let pairs =
        attributes.iter().flat_map(|(kind, value)| [kind.parse().expect("a digit"), value.as_u64().expect("a number")]);
    let mut words: Vec<u64> = pairs.collect();
    words.resize(8, 0);
    hash(&[transaction.coefficients(), hash_words(&words).coefficients()].concat())
}

fn hash_words(words: &[u64]) -> Fp5 {
    hash(&words.iter().copied().map(Fp::from_u64_mod_order).collect::<Vec<_>>())
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("tx_info", property);
}
