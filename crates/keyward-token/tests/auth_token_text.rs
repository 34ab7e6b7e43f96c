//! Making a token: the signed text, and the owned text around the signature.

use keyward_time::UnixSeconds;
use keyward_token::{AccountIndex, ApiKeyIndex, AuthToken, AuthTokenMessage, AuthTokenText};
use zeroize::ZeroizeOnDrop;

fn message() -> AuthTokenMessage {
    AuthTokenMessage::new(
        UnixSeconds::new(1_763_704_800).expect("in range"),
        AccountIndex::new(5).expect("in range"),
        ApiKeyIndex::READ_ONLY_AUTH,
    )
}

#[test]
fn message_is_the_three_numbers() {
    assert_eq!(message().as_str(), "1763704800:5:253");
    assert_eq!(message().as_bytes(), b"1763704800:5:253");
    assert_eq!(format!("{:?}", message()), r#"AuthTokenMessage("1763704800:5:253")"#);
}

#[test]
fn message_fits_from_the_smallest_to_the_largest_numbers() {
    let account = |index| AccountIndex::new(index).expect("in range");
    let smallest = AuthTokenMessage::new(UnixSeconds::EPOCH, account(0), ApiKeyIndex::new(0).expect("in range"));
    assert_eq!(smallest.as_str(), "0:0:0");
    let largest = AuthTokenMessage::new(UnixSeconds::MAX, AccountIndex::MAX, ApiKeyIndex::MAX);
    assert_eq!(largest.as_str(), "9223372036854775807:281474976710654:254");
    let token = largest.with_signature(&[0xff; 80]);
    assert_eq!(token.expose_secret().len(), AuthToken::MAX_LEN);
    assert!(AuthToken::parse(token.expose_secret()).is_ok());
}

#[test]
fn signature_is_written_as_lower_case_hex_high_digit_first() {
    // Together they hold every byte value.
    for first in [0, 80, 160, 240_u8] {
        let signature: [u8; 80] = std::array::from_fn(|index| first.wrapping_add(index as u8));
        let text = message().with_signature(&signature);
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text.expose_secret(), format!("1763704800:5:253:{hex}"));
        assert_eq!(text.as_token().signature_bytes(), signature);
    }
}

#[test]
fn token_is_what_would_be_parsed() {
    let deadline = UnixSeconds::new(1_763_704_800).expect("in range");
    let account_index = AccountIndex::new(5).expect("in range");
    let text = AuthTokenText::new(deadline, account_index, ApiKeyIndex::READ_ONLY_AUTH, &[0xa5; 80]);
    let parsed = AuthToken::parse(text.expose_secret()).expect("canonical");
    for token in [text.as_token(), parsed] {
        assert_eq!(token.deadline(), deadline);
        assert_eq!(token.account_index(), account_index);
        assert_eq!(token.api_key_index(), ApiKeyIndex::READ_ONLY_AUTH);
        assert_eq!(token.message(), "1763704800:5:253");
        assert_eq!(token.signature_bytes(), [0xa5; 80]);
        assert_eq!(token.as_str(), text.expose_secret());
    }
}

#[test]
fn debug_leaves_the_signature_out() {
    assert_eq!(
        format!("{:?}", message().with_signature(&[0xa5; 80])),
        "AuthTokenText { deadline: UnixSeconds(1763704800), account_index: AccountIndex(5), \
         api_key_index: ApiKeyIndex(253), .. }"
    );
}

#[test]
fn text_is_wiped_on_drop() {
    fn wiped_on_drop<T: ZeroizeOnDrop>(_: &T) -> bool {
        std::mem::needs_drop::<T>()
    }
    assert!(wiped_on_drop(&message().with_signature(&[0; 80])));
}
