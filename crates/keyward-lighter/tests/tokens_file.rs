//! `auth-tokens.json`, read and written.

use keyward_lighter::{JsonError, TokensFile, TokensFileError};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("samples/auth-tokens.json");

fn written(file: &TokensFile) -> String {
    let mut out = Vec::new();
    file.write_to(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn error(text: impl AsRef<[u8]>) -> TokensFileError {
    TokensFile::parse(text.as_ref()).expect_err("a bad file")
}

#[test]
fn sample_is_read_and_written_back_to_the_byte() {
    let file = TokensFile::parse(SAMPLE.as_bytes()).unwrap();
    let accounts: Vec<_> = file.account_indices().map(|account| account.as_u64()).collect();
    assert_eq!(accounts, [5, 281_474_976_710_600]);
    assert_eq!(file.token_count(), 224);
    assert_eq!(written(&file), SAMPLE);
}

#[test]
fn accounts_keep_their_order_and_slots_get_theirs() {
    let file = TokensFile::parse(br#" {"7":{"9":"b","10":"c", "0": "a"}, "0" : {}}"#).unwrap();
    let expected = r#"{
  "7": {
    "0": "a",
    "9": "b",
    "10": "c"
  },
  "0": {}
}"#;
    assert_eq!(written(&file), expected);
    assert_eq!(written(&TokensFile::parse(b"{}").unwrap()), "{}");
}

#[test]
fn long_texts_are_written_whole() {
    let text = format!(
        "{{\n  \"1\": {{\n    \"2\": \"{}\",\n    \"3\": \"{}\"\n  }}\n}}",
        "x".repeat(200_000),
        "y".repeat(70_000)
    );
    assert_eq!(written(&TokensFile::parse(text.as_bytes()).unwrap()), text);
}

#[test]
fn every_fault_is_told_with_its_place() {
    for (text, message) in [
        ("[]", "must be an object of accounts"),
        ("7", "must be an object of accounts"),
        (r#"{"1": {}, "x": {}}"#, "account 2 of the file: its name is not a whole number from 0 to 281474976710654"),
        (r#"{"-1": {}}"#, "account 1 of the file: its name is not a whole number from 0 to 281474976710654"),
        (r#"{"01": {}}"#, "account 1 of the file: its name is not a whole number from 0 to 281474976710654"),
        (
            r#"{"281474976710655": {}}"#,
            "account 1 of the file: its name is not a whole number from 0 to 281474976710654",
        ),
        (r#"{"1": {}, "2": {}, "1": {}}"#, "account 1: is given more than once"),
        (r#"{"1": []}"#, "account 1: must be an object of slots"),
        (r#"{"1": "x"}"#, "account 1: must be an object of slots"),
        (r#"{"1": {"2": "x", "": "y"}}"#, "account 1, slot 2 of it: its name is not a Unix time in seconds"),
        (r#"{"1": {"+2": "x"}}"#, "account 1, slot 1 of it: its name is not a Unix time in seconds"),
        (r#"{"1": {"9223372036854775808": "x"}}"#, "account 1, slot 1 of it: its name is not a Unix time in seconds"),
        (r#"{"1": {"2": "x", "3": "x", "2": "y"}}"#, "account 1, slot 2: is given more than once"),
        (r#"{"1": {"2": null}}"#, "account 1, slot 2: must be a string of plain characters"),
        (r#"{"1": {"2": ["x"]}}"#, "account 1, slot 2: must be a string of plain characters"),
        (r#"{"1": {"2": "\u0031"}}"#, "account 1, slot 2: must be a string of plain characters"),
        (r#"{"1": {"2": "é"}}"#, "account 1, slot 2: must be a string of plain characters"),
        (r#"{"1": {"2": "a b"}}"#, "account 1, slot 2: must be a string of plain characters"),
        (r#"{"1": {"\udfff": "x"}}"#, "not valid JSON: text with a broken escape sequence"),
        ("{\n\"1\": }", "not valid JSON at line 2 column 6"),
    ] {
        assert_eq!(error(text).to_string(), message, "{text}");
    }
}

#[test]
fn truncated_deep_and_binary_files_are_refused() {
    for end in [0, 1, 10, 1_000, SAMPLE.len() - 1] {
        assert_eq!(error(&SAMPLE[..end]), TokensFileError::Json(JsonError::Truncated));
    }
    assert_eq!(error("[".repeat(1_000_000)), TokensFileError::Json(JsonError::Truncated));
    assert!(matches!(error(b"\xff\xfe\0"), TokensFileError::Json(JsonError::Syntax { .. })));
    let deep = format!("{{\"1\": {{\"2\": {}{}}}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(error(deep).to_string(), "account 1, slot 2: must be a string of plain characters");
}

#[test]
fn debug_shows_numbers_only() {
    let file = TokensFile::parse(SAMPLE.as_bytes()).unwrap();
    assert_eq!(format!("{file:?}"), "TokensFile { accounts: 2, tokens: 224, .. }");
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_alike(
        accounts in prop::collection::btree_map(0..100_u64, prop::collection::btree_map(any::<u32>(), "[ -~]{0,20}", 0..5), 0..4)
    ) {
        let text = serde_json::to_string(&accounts).unwrap();
        let plain = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        let is_plain = accounts.values().flat_map(|slots| slots.values()).all(plain);
        match TokensFile::parse(text.as_bytes()) {
            Ok(file) => {
                prop_assert!(is_plain);
                // The same order: both sort slots as numbers, and accounts were sorted.
                prop_assert_eq!(written(&file), serde_json::to_string_pretty(&accounts).unwrap());
            }
            Err(error) => {
                prop_assert!(!is_plain);
                let is_about_text = matches!(error, TokensFileError::NotPlainText { .. });
                prop_assert!(is_about_text);
            }
        }
    }
}
