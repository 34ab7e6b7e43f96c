//! Descriptions.

use keyward_ledger::{Description, DescriptionError};

#[test]
fn a_description_is_kept_byte_by_byte() {
    for text in
        ["", " ", "gpt-3.5-turbo: 50 prompt + 150 completion tokens", "'; DROP TABLE", "e\u{301} 漢 🦀 \u{2028}"]
    {
        let description = Description::new(text).expect("a description");
        assert_eq!(description.as_str(), text);
        assert_eq!(description.to_string(), text);
        assert_eq!(text.parse(), Ok(description));
    }
    assert_eq!(Description::empty().as_str(), "");
}

#[test]
fn a_long_one_is_refused_by_its_bytes() {
    assert!(Description::new("x".repeat(256)).is_ok());
    assert_eq!(Description::new("x".repeat(257)), Err(DescriptionError::TooLong));
    assert!(Description::new("é".repeat(128)).is_ok());
    assert_eq!("é".repeat(129).parse::<Description>(), Err(DescriptionError::TooLong));
}

#[test]
fn control_characters_are_refused() {
    for control in ('\0'..=' ').chain('\x7f'..='\u{a0}').filter(|it| it.is_control()) {
        assert_eq!(Description::new(format!("a{control}b")), Err(DescriptionError::ControlCharacter), "{control:?}");
    }
    assert_eq!("\n".parse::<Description>(), Err(DescriptionError::ControlCharacter));
}
