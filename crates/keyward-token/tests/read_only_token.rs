//! Read-only tokens: what is read, each reason for refusal, and how long they may live.

use keyward_time::UnixSeconds;
use keyward_token::{ExpiryError, ReadOnlyToken, ReadOnlyTokenError, ReadOnlyTokenField, SubAccountAccess};

const RANDOM: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).expect("in range")
}

fn refusal(text: &str) -> ReadOnlyTokenError {
    let error = ReadOnlyToken::parse(text).expect_err(text);
    assert_eq!(ReadOnlyToken::parse_bytes(text.as_bytes()).expect_err(text), error);
    assert_eq!(ReadOnlyToken::try_from(text).expect_err(text), error);
    assert_eq!(ReadOnlyToken::try_from(text.as_bytes()).expect_err(text), error);
    error
}

#[test]
fn fields_are_typed() {
    for access in [SubAccountAccess::Single, SubAccountAccess::All] {
        let text = format!("ro:281474976710654:{access}:1795248000:{RANDOM}");
        let token = ReadOnlyToken::parse(&text).expect("canonical");
        assert_eq!(token.account_index().as_u64(), 281_474_976_710_654);
        assert_eq!(token.sub_account_access(), access);
        assert_eq!(token.expiry(), at(1_795_248_000));
        assert_eq!(token.as_str(), text);
        assert_eq!(token.to_string(), text);
        assert_eq!(ReadOnlyToken::parse_bytes(text.as_bytes()).expect("the same").as_str(), text);
    }
}

#[test]
fn random_part_of_32_to_256_digits_is_read() {
    for len in 0..=258 {
        let random = "a".repeat(len);
        let text = format!("ro:5:all:1:{random}");
        if (32..=256).contains(&len) {
            assert_eq!(ReadOnlyToken::parse(&text).expect("long enough").to_string(), text);
        } else {
            assert_eq!(refusal(&text), ReadOnlyTokenError::RandomLength { len });
        }
    }
}

#[test]
fn longest_token_is_read_and_a_longer_text_is_refused_unread() {
    let longest = format!("ro:281474976710654:single:9223372036854775807:{}", "f".repeat(256));
    assert_eq!(longest.len(), ReadOnlyToken::MAX_LEN);
    assert_eq!(ReadOnlyToken::parse(&longest).expect("canonical").to_string(), longest);
    assert_eq!(refusal(&format!("{longest}f")), ReadOnlyTokenError::TooLong);
    assert_eq!(refusal(&"ro:".repeat(1 << 20)), ReadOnlyTokenError::TooLong);
    assert_eq!(ReadOnlyToken::parse_bytes(&[0xff; 1 << 20]).unwrap_err(), ReadOnlyTokenError::TooLong);
}

#[test]
fn other_prefix_is_refused() {
    for text in ["", "r", "ro", "RO:5:all:1:", " ro:5:all:1:", "5:all:1:", "rw:5:all:1:"] {
        assert_eq!(refusal(&format!("{text}{RANDOM}")), ReadOnlyTokenError::NoPrefix, "{text}");
    }
}

#[test]
fn missing_field_is_named() {
    use ReadOnlyTokenField::{Expiry, Random, SubAccountAccess};
    assert_eq!(refusal("ro:"), ReadOnlyTokenError::Missing(SubAccountAccess));
    assert_eq!(refusal("ro:5"), ReadOnlyTokenError::Missing(SubAccountAccess));
    assert_eq!(refusal("ro:5:all"), ReadOnlyTokenError::Missing(Expiry));
    assert_eq!(refusal("ro:5:all:1"), ReadOnlyTokenError::Missing(Random));
}

#[test]
fn further_field_is_refused() {
    for tail in [format!("{RANDOM}:"), format!(":{RANDOM}"), "a:b".to_owned(), format!("{RANDOM}:{RANDOM}")] {
        assert_eq!(refusal(&format!("ro:5:all:1:{tail}")), ReadOnlyTokenError::TooManyFields, "{tail}");
    }
}

#[test]
fn bad_number_is_refused() {
    use ReadOnlyTokenField::{AccountIndex, Expiry};
    for number in ["", "-1", "+1", "01", " 1", "1 ", "1.0"] {
        let account = format!("ro:{number}:all:1:{RANDOM}");
        assert_eq!(refusal(&account), ReadOnlyTokenError::NotCanonical(AccountIndex), "{account}");
        let expiry = format!("ro:5:all:{number}:{RANDOM}");
        assert_eq!(refusal(&expiry), ReadOnlyTokenError::NotCanonical(Expiry), "{expiry}");
    }
    let account = format!("ro:281474976710655:all:1:{RANDOM}");
    assert_eq!(refusal(&account), ReadOnlyTokenError::OutOfRange(AccountIndex));
    let expiry = format!("ro:5:all:9223372036854775808:{RANDOM}");
    assert_eq!(refusal(&expiry), ReadOnlyTokenError::OutOfRange(Expiry));
}

#[test]
fn other_sub_account_access_is_refused() {
    for access in ["", "All", "SINGLE", "alls", "singl", " all", "0"] {
        assert_eq!(refusal(&format!("ro:5:{access}:1:{RANDOM}")), ReadOnlyTokenError::SubAccountAccess, "{access}");
    }
}

#[test]
fn every_byte_of_the_random_part_is_checked() {
    let good = format!("ro:5:all:1:{RANDOM}");
    let start = good.len() - RANDOM.len();
    for index in 0..RANDOM.len() {
        for byte in 0..=u8::MAX {
            let mut bytes = good.clone().into_bytes();
            bytes[start + index] = byte;
            let result = ReadOnlyToken::parse_bytes(&bytes).map(|token| token.as_str().as_bytes().to_vec());
            let expected = match byte {
                b'0'..=b'9' | b'a'..=b'f' => Ok(bytes.clone()),
                b':' => Err(ReadOnlyTokenError::TooManyFields),
                0x80.. => Err(ReadOnlyTokenError::NotUtf8),
                _ => Err(ReadOnlyTokenError::RandomDigit { index }),
            };
            assert_eq!(result, expected, "byte {byte} at {index}");
        }
    }
}

#[test]
fn expiry_is_1_day_to_10_years_ahead() {
    let now = at(1_763_683_200);
    let check = |secs: u64| ReadOnlyToken::check_expiry(now, at(1_763_683_200 + secs));
    assert_eq!(check(0), Err(ExpiryError::TooEarly));
    assert_eq!(check(86_399), Err(ExpiryError::TooEarly));
    assert_eq!(check(86_400), Ok(()));
    assert_eq!(check(315_360_000), Ok(()));
    assert_eq!(check(315_360_001), Err(ExpiryError::TooLate));
    assert_eq!(ReadOnlyToken::check_expiry(now, at(1_763_683_199)), Err(ExpiryError::TooEarly));
    assert_eq!(ReadOnlyToken::check_expiry(UnixSeconds::MAX, UnixSeconds::EPOCH), Err(ExpiryError::TooEarly));
    assert_eq!(ReadOnlyToken::check_expiry(UnixSeconds::EPOCH, UnixSeconds::MAX), Err(ExpiryError::TooLate));
    assert_eq!(ReadOnlyToken::check_expiry(UnixSeconds::MAX, UnixSeconds::MAX), Err(ExpiryError::TooEarly));
}

#[test]
fn debug_leaves_the_random_part_out() {
    let text = format!("ro:5:all:1795248000:{RANDOM}");
    let token = ReadOnlyToken::parse(&text).expect("canonical");
    assert_eq!(
        format!("{token:?}"),
        "ReadOnlyToken { account_index: AccountIndex(5), sub_account_access: All, \
         expiry: UnixSeconds(1795248000), .. }"
    );
}

#[test]
fn errors_say_what_is_wrong_and_repeat_nothing() {
    for (error, message) in [
        (ReadOnlyTokenError::TooLong, "read-only token is longer than 302 bytes"),
        (ReadOnlyTokenError::NotUtf8, "read-only token is not UTF-8 text"),
        (ReadOnlyTokenError::NoPrefix, "read-only token does not begin with `ro:`"),
        (ReadOnlyTokenError::Missing(ReadOnlyTokenField::Random), "read-only token has no random part"),
        (ReadOnlyTokenError::TooManyFields, "read-only token has more than five fields"),
        (
            ReadOnlyTokenError::NotCanonical(ReadOnlyTokenField::Expiry),
            "expiry of read-only token is not a canonical decimal number",
        ),
        (
            ReadOnlyTokenError::OutOfRange(ReadOnlyTokenField::AccountIndex),
            "account index of read-only token is out of range",
        ),
        (ReadOnlyTokenError::SubAccountAccess, "sub-account access of read-only token is neither `single` nor `all`"),
        (ReadOnlyTokenError::RandomLength { len: 7 }, "random part of read-only token has 7 digits, not 32 to 256"),
        (
            ReadOnlyTokenError::RandomDigit { index: 7 },
            "random part of read-only token has no lower-case hexadecimal digit at index 7",
        ),
    ] {
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(ExpiryError::TooEarly.to_string(), "expiry is less than 1 day ahead");
    assert_eq!(ExpiryError::TooLate.to_string(), "expiry is more than 10 years ahead");
}
