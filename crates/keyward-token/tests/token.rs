//! Either kind of token, told apart by its prefix.

use keyward_token::{AuthTokenError, AuthTokenField, ReadOnlyTokenError, Token, TokenError};

#[test]
fn prefix_decides_the_kind() {
    let auth = format!("1763704800:5:253:{}", "a".repeat(160));
    let read_only = format!("ro:6:all:1795248000:{}", "b".repeat(64));

    let token = Token::parse(&auth).expect("canonical");
    assert!(matches!(token, Token::Auth(_)));
    assert_eq!((token.account_index().as_u64(), token.as_str()), (5, auth.as_str()));
    assert_eq!(token.to_string(), auth);

    let token = Token::parse(&read_only).expect("canonical");
    assert!(matches!(token, Token::ReadOnly(_)));
    assert_eq!((token.account_index().as_u64(), token.as_str()), (6, read_only.as_str()));
    assert_eq!(token.to_string(), read_only);

    for text in [&auth, &read_only] {
        assert_eq!(Token::parse_bytes(text.as_bytes()).expect("canonical").as_str(), text);
        assert_eq!(Token::try_from(text.as_str()).expect("canonical").as_str(), text);
        assert_eq!(Token::try_from(text.as_bytes()).expect("canonical").as_str(), text);
    }
}

#[test]
fn refusal_is_that_of_the_kind() {
    let not_auth = TokenError::Auth(AuthTokenError::NotCanonical(AuthTokenField::Deadline));
    for (text, error) in [
        ("x:", not_auth),
        ("RO:5:all:1:0", not_auth),
        ("ro:5:half:1:0", TokenError::ReadOnly(ReadOnlyTokenError::SubAccountAccess)),
    ] {
        assert_eq!(Token::parse(text).unwrap_err(), error);
        assert_eq!(Token::parse_bytes(text.as_bytes()).unwrap_err(), error);
    }
    assert_eq!(not_auth.to_string(), "deadline of auth token is not a canonical decimal number");
    assert_eq!(Token::parse_bytes(b"ro:\xff").unwrap_err(), TokenError::ReadOnly(ReadOnlyTokenError::NotUtf8));
    assert_eq!(Token::parse_bytes(b"\xffro:").unwrap_err(), TokenError::Auth(AuthTokenError::NotUtf8));
}

#[test]
fn debug_leaves_the_secret_part_out() {
    let auth = format!("1:5:253:{}", "a".repeat(160));
    assert_eq!(
        format!("{:?}", Token::parse(&auth).expect("canonical")),
        "Auth(AuthToken { deadline: UnixSeconds(1), account_index: AccountIndex(5), \
         api_key_index: ApiKeyIndex(253), .. })"
    );
}
