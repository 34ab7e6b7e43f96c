//! Nonces and states in JSON.

use keyward_nonce::{Nonce, NonceState};

#[test]
fn a_nonce_is_a_number_in_its_range() {
    assert_eq!(serde_json::to_string(&Nonce::MAX).expect("a number"), "281474976710655");
    assert_eq!(serde_json::from_str::<Nonce>("281474976710655").expect("in range"), Nonce::MAX);
    for text in ["281474976710656", "-1", "1.0", "\"1\"", "null"] {
        assert!(serde_json::from_str::<Nonce>(text).is_err(), "{text}");
    }
}

#[test]
fn a_state_is_a_number_one_of_which_means_exhausted() {
    assert_eq!(serde_json::to_string(&NonceState::EXHAUSTED).expect("a number"), "281474976710656");
    assert_eq!(serde_json::from_str::<NonceState>("281474976710656").expect("in range"), NonceState::EXHAUSTED);
    assert_eq!(serde_json::from_str::<NonceState>("0").expect("in range"), NonceState::NEW);
    for text in ["281474976710657", "-1", "1.0", "\"1\"", "null"] {
        assert!(serde_json::from_str::<NonceState>(text).is_err(), "{text}");
    }
}
