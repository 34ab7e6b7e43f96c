//! Addresses and signatures as their texts.

use keyward_solana::{Address, SolanaSignature};

const ADDRESS: &str = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";

#[test]
fn an_address_is_its_text() {
    let json = format!("\"{ADDRESS}\"");
    let address: Address = serde_json::from_str(&json).expect("an address");
    assert_eq!(address.to_string(), ADDRESS);
    assert_eq!(serde_json::to_string(&address).expect("JSON"), json);
    assert_eq!(serde_json::from_value::<Address>(ADDRESS.into()).expect("owned text"), address);
}

#[test]
fn a_signature_is_its_text_and_prints_as_base64() {
    let signature = SolanaSignature::from_bytes(&[3; 64]);
    let json = serde_json::to_string(&signature).expect("JSON");
    assert_eq!(json, format!("\"{signature}\""));
    for text in [signature.to_string(), "03".repeat(64)] {
        assert_eq!(serde_json::from_value::<SolanaSignature>(text.into()).expect("a signature"), signature);
    }
}

#[test]
fn what_is_no_address_or_signature_is_refused() {
    for json in ["\"\"", "\"11111111111111111111111111111111\"", "7", "null", "[1]", "\"FVen\""] {
        assert!(serde_json::from_str::<Address>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<SolanaSignature>(json).is_err(), "{json}");
    }
}
