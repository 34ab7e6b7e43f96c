//! The text of Sign-In With Solana.

use keyward_solana::{Address, SignInError, SignInField, SignInMessage};
use proptest::prelude::*;

const WALLET: &str = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";
const TIMES: [&str; 3] = ["2025-11-21T06:00:00.000Z", "2025-11-21T06:15:00Z", "2025-11-21T05:59:00+00:00"];

const WHOLE: &str = "app.example:8443 wants you to sign in with your Solana account:
FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z

Sign in to bind your wallet. Ça va?

URI: https://app.example:8443/auth/bind?x=1
Version: 1
Chain ID: solana:mainnet
Nonce: 32891756aZ
Issued At: 2025-11-21T06:00:00.000Z
Expiration Time: 2025-11-21T06:15:00Z
Not Before: 2025-11-21T05:59:00+00:00
Request ID: request-1
Resources:
- https://app.example/terms
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/";

fn wallet() -> Address {
    WALLET.parse().expect("an address")
}

fn minimal(domain: &str) -> Result<SignInMessage<'_>, SignInError> {
    SignInMessage::new(domain, wallet())
}

fn whole() -> Result<SignInMessage<'static>, SignInError> {
    let [issued_at, expiration_time, not_before] = TIMES.map(|text| text.parse().expect("a time"));
    minimal("app.example:8443")?
        .with_statement("Sign in to bind your wallet. Ça va?")?
        .with_uri("https://app.example:8443/auth/bind?x=1")?
        .with_version()?
        .with_chain_id("solana:mainnet")?
        .with_nonce("32891756aZ")?
        .with_issued_at(issued_at)?
        .with_expiration_time(expiration_time)?
        .with_not_before(not_before)?
        .with_request_id("request-1")?
        .with_resource("https://app.example/terms")?
        .with_resource("ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/")
}

fn field<T>(result: Result<T, SignInError>) -> Option<SignInField> {
    match result {
        Ok(_) => None,
        Err(SignInError::Field(field)) => Some(field),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_whole_message_prints_and_reads_back() {
    let message = whole().expect("a message");
    assert_eq!(*message.to_text(), WHOLE);
    let parsed = SignInMessage::parse(WHOLE).expect("a message");
    assert_eq!(parsed.to_text(), message.to_text());
    assert_eq!((parsed.domain(), parsed.address()), ("app.example:8443", &wallet()));
    assert_eq!(parsed.statement(), Some("Sign in to bind your wallet. Ça va?"));
    assert_eq!(parsed.uri(), Some("https://app.example:8443/auth/bind?x=1"));
    assert!(parsed.has_version());
    assert_eq!((parsed.chain_id(), parsed.nonce()), (Some("solana:mainnet"), Some("32891756aZ")));
    let times = [parsed.issued_at(), parsed.expiration_time(), parsed.not_before()];
    assert_eq!(times.map(|time| time.expect("a time").to_string()), TIMES);
    assert_eq!((parsed.request_id(), parsed.resources().len()), (Some("request-1"), 2));
}

#[test]
fn any_part_may_be_missing() {
    let lines: Vec<&str> = WHOLE.split('\n').collect();
    let (head, statement, fields) = (lines[..2].join("\n"), lines[3], &lines[5..13]);
    for mask in 0..1_u32 << 10 {
        let mut text = head.clone();
        if mask & 1 != 0 {
            text += &format!("\n\n{statement}");
        }
        let mut block: Vec<&str> =
            fields.iter().enumerate().filter(|(at, _)| mask >> (at + 1) & 1 != 0).map(|(_, line)| *line).collect();
        if mask >> 9 != 0 {
            block.extend(&lines[13..15]);
        }
        if !block.is_empty() {
            text += &format!("\n\n{}", block.join("\n"));
        }
        let message = SignInMessage::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(*message.to_text(), text);
        assert_eq!(message.statement().is_some(), mask & 1 != 0);
        assert_eq!(message.resources().len(), (mask >> 9) as usize);
    }
}

#[test]
fn lines_out_of_place_are_refused() {
    let lines: Vec<&str> = WHOLE.split('\n').collect();
    let refused = |lines: &[&str]| {
        let text = lines.join("\n");
        let outcome = SignInMessage::parse(&text);
        assert!(outcome.is_err(), "{text}");
    };
    for at in 0..lines.len() {
        // The last two lines are alike.
        let mut swapped = lines.clone();
        if at + 2 < lines.len() {
            swapped.swap(at, at + 1);
            refused(&swapped);
        }
        for extra in ["", "x", "Nonce: 32891756aZ", " ", "URI: https://evil.example", "Resources:"] {
            let mut longer = lines.clone();
            longer.insert(at, extra);
            refused(&longer);
        }
        let mut blank = lines.clone();
        let padded = format!("{}\r", lines[at]);
        blank[at] = &padded;
        refused(&blank);
        let padded = format!("{} ", lines[at]);
        blank[at] = &padded;
        // A statement may end with a space.
        if at != 3 {
            refused(&blank);
        }
    }
    for text in ["", "\n", WALLET, "app.example wants you to sign in with your Solana account:"] {
        assert_eq!(SignInMessage::parse(text).err(), Some(SignInError::Lines), "{text:?}");
    }
    for tail in ["\n", "\n\n", " ", "\n- ", "\n- x", "\n- https://a.example\n", "\n\nmore"] {
        assert!(SignInMessage::parse(&format!("{WHOLE}{tail}")).is_err(), "{tail:?}");
    }
    assert!(SignInMessage::parse(&format!("{WHOLE}\n- https://a.example")).is_ok());
    let without = WHOLE.split("\n- ").next().expect("the head");
    assert_eq!(field(SignInMessage::parse(without)), Some(SignInField::Resources));
    for (from, to, expected) in [
        ("Version: 1", "Version: 2", SignInField::Version),
        ("Version: 1", "Version: 01", SignInField::Version),
        (WALLET, "11111111111111111111111111111111", SignInField::Address),
        ("06:15:00Z", "06:15:00", SignInField::ExpirationTime),
        ("06:00:00.000Z", "6:00:00Z", SignInField::IssuedAt),
        ("05:59:00+00:00", "05:59:60Z", SignInField::NotBefore),
    ] {
        assert_eq!(field(SignInMessage::parse(&WHOLE.replace(from, to))), Some(expected), "{to}");
    }
}

#[test]
fn no_field_can_break_its_line() {
    let message = minimal("app.example").expect("a message");
    for hidden in ['\n', '\r', '\t', '\0', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}'] {
        let with = |text: &str| format!("{text}{hidden}{text}");
        assert_eq!(field(minimal(&with("app.example"))), Some(SignInField::Domain));
        assert_eq!(field(message.clone().with_statement(&with("Hello"))), Some(SignInField::Statement));
        assert_eq!(field(message.clone().with_uri(&with("https://a.example/"))), Some(SignInField::Uri));
        assert_eq!(field(message.clone().with_chain_id(&with("mainnet"))), Some(SignInField::ChainId));
        assert_eq!(field(message.clone().with_nonce(&with("32891756"))), Some(SignInField::Nonce));
        assert_eq!(field(message.clone().with_request_id(&with("id"))), Some(SignInField::RequestId));
        assert_eq!(field(message.clone().with_resource(&with("https://a.example/"))), Some(SignInField::Resources));
    }
}

#[test]
fn a_statement_cannot_pose_as_a_field() {
    let message = minimal("app.example").expect("a message");
    for label in [
        "URI: ",
        "Version: ",
        "Chain ID: ",
        "Nonce: ",
        "Issued At: ",
        "Expiration Time: ",
        "Not Before: ",
        "Request ID: ",
    ] {
        let statement = format!("{label}32891756");
        assert_eq!(field(message.clone().with_statement(&statement)), Some(SignInField::Statement), "{label}");
    }
    assert_eq!(field(message.clone().with_statement("Resources:")), Some(SignInField::Statement));
    // Read back, what looks like a field is one.
    let text = format!("{}\n\nNonce: 32891756", *message.to_text());
    let parsed = SignInMessage::parse(&text).expect("a message");
    assert_eq!((parsed.statement(), parsed.nonce()), (None, Some("32891756")));
    assert!(SignInMessage::parse(&format!("{text}\n\nURI: https://a.example/")).is_err());
    assert!(message.with_statement("A nonce: Nonce: 1").is_ok());
}

#[test]
fn fields_have_their_forms_and_lengths() {
    let message = minimal("app.example").expect("a message");
    for domain in ["", "app example", "app.example/", "a@b", "https://app.example", "app.exämple", "a?b", "a#b", "a\\b"]
    {
        assert_eq!(field(minimal(domain)), Some(SignInField::Domain), "{domain:?}");
    }
    for domain in ["localhost", "localhost:3000", "[::1]:3000", "xn--exmple-cua.test", &"a".repeat(255)] {
        assert_eq!(field(minimal(domain)), None, "{domain:?}");
    }
    assert_eq!(field(minimal(&"a".repeat(256))), Some(SignInField::Domain));
    for uri in [
        "",
        "a",
        "a:",
        ":a",
        "/path",
        "1a:b",
        "ht tp://a",
        "https://a b",
        "https://é",
        "https://a<",
        &format!("a:{}", "b".repeat(511)),
    ] {
        assert_eq!(field(message.clone().with_uri(uri)), Some(SignInField::Uri), "{uri:?}");
        assert_eq!(field(message.clone().with_resource(uri)), Some(SignInField::Resources), "{uri:?}");
    }
    for uri in ["a:b", "urn:uuid:1", "https://[::1]:3000/%20?a=b&c#d", &format!("a:{}", "b".repeat(510))] {
        assert_eq!(field(message.clone().with_uri(uri)), None, "{uri:?}");
    }
    for nonce in ["", "1234567", "1234567-", "1234567é", &"a".repeat(129)] {
        assert_eq!(field(message.clone().with_nonce(nonce)), Some(SignInField::Nonce), "{nonce:?}");
    }
    for nonce in ["12345678", &"aZ".repeat(64)] {
        assert_eq!(field(message.clone().with_nonce(nonce)), None, "{nonce:?}");
    }
    assert_eq!(field(message.clone().with_chain_id(&"a".repeat(65))), Some(SignInField::ChainId));
    assert_eq!(field(message.clone().with_request_id("")), Some(SignInField::RequestId));
    assert_eq!(field(message.clone().with_request_id(&"a".repeat(129))), Some(SignInField::RequestId));
    assert_eq!(field(message.clone().with_statement("")), Some(SignInField::Statement));
    assert_eq!(field(message.clone().with_statement(&"a".repeat(1025))), Some(SignInField::Statement));
    let mut many = message;
    for _ in 0..16 {
        many = many.with_resource("a:b").expect("up to sixteen");
    }
    assert_eq!(field(many.clone().with_resource("a:b")), Some(SignInField::Resources));
    let text = format!("{}\n- a:b", *many.to_text());
    assert_eq!(field(SignInMessage::parse(&text)), Some(SignInField::Resources));
}

#[test]
fn the_whole_text_is_bounded() {
    let uri = format!("a:{}", "b".repeat(510));
    let mut message = minimal("app.example").expect("a message");
    for _ in 0..3 {
        message = message.with_resource(&uri).expect("room");
    }
    assert_eq!(message.clone().with_resource(&uri).err(), Some(SignInError::TooLong));
    let rest = SignInMessage::MAX_LEN - message.to_text().len() - 2;
    let statement = "a".repeat(rest);
    let longest = message.clone().with_statement(&statement).expect("room");
    assert_eq!(longest.to_text().len(), SignInMessage::MAX_LEN);
    assert!(SignInMessage::parse(&longest.to_text()).is_ok());
    let statement = "a".repeat(rest + 1);
    assert_eq!(message.with_statement(&statement).err(), Some(SignInError::TooLong));
    assert_eq!(SignInMessage::parse(&"a".repeat(1_000_000)).err(), Some(SignInError::TooLong));
}

#[test]
fn debug_does_not_show_the_nonce() {
    let text = "app.example wants you to sign in with your Solana account:\nFVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z\n\nNonce: 32891756aZ";
    let message = SignInMessage::parse(text).expect("a message");
    let expected =
        format!("SignInMessage {{ domain: \"app.example\", address: Address({WALLET}), expiration_time: None, .. }}");
    assert_eq!(format!("{message:?}"), expected);
}

proptest! {
    #[test]
    fn what_parses_prints_back(
        head in prop_oneof![Just("app.example"), Just("a b"), Just("")],
        blocks in prop::collection::vec(prop::collection::vec(prop_oneof![
            (0..WHOLE.split('\n').count()).prop_map(|at| WHOLE.split('\n').nth(at).expect("a line").to_owned()),
            "[ -~]{0,20}",
            any::<String>(),
        ], 1..6), 0..4),
    ) {
        let blocks: Vec<String> = blocks.iter().map(|lines| lines.join("\n")).collect();
        let mut text = format!("{head} wants you to sign in with your Solana account:\n{WALLET}");
        for block in blocks {
            text += &format!("\n\n{block}");
        }
        if let Ok(message) = SignInMessage::parse(&text) {
            prop_assert_eq!(&*message.to_text(), &text);
        }
    }

    #[test]
    fn a_text_with_one_byte_changed_prints_back_if_it_parses(at in 0..WHOLE.len(), byte: u8) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(text) = str::from_utf8(&bytes)
            && let Ok(message) = SignInMessage::parse(text)
        {
            prop_assert_eq!(&*message.to_text(), text);
        }
    }
}
