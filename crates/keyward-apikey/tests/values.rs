//! Names, metadata, wallet addresses and ids: their bounds, and that they are kept byte for byte.

use getrandom::SysRng;
use keyward_apikey::{
    InvalidWalletAddress, KeyId, KeyName, KeyNameError, Metadata, MetadataError, Revision, WalletAddress,
};
use keyward_ledger::AccountId;
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn names_have_1_to_100_characters_and_no_control_character() {
    let long = |count| "\u{1f511}".repeat(count);
    assert_eq!(KeyName::new(&long(100)).map(|name| name.as_str().len()), Ok(400));
    for (text, error) in [
        ("", KeyNameError::Empty),
        (" \t\n\u{a0}\u{3000}", KeyNameError::Empty),
        (long(101).as_str(), KeyNameError::TooLong),
        ("a\0b", KeyNameError::ControlCharacter),
        ("a\nb", KeyNameError::ControlCharacter),
        ("a\u{7f}", KeyNameError::ControlCharacter),
        ("a\u{9f}b", KeyNameError::ControlCharacter),
    ] {
        assert_eq!(KeyName::new(text), Err(error), "{text:?}");
    }
    assert_eq!(KeyName::new("\u{2003} my key\n").map(|name| name.to_string()), Ok("my key".to_owned()));
    assert_eq!(KeyName::exact("my key "), Err(KeyNameError::Untrimmed));
}

proptest! {
    #[test]
    fn names_are_kept_but_for_white_space_at_the_ends(text in "\\PC{0,110}") {
        let trimmed = text.trim();
        match KeyName::new(&text) {
            Ok(name) => {
                prop_assert_eq!(name.as_str(), trimmed);
                prop_assert_eq!(KeyName::exact(trimmed), Ok(name));
            }
            Err(KeyNameError::Empty) => prop_assert!(trimmed.is_empty()),
            Err(error) => {
                prop_assert_eq!(error, KeyNameError::TooLong);
                prop_assert!(trimmed.chars().count() > 100);
            }
        }
    }

    #[test]
    fn metadata_is_any_object_and_no_other_value(value in any_json()) {
        for text in [value.to_string(), format!(" {value:#}\n")] {
            let metadata = Metadata::new(&text);
            if value.is_object() {
                let metadata = metadata.unwrap();
                prop_assert_eq!(metadata.as_str(), &text);
                prop_assert_eq!(metadata.to_string(), text);
            } else {
                prop_assert_eq!(metadata, Err(MetadataError::NotAnObject));
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(".{0,6}", inner, 0..5)
                .prop_map(|members| Value::from(serde_json::Map::from_iter(members))),
        ]
    })
}

#[test]
fn metadata_with_a_member_twice_is_refused() {
    for text in [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#"{"b":{"a":1,"a":1}}"#, r#"{"b":[1,{"":1,"":1}]}"#] {
        assert_eq!(Metadata::new(text), Err(MetadataError::Repeated), "{text}");
    }
    // What has no value is no member.
    assert_eq!(Metadata::new(r#"{"a":1,"a"2}"#), Err(MetadataError::NotJson));
    // One name in several objects, and names that only look alike.
    assert!(Metadata::new(r#"{"a":{"a":1},"A":{"a":1},"а":[{"a":1},{"a":1}]}"#).is_ok());
}

#[test]
fn metadata_is_32_levels_deep_at_most() {
    let nested = |objects: usize, arrays: usize| {
        format!("{}{}{}{}", "{\"a\":".repeat(objects), "[".repeat(arrays), "]".repeat(arrays), "}".repeat(objects))
    };
    assert!(Metadata::new(&nested(1, 31)).is_ok() && Metadata::new(&nested(31, 1)).is_ok());
    assert_eq!(Metadata::new(&nested(1, 32)), Err(MetadataError::TooDeep));
    assert_eq!(Metadata::new(&nested(32, 1)), Err(MetadataError::TooDeep));
    let deepest = "{\"a\":".repeat(32) + "1" + &"}".repeat(32);
    assert!(Metadata::new(&deepest).is_ok());
    assert_eq!(Metadata::new(&nested(1, 8_000)), Err(MetadataError::TooDeep));
}

#[test]
fn metadata_has_16_kib_at_most() {
    let of_len = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
    assert_eq!(Metadata::new(&of_len(16_384)).map(|metadata| metadata.as_str().len()), Ok(Metadata::MAX_LEN));
    assert_eq!(Metadata::new(&of_len(16_385)), Err(MetadataError::TooLong));
}

#[test]
fn what_is_not_json_is_no_metadata() {
    for text in [
        "",
        " ",
        "{",
        "{}}",
        "{} {}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":1e999}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"\\ud800\":1}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":undefined}",
        "\u{feff}{}",
        "{\"a\":1}//",
        "{\"a\" 1}",
        "{1:1}",
        "{null:1}",
    ] {
        assert_eq!(Metadata::new(text), Err(MetadataError::NotJson), "{text}");
    }
    for text in ["[]", "null", "1", "\"{}\"", "true", "1.5", "-1", "[{}]"] {
        assert_eq!(Metadata::new(text), Err(MetadataError::NotAnObject), "{text}");
    }
    for text in
        ["{}", "\t{ }\r\n", "{\"a\":\"\\u0000\\ud83d\\ude00\"}", "{\"a\":1e300,\"b\":123456789012345678901234567890}"]
    {
        assert_eq!(Metadata::new(text).map(|metadata| metadata.to_string()), Ok(text.to_owned()));
    }
    let debug = format!("{:?}", Metadata::new("{\"password\":1}").unwrap());
    assert_eq!(debug, "Metadata { len: 14, .. }");
}

#[test]
fn wallet_addresses_are_printable_ascii() {
    let longest = "a".repeat(128);
    for text in [
        "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
        "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
        "!",
        "~",
        &longest,
    ] {
        let address: WalletAddress = text.parse().unwrap();
        assert_eq!((address.as_str(), address.to_string().as_str()), (text, text));
    }
    for text in ["", " ", "a b", "a ", "\t", "a\n", "ä", "a\0", "a\u{7f}", &format!("{longest}a")] {
        assert_eq!(WalletAddress::new(text), Err(InvalidWalletAddress), "{text:?}");
    }
}

#[test]
fn key_ids_begin_as_their_account() {
    let account = AccountId::generate(&mut SysRng).unwrap();
    let (one, other) =
        (KeyId::generate(&account, &mut SysRng).unwrap(), KeyId::generate(&account, &mut SysRng).unwrap());
    assert_eq!((one.tag(), other.tag()), (account.tag(), account.tag()));
    assert_ne!(one, other);
    assert!(one.to_string().starts_with(&account.to_string()[..16]));
    assert_eq!(one.to_string().parse(), Ok(one));
    assert_eq!(KeyId::from_bytes(*one.as_bytes()), one);
    assert_eq!(format!("{one:?}"), format!("KeyId({one})"));
    let text = "00112233445566778899aabbccddeeff";
    assert_eq!(text.parse::<KeyId>().map(|id| id.to_string()), Ok(text.to_owned()));
    for text in ["", &text[1..], &text[2..], &format!("{text}00"), &text.to_uppercase(), &format!("key_{text}")] {
        assert!(text.parse::<KeyId>().is_err(), "{text}");
    }
}

#[test]
fn revisions_end() {
    assert_eq!(Revision::FIRST.next().map(Revision::as_u64), Some(1));
    assert_eq!(Revision::MAX.next(), None);
    assert_eq!(Revision::new(1 << 53).map(Revision::as_u64).ok(), None);
    assert_eq!(Revision::try_from(u64::from(Revision::MAX)), Ok(Revision::MAX));
}
