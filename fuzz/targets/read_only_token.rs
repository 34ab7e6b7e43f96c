//! A read-only token is taken if and only if it has the published form, and prints back as itself.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{is_canonical_decimal, is_lower_hex};
use keyward_lighter::UnixSeconds;
use keyward_token::{AccountIndex, ReadOnlyToken, SubAccountAccess, Token, Usability};

fn property(data: &[u8]) {
    let text = str::from_utf8(data);
    let parsed = ReadOnlyToken::parse_bytes(data);
    assert_eq!(parsed.is_ok(), text.is_ok_and(has_the_form));
    assert_eq!(text.ok().map(|text| ReadOnlyToken::parse(text).is_ok()).unwrap_or(false), parsed.is_ok());
    let Ok(token) = parsed else { return };

    assert_eq!(token.as_str().as_bytes(), data);
    assert_eq!(token.to_string().as_bytes(), data);
    let access = match token.sub_account_access() {
        SubAccountAccess::Single => "single",
        SubAccountAccess::All => "all",
    };
    let (_, random) = token.as_str().rsplit_once(':').expect("five fields");
    let fields = format!("ro:{}:{access}:{}:{random}", token.account_index(), token.expiry());
    assert_eq!(fields.as_bytes(), data);
    assert!(matches!(Token::parse_bytes(data), Ok(Token::ReadOnly(same)) if same.as_str() == token.as_str()));
    assert!(!format!("{token:?}").contains(random), "the random part is shown");
    let expiry = token.expiry();
    assert_eq!(token.usability(expiry), Usability::Expired { since: expiry });
    if let Some(before) = expiry.checked_sub_secs(1) {
        assert_eq!(token.usability(before), Usability::Usable { until: expiry });
    }
}

/// The form, told without the parser.
fn has_the_form(text: &str) -> bool {
    let fields: Vec<&str> = text.split(':').collect();
    let ["ro", account, "single" | "all", expiry, random] = fields[..] else { return false };
    is_canonical_decimal(account, AccountIndex::MAX.as_u64())
        && is_canonical_decimal(expiry, UnixSeconds::MAX.as_secs())
        && (32..=256).contains(&random.len())
        && is_lower_hex(random)
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("read_only_token", property);
}
