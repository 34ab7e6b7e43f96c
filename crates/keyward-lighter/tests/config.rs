//! `config.json`: the sample and everything that is wrong with others.

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, Config, ConfigError, ConfigProblem, JsonError, KeyTextError, TokenSigner,
    parse_private_key, private_key_text,
};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("samples/config.json");
const KEY: &str = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";

fn account(key: &str, account: &str, api_key: &str) -> String {
    format!(r#"{{"api_key_private_key": {key}, "account_index": {account}, "api_key_index": {api_key}}}"#)
}

fn good_account(index: u64) -> String {
    account(&format!("{KEY:?}"), &index.to_string(), "253")
}

fn config(accounts: &str) -> String {
    format!(r#"{{"BASE_URL": "https://example.org", "ACCOUNTS": {accounts}}}"#)
}

fn with_duration(member: &str) -> String {
    format!(r#"{{{member}, "BASE_URL": "https://example.org", "ACCOUNTS": [{}]}}"#, good_account(5))
}

fn error(text: impl AsRef<[u8]>) -> ConfigError {
    Config::parse(text.as_ref()).expect_err("a bad configuration")
}

#[test]
fn sample_is_read_and_written_back_to_the_byte() {
    let config = Config::parse(SAMPLE.as_bytes()).unwrap();
    assert_eq!(config.base_url(), "http://127.0.0.1:18080");
    assert_eq!(config.duration_in_days(), None);
    let accounts: Vec<_> = config
        .signers()
        .iter()
        .map(|signer| (signer.account_index().as_u64(), signer.api_key_index().as_u8()))
        .collect();
    assert_eq!(accounts, [(5, 253), (281_474_976_710_600, 253)]);
    assert_eq!(*private_key_text(config.signers()[0].signing_key()), *KEY);
    assert_eq!(str::from_utf8(&config.to_json()), Ok(SAMPLE));
}

#[test]
fn documented_account_zero_and_unknown_members_are_taken() {
    let text = format!(
        r#"{{"note": [[{{}}], null, 1e400, "é\u0000"], "ACCOUNTS": [{}, {}], "BASE_URL": "x", "note": 2}}"#,
        account(&format!("{:?}", &KEY[2..].to_uppercase()), "0", "0"),
        account(&format!("{KEY:?}"), "281474976710654", "254"),
    );
    let config = Config::parse(text.as_bytes()).unwrap();
    let indices: Vec<_> = config.into_signers().iter().map(TokenSigner::account_index).collect();
    assert_eq!(indices, [AccountIndex::new(0).unwrap(), AccountIndex::MAX]);
}

#[test]
fn text_of_the_address_is_written_as_python_writes_it() {
    let signer = || TokenSigner::new(parse_private_key(KEY).unwrap(), AccountIndex::MAX, ApiKeyIndex::MAX);
    let config = Config::new("a\"\\/\u{1f}\u{7f}\n\té€".to_owned(), vec![signer(), signer()]).unwrap();
    let json = config.to_json();
    let expected = r#"{
  "BASE_URL": "a\"\\/\u001f"#
        .to_owned()
        + "\u{7f}"
        + r#"\n\té€","#;
    assert!(str::from_utf8(&json).unwrap().starts_with(&expected));
    assert_eq!(Config::parse(&json).unwrap().base_url(), config.base_url());
}

#[test]
fn durations_are_read() {
    let days = |text: &str| {
        let config = Config::parse(with_duration(text).as_bytes())?;
        Ok::<_, ConfigError>((
            config.duration_in_days().map(|days| days.as_u16()),
            config.num_days().map(|days| days.as_u16()),
        ))
    };
    assert_eq!(days(r#""DURATION_IN_DAYS": 7"#), Ok((Some(7), None)));
    assert_eq!(days(r#""DURATION_IN_DAYS": -7, "NUM_DAYS": 3650"#), Ok((Some(0), Some(3650))));
    for bad in ["2.5", "1e3", "1E3", "10.0", "\"7\"", "true", "null", "[]", "{}"] {
        for name in ["DURATION_IN_DAYS", "NUM_DAYS"] {
            let text = days(&format!("{name:?}: {bad}")).unwrap_err().to_string();
            assert_eq!(text, format!("{name}: must be a whole number of days"), "{bad}");
        }
    }
    for bad in ["3651", "100000000000000000000"] {
        let text = days(&format!(r#""DURATION_IN_DAYS": {bad}"#)).unwrap_err().to_string();
        assert_eq!(text, "DURATION_IN_DAYS: must be at most 3650 days");
    }
}

/// Entries of the slot are replaced wherever they stand; what else there is stays to the byte.
#[test]
fn entry_is_replaced_or_added_and_nothing_else_changes() {
    let new = |account, slot| {
        let key = parse_private_key(&format!("{}01", "0".repeat(78))).unwrap();
        TokenSigner::new(key, AccountIndex::new(account).unwrap(), ApiKeyIndex::new(slot).unwrap())
    };
    let entry = |account: u64, slot: u8| {
        let key = "0x".to_owned() + &"0".repeat(78) + "01";
        format!(
            "{{\n      \"api_key_private_key\": \"{key}\",\n      \"account_index\": {account},\n      \
             \"api_key_index\": {slot}\n    }}"
        )
    };
    let (five, six) = (good_account(5), good_account(6));
    let text = format!(r#"{{ "a": [1],"ACCOUNTS":[ {five} ,{six},{five}],"BASE_URL":"x" , "NUM_DAYS": 7 }}"#);
    let replace = |account, slot| {
        let json = Config::replace_account(text.as_bytes(), &new(account, slot)).unwrap();
        String::from_utf8(json.to_vec()).unwrap()
    };
    assert_eq!(replace(5, 253), text.replace(&five, &entry(5, 253)));
    assert_eq!(replace(6, 253), text.replace(&six, &entry(6, 253)));
    for (account, slot) in [(5, 252), (7, 253)] {
        let expected = text.replace("],\"BASE", &format!(",\n    {}],\"BASE", entry(account, slot)));
        assert_eq!(replace(account, slot), expected);
    }
}

#[test]
fn entry_is_added_as_python_would_have_written_it() {
    let mut signers = Config::parse(SAMPLE.as_bytes()).unwrap().into_signers();
    let last = signers.pop().unwrap();
    let first = Config::new("http://127.0.0.1:18080".to_owned(), signers).unwrap().to_json();
    assert_eq!(str::from_utf8(&Config::replace_account(&first, &last).unwrap()), Ok(SAMPLE));
    assert_eq!(str::from_utf8(&Config::replace_account(SAMPLE.as_bytes(), &last).unwrap()), Ok(SAMPLE));
    assert!(Config::replace_account(&SAMPLE.as_bytes()[1..], &last).is_err());
}

#[test]
fn every_fault_is_told_with_its_place() {
    let good = good_account(5);
    let key = format!("{KEY:?}");
    let big_index = "must be a whole number from 0 to 281474976710654";
    for (text, message) in [
        (r#"[]"#.to_owned(), "must be an object".to_owned()),
        (format!("{KEY:?}"), "must be an object".to_owned()),
        (r#"{}"#.to_owned(), "BASE_URL: is missing".to_owned()),
        (r#"{"BASE_URL": 1}"#.to_owned(), "BASE_URL: must be a string".to_owned()),
        (r#"{"BASE_URL": ""}"#.to_owned(), "BASE_URL: must not be empty".to_owned()),
        (r#"{"BASE_URL": "x"}"#.to_owned(), "ACCOUNTS: is missing".to_owned()),
        (r#"{"BASE_URL": "x", "BASE_URL": "y"}"#.to_owned(), "BASE_URL: is given more than once".to_owned()),
        (
            r#"{"BASE_URL": "\ud800"}"#.to_owned(),
            "BASE_URL: not valid JSON: text with a broken escape sequence".to_owned(),
        ),
        (r#"{"\ud800": "x"}"#.to_owned(), "not valid JSON: text with a broken escape sequence".to_owned()),
        (config("{}"), "ACCOUNTS: must be an array".to_owned()),
        (config("[]"), "ACCOUNTS: must not be empty".to_owned()),
        (config(&format!("[{good}, 7]")), "ACCOUNTS[1]: must be an object".to_owned()),
        (config(&format!("[{good}, {key}]")), "ACCOUNTS[1]: must be an object".to_owned()),
        (config("[{}]"), "ACCOUNTS[0].api_key_private_key: is missing".to_owned()),
        (config(&format!(r#"[{{"api_key_private_key": {key}}}]"#)), "ACCOUNTS[0].account_index: is missing".to_owned()),
        (
            config(&format!(r#"[{{"api_key_private_key": {key}, "api_key_private_key": {key}}}]"#)),
            "ACCOUNTS[0].api_key_private_key: is given more than once".to_owned(),
        ),
        (
            config(&format!("[{}]", account("12", "5", "253"))),
            "ACCOUNTS[0].api_key_private_key: must be a string".to_owned(),
        ),
        (config(&format!("[{}]", account(&key, "-1", "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (
            config(&format!("[{}]", account(&key, "281474976710655", "253"))),
            format!("ACCOUNTS[0].account_index: {big_index}"),
        ),
        (config(&format!("[{}]", account(&key, "5.0", "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (config(&format!("[{}]", account(&key, "5e0", "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (config(&format!("[{}]", account(&key, "\"5\"", "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (config(&format!("[{}]", account(&key, "true", "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (config(&format!("[{}]", account(&key, &key, "253"))), format!("ACCOUNTS[0].account_index: {big_index}")),
        (
            config(&format!("[{good}, {}]", account(&key, "5", "255"))),
            "ACCOUNTS[1].api_key_index: must be a whole number from 0 to 254".to_owned(),
        ),
    ] {
        assert_eq!(error(&text).to_string(), message, "{text}");
    }
}

#[test]
fn keys_are_held_to_their_text_form() {
    for (key, problem) in [
        (String::new(), KeyTextError::Length),
        (KEY[..81].to_owned(), KeyTextError::Length),
        (KEY.replace("ae", "zz"), KeyTextError::Digit),
        ("0".repeat(80), KeyTextError::OutOfRange),
        // An escape sequence stands for a digit, but keys have none.
        (KEY.replacen('a', "\\u0061", 1), KeyTextError::Length),
    ] {
        let error = error(config(&format!("[{}]", account(&format!("\"{key}\""), "5", "253"))));
        assert_eq!((error.account(), error.key()), (Some(0), "api_key_private_key"));
        assert_eq!(error.problem(), ConfigProblem::PrivateKey(problem));
    }
}

#[test]
fn broken_json_is_told_by_its_place() {
    let json = |text: &[u8]| match error(text).problem() {
        ConfigProblem::Json(json) => json,
        other => panic!("{other}"),
    };
    for end in 0..SAMPLE.len() {
        assert_eq!(json(&SAMPLE.as_bytes()[..end]), JsonError::Truncated, "{end} bytes");
    }
    assert_eq!(json(b"{\n  \"BASE_URL\" 5"), JsonError::Syntax { line: 2, column: 14 });
    for text in
        [&b"\0\x01\x02"[..], b"\xff\xfe{\0}\0", b"\x7fELF", b"{} {}", b"{\"\xc3\x28\": 1}", b"{\"a\": 1,}", b"{'a': 1}"]
    {
        assert!(matches!(json(text), JsonError::Syntax { .. }), "{text:?}");
    }
}

#[test]
fn deep_and_large_documents_cost_no_more_than_their_size() {
    let deep = "[".repeat(1_000_000);
    assert_eq!(error(&deep).problem(), ConfigProblem::Json(JsonError::Truncated));
    let deep = format!("{deep}{}", "]".repeat(1_000_000));
    assert_eq!(error(&deep).to_string(), "must be an object");
    assert_eq!(error(config(&format!("[{deep}]"))).to_string(), "ACCOUNTS[0]: must be an object");

    let mut large = SAMPLE.as_bytes().to_vec();
    large.resize(Config::MAX_BYTES, b' ');
    assert!(Config::parse(&large).is_ok());
    large.push(b' ');
    assert_eq!(error(&large).to_string(), "larger than 16777216 bytes");

    let many = |count| config(&format!("[0{}]", ",0".repeat(count - 1)));
    assert_eq!(error(many(Config::MAX_ACCOUNTS + 1)).to_string(), "ACCOUNTS: has more than 100000 entries");
    let (_, bad) = Config::parse_keeping_good(many(Config::MAX_ACCOUNTS).as_bytes()).unwrap();
    assert_eq!(bad.last().unwrap().to_string(), "ACCOUNTS[99999]: must be an object");
}

#[test]
fn good_accounts_can_be_kept_from_among_bad_ones() {
    let accounts = [good_account(5), "null".to_owned(), good_account(6), account("\"\"", "7", "253")];
    let text = config(&format!("[{}]", accounts.join(",")));
    let (config, bad) = Config::parse_keeping_good(text.as_bytes()).unwrap();
    let kept: Vec<_> = config.signers().iter().map(|signer| signer.account_index().as_u64()).collect();
    assert_eq!(kept, [5, 6]);
    assert_eq!(bad.iter().map(ConfigError::account).collect::<Vec<_>>(), [Some(1), Some(3)]);
    assert_eq!(error(&text), bad[0]);

    let (config, bad) = Config::parse_keeping_good(self::config("[1, 2]").as_bytes()).unwrap();
    assert_eq!((config.signers().len(), bad.len()), (0, 2));
}

#[test]
fn what_cannot_be_read_cannot_be_made() {
    let signers = |count| {
        let signer = |_| TokenSigner::new(parse_private_key(KEY).unwrap(), AccountIndex::MAX, ApiKeyIndex::MAX);
        (0..count).map(signer).collect::<Vec<_>>()
    };
    let error = |url: &str, signers| Config::new(url.to_owned(), signers).unwrap_err().to_string();
    assert_eq!(error("x", vec![]), "ACCOUNTS: must not be empty");
    assert_eq!(error("", signers(1)), "BASE_URL: must not be empty");
    let mut many = Config::new("x".to_owned(), signers(Config::MAX_ACCOUNTS)).unwrap().into_signers();
    many.extend(signers(1));
    assert_eq!(error("x", many), "ACCOUNTS: has more than 100000 entries");
}

#[test]
fn debug_shows_public_keys_only() {
    let config = Config::parse(with_duration(r#""DURATION_IN_DAYS": 7"#).as_bytes()).unwrap();
    assert_eq!(
        format!("{config:?}"),
        "Config { base_url: \"https://example.org\", signers: [TokenSigner { public_key: \
         \"0x822362bc30bd2705928e2ff830dcb1ecee3e66df909cabe4084272f3d00ac539f66b09a94cb60db6\", \
         account_index: AccountIndex(5), api_key_index: ApiKeyIndex(253), .. }], \
         duration_in_days: Some(Days(7)), num_days: None }",
    );
}

/// The sample with some bytes overwritten, removed or doubled, or a piece of it put elsewhere.
fn broken_sample() -> impl Strategy<Value = Vec<u8>> {
    let at = 0..SAMPLE.len();
    let edit = (0..4, at.clone(), at, any::<prop::sample::Index>(), any::<u8>());
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut text = SAMPLE.as_bytes().to_vec();
        for (kind, from, to, target, byte) in edits {
            let (from, to) = (from.min(to).min(text.len()), from.max(to).min(text.len()));
            let piece = text[from..to].to_vec();
            match kind {
                0 if from < text.len() => text[from] = byte,
                1 => text.insert(from, b"\"{}[],:\\ 0x"[usize::from(byte) % 11]),
                2 => drop(text.drain(from..to.min(from + 8))),
                _ => {
                    let target = target.index(text.len() + 1);
                    text.splice(target..target, piece);
                }
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn no_error_has_a_piece_of_a_key(text in broken_sample()) {
        let told: Vec<ConfigError> = match Config::parse_keeping_good(&text) {
            Ok((_, bad)) => bad,
            Err(error) => vec![error],
        };
        let told: String = told.iter().map(|error| format!("{error} {error:?}")).collect();
        for key in SAMPLE.split('"').filter(|text| text.starts_with("0x")) {
            for start in 0..key.len() - 8 {
                prop_assert!(!told.contains(&key[start..start + 8]), "{told}");
            }
        }
    }

    #[test]
    fn what_is_read_is_read_again_from_what_is_written(text in broken_sample()) {
        if let Ok(config) = Config::parse(&text) {
            let json = config.to_json();
            prop_assert_eq!(&*Config::parse(&json).unwrap().to_json(), &*json);
        }
    }
}
