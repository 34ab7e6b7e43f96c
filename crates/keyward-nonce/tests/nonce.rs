//! Nonces as numbers and as text.

use keyward_nonce::Nonce;

#[test]
fn above_the_range_is_refused() {
    assert_eq!(Nonce::new((1 << 48) - 1), Ok(Nonce::MAX));
    assert_eq!(Nonce::new(1 << 48).map_err(|error| error.max()), Err((1 << 48) - 1));
    assert!(Nonce::try_from(u64::MAX).is_err());
    assert!("281474976710656".parse::<Nonce>().is_err());
}

#[test]
fn text_is_the_canonical_decimal() {
    for text in ["0", "7", "140737488355326", "281474976710655"] {
        assert_eq!(text.parse::<Nonce>().expect(text).to_string(), text);
    }
    for text in ["", "-1", "+1", "01", " 1", "1.0", "1e3", "0x1"] {
        assert!(text.parse::<Nonce>().is_err(), "{text:?}");
    }
}

#[test]
fn every_nonce_but_the_last_has_one_after_it() {
    assert_eq!(Nonce::ZERO.next().map(Nonce::as_u64), Some(1));
    assert_eq!(Nonce::new(Nonce::MAX.as_u64() - 1).expect("in range").next(), Some(Nonce::MAX));
    assert_eq!(Nonce::MAX.next(), None);
}
