//! An auth token is taken if and only if it has the published form, and prints back as itself.

#![cfg_attr(fuzzing, no_main)]

use keyward_fuzz::{is_canonical_decimal, is_lower_hex, lower_hex};
use keyward_lighter::UnixSeconds;
use keyward_token::{AccountIndex, ApiKeyIndex, AuthToken, AuthTokenText, Token, Usability};

fn property(data: &[u8]) {
    let text = str::from_utf8(data);
    let parsed = AuthToken::parse_bytes(data);
    assert_eq!(parsed.is_ok(), text.is_ok_and(has_the_form));
    assert_eq!(text.ok().map(|text| AuthToken::parse(text).is_ok()).unwrap_or(false), parsed.is_ok());
    let Ok(token) = parsed else { return };

    assert_eq!(token.as_str().as_bytes(), data);
    assert_eq!(token.to_string().as_bytes(), data);
    let (deadline, account, api_key) = (token.deadline(), token.account_index(), token.api_key_index());
    let signature = token.signature_bytes();
    let digits = lower_hex(&signature);
    assert_eq!(token.to_string(), format!("{deadline}:{account}:{api_key}:{digits}"));
    assert_eq!(token.to_string(), format!("{}:{digits}", token.message()));
    assert_eq!(AuthTokenText::new(deadline, account, api_key, &signature).expose_secret().as_bytes(), data);
    assert!(matches!(Token::parse_bytes(data), Ok(Token::Auth(same)) if same.as_str() == token.as_str()));
    assert!(!format!("{token:?}").contains(&digits), "the signature is shown");
    for secs in [0, 1, 28_799, 28_800, 28_801] {
        if let Some(now) = deadline.checked_sub_secs(secs) {
            assert_eq!(token.usability(now), usability(deadline, now));
        }
    }
}

/// The form, told without the parser.
fn has_the_form(text: &str) -> bool {
    let fields: Vec<&str> = text.split(':').collect();
    let [deadline, account, api_key, signature] = fields[..] else { return false };
    is_canonical_decimal(deadline, UnixSeconds::MAX.as_secs())
        && is_canonical_decimal(account, AccountIndex::MAX.as_u64())
        && is_canonical_decimal(api_key, ApiKeyIndex::MAX.as_u8().into())
        && signature.len() == 160
        && is_lower_hex(signature)
}

/// When a token is taken: before its deadline, and at most 8 hours before.
fn usability(deadline: UnixSeconds, now: UnixSeconds) -> Usability {
    let [deadline_secs, now_secs] = [deadline, now].map(|instant| i128::from(instant.as_secs()));
    if now_secs >= deadline_secs {
        Usability::Expired { since: deadline }
    } else if deadline_secs - now_secs > 28_800 {
        Usability::NotYet { from: deadline.checked_sub_secs(28_800).expect("later than 8 hours after 1970") }
    } else {
        Usability::Usable { until: deadline }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("auth_token", property);
}
