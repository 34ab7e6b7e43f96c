//! Tokens made by Lighter's own signers.

use std::collections::BTreeMap;

use keyward_time::{TimeSlot, UnixSeconds};
use keyward_token::{AuthToken, AuthTokenError, AuthTokenField, AuthTokenText, Token, Usability};
use serde_json::Value;

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("test vectors are JSON")
}

#[test]
fn tokens_of_the_official_signers_parse_and_print_back() {
    let file = read(include_str!("vectors/tokens.json"));
    let vectors = file["tokens"].as_array().expect("a list");
    let (mut parsed, mut refused) = (0, 0);
    for vector in vectors {
        let text = vector["token"].as_str().expect("a text");
        let number = |name: &str| vector[name].as_i64().expect("a number");

        let negative = [("expiry", AuthTokenField::Deadline), ("account_index", AuthTokenField::AccountIndex)]
            .into_iter()
            .find(|(name, _)| number(name) < 0);
        if let Some((_, field)) = negative {
            assert_eq!(AuthToken::parse(text).unwrap_err(), AuthTokenError::NotCanonical(field), "{text}");
            refused += 1;
            continue;
        }

        let token = AuthToken::parse(text).expect("made by an official signer");
        assert_eq!(token.to_string(), text);
        assert_eq!(token.deadline().as_secs(), number("expiry") as u64);
        assert_eq!(token.account_index().as_u64(), number("account_index") as u64);
        assert_eq!(i64::from(token.api_key_index().as_u8()), number("api_key_index"));
        assert_eq!(elements_of(token.message()), vector["message_elements"]);

        let rebuilt = AuthTokenText::new(
            token.deadline(),
            token.account_index(),
            token.api_key_index(),
            &token.signature_bytes(),
        );
        assert_eq!(rebuilt.expose_secret(), text);
        parsed += 1;
    }
    assert_eq!(parsed + refused, vectors.len());
    assert!(parsed >= 300 && refused >= 8, "{parsed} parsed, {refused} refused");
}

#[test]
fn pre_generated_tokens_cover_their_slots() {
    let file = read(include_str!("vectors/auth-tokens.json"));
    let file: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_value(file).expect("two levels of keys");
    let mut count = 0;
    for (account, tokens) in &file {
        for (slot, text) in tokens {
            let slot: TimeSlot = slot.parse().expect("aligned");
            let Ok(Token::Auth(token)) = Token::parse(text) else {
                panic!("made by the official signer");
            };
            assert_eq!(token.as_str(), text);
            assert_eq!(token.account_index().to_string(), *account);
            assert_eq!(token.deadline(), slot.start().saturating_add_secs(AuthToken::MAX_LIFETIME_SECS));
            for now in [slot.start(), slot.end()] {
                assert_eq!(token.usability(now), Usability::Usable { until: token.deadline() });
            }
            let too_early = slot.start().saturating_sub_secs(1);
            assert_eq!(token.usability(too_early), Usability::NotYet { from: slot.start() });
            count += 1;
        }
    }
    assert_eq!(count, 224);
}

/// The signed text as the field elements that are hashed: 8 bytes each, little-endian.
fn elements_of(message: &str) -> Value {
    let element = |chunk: &[u8]| {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        Value::from(u64::from_le_bytes(bytes).to_string())
    };
    message.as_bytes().chunks(8).map(element).collect()
}

#[test]
fn vectors_reach_the_ends_of_the_ranges() {
    let file = read(include_str!("vectors/tokens.json"));
    let texts: Vec<&str> =
        file["tokens"].as_array().expect("a list").iter().filter_map(|vector| vector["token"].as_str()).collect();
    let tokens: Vec<AuthToken<'_>> = texts.iter().filter_map(|text| AuthToken::parse(text).ok()).collect();
    assert!(tokens.iter().any(|token| token.deadline() == UnixSeconds::MAX));
    assert!(tokens.iter().any(|token| token.account_index() == keyward_token::AccountIndex::MAX));
    assert!(tokens.iter().any(|token| token.account_index().as_u64() == 0));
}
