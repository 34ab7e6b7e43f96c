//! What a record takes in memory.

use keyward_apikey::{
    Activation, Allowlist, ApiKey, IpRange, KeyAction, KeyName, Metadata, Scope, Scopes, WalletAddress,
};

use crate::fixtures::{Case, key_id, link, link_digest, new_key};

/// A key with as much of everything as there may be.
fn largest() -> ApiKey {
    let mut new = new_key(1, Activation::AtOnce);
    new.name = KeyName::new(&"\u{1f511}".repeat(KeyName::MAX_CHARS)).unwrap();
    let part = |number: usize| format!("{number:0>64}");
    let scopes = (0..Scopes::MAX_COUNT).map(|number| Scope::new(&format!("{}:{}", part(0), part(number))).unwrap());
    new.scopes = Scopes::new(scopes).unwrap();
    let ranges = (0..Allowlist::MAX_COUNT).map(|number| format!("2001:db8::{number:x}").parse::<IpRange>().unwrap());
    new.allowlist = Allowlist::new(ranges).unwrap();
    let padding = "a".repeat(Metadata::MAX_LEN - r#"{"a":""}"#.len());
    new.metadata = Some(Metadata::new(&format!(r#"{{"a":"{padding}"}}"#)).unwrap());
    let mut case = Case::new(new, 0);
    for number in 0..ApiKey::MAX_WALLETS as u64 {
        let wallet = WalletAddress::new(&format!("{number:0>width$}", width = WalletAddress::MAX_LEN)).unwrap();
        case.done(KeyAction::CreateLink { key: key_id(1), link: link(number) }, 0);
        case.done(KeyAction::AddWallet { key: key_id(1), link: link_digest(number), wallet }, 0);
    }
    case.key
}

#[test]
fn the_largest_record_is_within_the_bound() {
    let bytes = largest().memory_bytes();
    assert!((ApiKey::MAX_MEMORY_BYTES / 2..=ApiKey::MAX_MEMORY_BYTES).contains(&bytes), "{bytes}");
}

#[test]
fn all_that_a_record_holds_is_counted() {
    let plain = Case::new(new_key(1, Activation::AtOnce), 0).key;
    assert!(plain.memory_bytes() > size_of::<ApiKey>() && plain.memory_bytes() < 2048, "{}", plain.memory_bytes());
    let largest = largest();
    let texts = largest.name().as_str().len()
        + largest.scopes().iter().map(|scope| scope.as_str().len()).sum::<usize>()
        + largest.wallets().iter().map(|wallet| wallet.address.as_str().len()).sum::<usize>()
        + size_of_val(largest.allowlist().ranges())
        + largest.metadata().map_or(0, |metadata| metadata.as_str().len());
    let more = largest.memory_bytes() - plain.memory_bytes();
    assert!(more > texts && more < 2 * texts, "{more} for {texts}");
}
