//! Auth tokens: what is read, and each reason for refusal.

use keyward_token::{AuthToken, AuthTokenError, AuthTokenField};

/// 160 digits in which every byte value of the signature differs from its neighbours.
fn signature() -> String {
    (0..80_u8).map(|index| format!("{:02x}", index.wrapping_mul(37).wrapping_add(11))).collect()
}

fn refusal(text: &str) -> AuthTokenError {
    let error = AuthToken::parse(text).expect_err(text);
    assert_eq!(AuthToken::parse_bytes(text.as_bytes()).expect_err(text), error);
    assert_eq!(AuthToken::try_from(text).expect_err(text), error);
    assert_eq!(AuthToken::try_from(text.as_bytes()).expect_err(text), error);
    error
}

#[test]
fn fields_are_typed() {
    let text = format!("1763704800:281474976710654:253:{}", signature());
    let token = AuthToken::parse(&text).expect("canonical");
    assert_eq!(token.deadline().as_secs(), 1_763_704_800);
    assert_eq!(token.account_index().as_u64(), 281_474_976_710_654);
    assert_eq!(token.api_key_index().as_u8(), 253);
    assert_eq!(token.message(), "1763704800:281474976710654:253");
    assert_eq!(token.signature_bytes(), std::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(11)));
    assert_eq!(token.as_str(), text);
    assert_eq!(token.to_string(), text);
    assert_eq!(AuthToken::parse_bytes(text.as_bytes()).expect("the same").as_str(), text);
}

#[test]
fn shortest_and_longest_tokens_are_read() {
    let shortest = format!("0:0:0:{}", signature());
    assert_eq!(AuthToken::parse(&shortest).expect("canonical").to_string(), shortest);
    let longest = format!("9223372036854775807:281474976710654:254:{}", signature());
    assert_eq!(longest.len(), AuthToken::MAX_LEN);
    assert_eq!(AuthToken::parse(&longest).expect("canonical").to_string(), longest);
}

#[test]
fn missing_field_is_named() {
    use AuthTokenField::{AccountIndex, ApiKeyIndex, Signature};
    assert_eq!(refusal(""), AuthTokenError::Missing(AccountIndex));
    assert_eq!(refusal("1763704800"), AuthTokenError::Missing(AccountIndex));
    assert_eq!(refusal(&signature()), AuthTokenError::Missing(AccountIndex));
    assert_eq!(refusal("1763704800:5"), AuthTokenError::Missing(ApiKeyIndex));
    assert_eq!(refusal("1763704800:5:253"), AuthTokenError::Missing(Signature));
}

#[test]
fn further_field_is_refused() {
    let signature = signature();
    for text in [
        format!("1:5:253:{signature}:"),
        format!("1:5:253::{signature}"),
        format!("1:5:253:{}:", &signature[1..]),
        format!("1:5:253:{}:{}", &signature[..80], &signature[81..]),
        "1:2:3:4:5".to_owned(),
        "1:2:3::".to_owned(),
    ] {
        assert_eq!(refusal(&text), AuthTokenError::TooManyFields, "{text}");
    }
}

#[test]
fn number_that_is_not_canonical_is_refused() {
    let signature = signature();
    for number in ["", "-1", "+1", "01", "00", " 1", "1 ", "1.0", "1e3", "0x1", "a", "१"] {
        for (text, field) in [
            (format!("{number}:5:253:{signature}"), AuthTokenField::Deadline),
            (format!("1:{number}:253:{signature}"), AuthTokenField::AccountIndex),
            (format!("1:5:{number}:{signature}"), AuthTokenField::ApiKeyIndex),
        ] {
            assert_eq!(refusal(&text), AuthTokenError::NotCanonical(field), "{text}");
        }
    }
}

#[test]
fn number_out_of_range_is_refused() {
    let signature = signature();
    for (text, field) in [
        (format!("9223372036854775808:5:253:{signature}"), AuthTokenField::Deadline),
        (format!("18446744073709551616:5:253:{signature}"), AuthTokenField::Deadline),
        (format!("1:281474976710655:253:{signature}"), AuthTokenField::AccountIndex),
        (format!("1:18446744073709551616:3:{signature}"), AuthTokenField::AccountIndex),
        (format!("1:5:255:{signature}"), AuthTokenField::ApiKeyIndex),
        (format!("1:5:256:{signature}"), AuthTokenField::ApiKeyIndex),
        (format!("1:5:18446744073709551617:{signature}"), AuthTokenField::ApiKeyIndex),
    ] {
        assert_eq!(refusal(&text), AuthTokenError::OutOfRange(field), "{text}");
    }
}

#[test]
fn signature_of_another_length_is_refused() {
    let signature = signature();
    for len in [0, 1, 80, 159] {
        let text = format!("1:5:253:{}", &signature[..len]);
        assert_eq!(refusal(&text), AuthTokenError::SignatureLength { len });
    }
    for tail in ["\n", " ", "0", "00"] {
        let text = format!("1:5:253:{signature}{tail}");
        assert_eq!(refusal(&text), AuthTokenError::SignatureLength { len: 160 + tail.len() });
    }
}

#[test]
fn every_byte_of_the_signature_is_checked() {
    let good = format!("1:5:253:{}", signature());
    let start = good.len() - 160;
    for index in 0..160 {
        for byte in 0..=u8::MAX {
            let mut bytes = good.clone().into_bytes();
            bytes[start + index] = byte;
            let result = AuthToken::parse_bytes(&bytes).map(|token| token.as_str().as_bytes().to_vec());
            let expected = match byte {
                b'0'..=b'9' | b'a'..=b'f' => Ok(bytes.clone()),
                b':' => Err(AuthTokenError::TooManyFields),
                0x80.. => Err(AuthTokenError::NotUtf8),
                _ => Err(AuthTokenError::SignatureDigit { index }),
            };
            assert_eq!(result, expected, "byte {byte} at {index}");
        }
    }
}

#[test]
fn first_bad_digit_is_told() {
    let mut text = format!("1:5:253:{}", signature());
    text.replace_range(text.len() - 1.., "G");
    assert_eq!(refusal(&text), AuthTokenError::SignatureDigit { index: 159 });
    text.replace_range(text.len() - 50..text.len() - 49, "A");
    assert_eq!(refusal(&text), AuthTokenError::SignatureDigit { index: 110 });
}

#[test]
fn first_fault_from_the_left_is_told() {
    for (text, error) in [
        ("x:y", AuthTokenError::NotCanonical(AuthTokenField::Deadline)),
        ("1:y", AuthTokenError::Missing(AuthTokenField::ApiKeyIndex)),
        ("1:y:", AuthTokenError::NotCanonical(AuthTokenField::AccountIndex)),
        ("1:2:255:x:y", AuthTokenError::OutOfRange(AuthTokenField::ApiKeyIndex)),
        ("1:2:3:x:y", AuthTokenError::TooManyFields),
        ("1:2:3:x", AuthTokenError::SignatureLength { len: 1 }),
    ] {
        assert_eq!(refusal(text), error, "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let bytes = [format!("1:5:253:{}", signature()).as_bytes(), &[0xff]].concat();
    assert_eq!(AuthToken::parse_bytes(&bytes).unwrap_err(), AuthTokenError::NotUtf8);
    assert_eq!(AuthToken::parse_bytes(&[0x80]).unwrap_err(), AuthTokenError::NotUtf8);
}

#[test]
fn text_longer_than_any_token_is_refused_unread() {
    let longest = format!("9223372036854775807:281474976710654:254:{}", signature());
    assert_eq!(refusal(&format!("{longest}0")), AuthTokenError::TooLong);
    assert_eq!(refusal(&":".repeat(1 << 20)), AuthTokenError::TooLong);
    // Not even whether it is text.
    assert_eq!(AuthToken::parse_bytes(&[0xff; 1 << 20]).unwrap_err(), AuthTokenError::TooLong);
}

#[test]
fn debug_leaves_the_signature_out() {
    let text = format!("1763704800:5:253:{}", signature());
    let token = AuthToken::parse(&text).expect("canonical");
    assert_eq!(
        format!("{token:?}"),
        "AuthToken { deadline: UnixSeconds(1763704800), account_index: AccountIndex(5), \
         api_key_index: ApiKeyIndex(253), .. }"
    );
}

#[test]
fn errors_say_what_is_wrong_and_repeat_nothing() {
    for (error, message) in [
        (AuthTokenError::TooLong, "auth token is longer than 200 bytes"),
        (AuthTokenError::NotUtf8, "auth token is not UTF-8 text"),
        (AuthTokenError::Missing(AuthTokenField::Signature), "auth token has no signature"),
        (AuthTokenError::TooManyFields, "auth token has more than four fields"),
        (
            AuthTokenError::NotCanonical(AuthTokenField::Deadline),
            "deadline of auth token is not a canonical decimal number",
        ),
        (AuthTokenError::OutOfRange(AuthTokenField::AccountIndex), "account index of auth token is out of range"),
        (AuthTokenError::OutOfRange(AuthTokenField::ApiKeyIndex), "API key index of auth token is out of range"),
        (AuthTokenError::SignatureLength { len: 7 }, "signature of auth token has 7 digits, not 160"),
        (
            AuthTokenError::SignatureDigit { index: 7 },
            "signature of auth token has no lower-case hexadecimal digit at index 7",
        ),
    ] {
        assert_eq!(error.to_string(), message);
    }
}
