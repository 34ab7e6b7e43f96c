//! What every text must obey: it is refused for the right reason, or prints back as itself.

use keyward_token::{
    AuthToken, AuthTokenError, AuthTokenField, ReadOnlyToken, ReadOnlyTokenError, ReadOnlyTokenField, SubAccountAccess,
    Token,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const MAX_SECS: u64 = i64::MAX as u64;
const MAX_ACCOUNT: u64 = (1 << 48) - 2;

/// What a slow reader, written without a thought for speed, makes of an auth token.
fn slow_auth(text: &str) -> Result<(u64, u64, u64, String), AuthTokenError> {
    use AuthTokenField::{AccountIndex, ApiKeyIndex, Deadline, Signature};
    if text.len() > 19 + 1 + 15 + 1 + 3 + 1 + 160 {
        return Err(AuthTokenError::TooLong);
    }
    let fields: Vec<&str> = text.split(':').collect();
    let mut numbers = [0; 3];
    let rules =
        [(Deadline, MAX_SECS, AccountIndex), (AccountIndex, MAX_ACCOUNT, ApiKeyIndex), (ApiKeyIndex, 254, Signature)];
    for (index, (field, max, next)) in rules.into_iter().enumerate() {
        if fields.len() == index + 1 {
            return Err(AuthTokenError::Missing(next));
        }
        numbers[index] = slow_number(fields[index], max)
            .ok_or(AuthTokenError::NotCanonical(field))?
            .ok_or(AuthTokenError::OutOfRange(field))?;
    }
    if fields.len() > 4 {
        return Err(AuthTokenError::TooManyFields);
    }
    let signature = fields[3];
    if signature.len() != 160 {
        return Err(AuthTokenError::SignatureLength { len: signature.len() });
    }
    if let Some(index) = slow_first_non_hex(signature) {
        return Err(AuthTokenError::SignatureDigit { index });
    }
    Ok((numbers[0], numbers[1], numbers[2], signature.to_owned()))
}

/// The same for a read-only token.
fn slow_read_only(text: &str) -> Result<(u64, SubAccountAccess, u64), ReadOnlyTokenError> {
    use ReadOnlyTokenField::{AccountIndex, Expiry, Random, SubAccountAccess as Access};
    if text.len() > 3 + 15 + 1 + 6 + 1 + 19 + 1 + 256 {
        return Err(ReadOnlyTokenError::TooLong);
    }
    let fields: Vec<&str> = text.split(':').collect();
    if fields.len() < 2 || fields[0] != "ro" {
        return Err(ReadOnlyTokenError::NoPrefix);
    }
    let number = |field: usize, max, name| {
        slow_number(fields[field], max)
            .ok_or(ReadOnlyTokenError::NotCanonical(name))?
            .ok_or(ReadOnlyTokenError::OutOfRange(name))
    };
    let enough = |count: usize, next| {
        if fields.len() >= count { Ok(()) } else { Err(ReadOnlyTokenError::Missing(next)) }
    };
    enough(3, Access)?;
    let account = number(1, MAX_ACCOUNT, AccountIndex)?;
    enough(4, Expiry)?;
    let access = match fields[2] {
        "single" => SubAccountAccess::Single,
        "all" => SubAccountAccess::All,
        _ => return Err(ReadOnlyTokenError::SubAccountAccess),
    };
    enough(5, Random)?;
    let expiry = number(3, MAX_SECS, Expiry)?;
    if fields.len() > 5 {
        return Err(ReadOnlyTokenError::TooManyFields);
    }
    let random = fields[4];
    if random.len() < 32 || random.len() > 256 {
        return Err(ReadOnlyTokenError::RandomLength { len: random.len() });
    }
    match slow_first_non_hex(random) {
        Some(index) => Err(ReadOnlyTokenError::RandomDigit { index }),
        None => Ok((account, access, expiry)),
    }
}

/// `None` if not canonical, `Some(None)` if above `max`.
fn slow_number(text: &str, max: u64) -> Option<Option<u64>> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok().filter(|number| *number <= max))
}

fn slow_first_non_hex(text: &str) -> Option<usize> {
    text.bytes().position(|byte| !b"0123456789abcdef".contains(&byte))
}

fn check_auth(text: &str) -> Result<(), TestCaseError> {
    let parsed = AuthToken::parse(text);
    prop_assert_eq!(AuthToken::parse_bytes(text.as_bytes()).map(|token| token.as_str()), parsed.map(|_| text));
    let read = parsed.map(|token| {
        let signature = token.signature_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let numbers = (token.deadline().as_secs(), token.account_index().as_u64(), token.api_key_index().as_u8());
        assert_eq!(token.to_string(), text);
        assert_eq!(token.message(), format!("{}:{}:{}", numbers.0, numbers.1, numbers.2));
        (numbers.0, numbers.1, u64::from(numbers.2), signature)
    });
    prop_assert_eq!(read, slow_auth(text));
    Ok(())
}

fn check_read_only(text: &str) -> Result<(), TestCaseError> {
    let parsed = ReadOnlyToken::parse(text);
    prop_assert_eq!(ReadOnlyToken::parse_bytes(text.as_bytes()).map(|token| token.as_str()), parsed.map(|_| text));
    let read = parsed.map(|token| {
        assert_eq!(token.to_string(), text);
        (token.account_index().as_u64(), token.sub_account_access(), token.expiry().as_secs())
    });
    prop_assert_eq!(read, slow_read_only(text));
    Ok(())
}

fn auth_text() -> impl Strategy<Value = String> {
    (0..=MAX_SECS, 0..=MAX_ACCOUNT, 0..=254_u8, "[0-9a-f]{160}")
        .prop_map(|(deadline, account, key, signature)| format!("{deadline}:{account}:{key}:{signature}"))
}

fn read_only_text() -> impl Strategy<Value = String> {
    (0..=MAX_ACCOUNT, select(&["single", "all"][..]), 0..=MAX_SECS, "[0-9a-f]{32,256}")
        .prop_map(|(account, access, expiry, random)| format!("ro:{account}:{access}:{expiry}:{random}"))
}

/// Fields that are right or nearly so, in any number.
fn nearly_a_token() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        (0..300_u64).prop_map(|number| number.to_string()),
        "[0-9]{0,22}",
        "[ +-]?[0-9]{1,3}[ .]?",
        select(
            &[
                "9223372036854775807",
                "9223372036854775808",
                "281474976710654",
                "281474976710655",
                "18446744073709551615",
                "18446744073709551616",
                "254",
                "255",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let word = select(&["ro", "single", "all", "Ro", "ALL", "é"][..]).prop_map(str::to_owned);
    let hex = prop_oneof!["[0-9a-f]{160}", "[0-9a-f]{64}", "[0-9a-fA-Fg]{159,161}"];
    let field = prop_oneof![4 => number, 2 => word, 2 => hex];
    let fields = proptest::collection::vec(field, 0..7);
    (fields, any::<bool>()).prop_map(|(mut fields, read_only)| {
        if read_only {
            fields.insert(0, "ro".to_owned());
        }
        fields.join(":")
    })
}

#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, char),
    Insert(Index, char),
    Remove(Index),
    Truncate(Index),
    Repeat(Index, Index),
}

impl Mutation {
    fn any() -> impl Strategy<Value = Self> {
        let telling = select(":0123456789abcdefAFgGr+- \n\t\0/`\u{7f}é€".chars().collect::<Vec<_>>());
        let byte = prop_oneof![telling, any::<char>()];
        prop_oneof![
            (any::<Index>(), byte.clone()).prop_map(|(at, with)| Self::Replace(at, with)),
            (any::<Index>(), byte).prop_map(|(at, what)| Self::Insert(at, what)),
            any::<Index>().prop_map(Self::Remove),
            any::<Index>().prop_map(Self::Truncate),
            (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Self::Repeat(from, to)),
        ]
    }

    fn apply(&self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        if chars.is_empty() {
            return String::new();
        }
        match self {
            Self::Replace(at, with) => *at.get_mut(&mut chars) = *with,
            Self::Insert(at, what) => chars.insert(at.index(chars.len() + 1), *what),
            Self::Remove(at) => drop(chars.remove(at.index(chars.len()))),
            Self::Truncate(at) => chars.truncate(at.index(chars.len())),
            Self::Repeat(from, to) => {
                let (from, to) = (from.index(chars.len()), to.index(chars.len()));
                chars.extend_from_within(from.min(to)..from.max(to));
            }
        }
        chars.into_iter().collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn tokens_parse_and_print_back(auth in auth_text(), read_only in read_only_text()) {
        prop_assert!(AuthToken::parse(&auth).is_ok());
        prop_assert!(ReadOnlyToken::parse(&read_only).is_ok());
        check_auth(&auth)?;
        check_read_only(&read_only)?;
        prop_assert_eq!(Token::parse(&auth).expect("canonical").to_string(), auth);
        prop_assert_eq!(Token::parse(&read_only).expect("canonical").to_string(), read_only);
    }

    #[test]
    fn mutated_tokens_agree_with_the_slow_reader(
        auth in auth_text(),
        read_only in read_only_text(),
        mutations in proptest::collection::vec(Mutation::any(), 1..4),
    ) {
        let mutate = |text| mutations.iter().fold(text, |text: String, mutation| mutation.apply(&text));
        check_auth(&mutate(auth))?;
        check_read_only(&mutate(read_only))?;
    }

    #[test]
    fn near_tokens_agree_with_the_slow_reader(text in nearly_a_token()) {
        check_auth(&text)?;
        check_read_only(&text)?;
    }

    #[test]
    fn bytes_are_read_as_the_text_they_are(
        text in prop_oneof![auth_text(), read_only_text()],
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            *at.get_mut(&mut bytes) = byte;
        }
        let read = Token::parse_bytes(&bytes).map(|token| token.as_str());
        let expected = match str::from_utf8(&bytes) {
            Ok(text) => Token::parse(text).map(|_| text),
            Err(_) if bytes.starts_with(b"ro:") => Err(ReadOnlyTokenError::NotUtf8.into()),
            Err(_) if bytes.len() > AuthToken::MAX_LEN => Err(AuthTokenError::TooLong.into()),
            Err(_) => Err(AuthTokenError::NotUtf8.into()),
        };
        prop_assert_eq!(read, expected);
    }
}
