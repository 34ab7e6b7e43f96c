//! What the official signer signs: auth tokens, and transactions of the type that changes a public key.

use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::hash;
use keyward_schnorr::{MessageHash, PreparedVerifyingKey, Signature, SigningKey, VerifyingKey};
use serde_json::Value;

use crate::text::{cases, from_base64, from_hex, int, str, to_hex};

const TOKENS: &str = include_str!("../vectors/tokens.json");
const CHANGE_PUB_KEY: &str = include_str!("../vectors/change_pub_key.json");

/// The transaction type.
const TYPE: u64 = 8;
/// The attribute type that skips the nonce.
const SKIP_NONCE: u64 = 4;

fn elements(words: &[u64]) -> Vec<Fp> {
    words.iter().copied().map(Fp::from_u64_mod_order).collect()
}

#[test]
fn auth_tokens() {
    for case in cases(TOKENS, "tokens", 324) {
        let token = str(&case, "token");
        let (text, signature) = token.rsplit_once(':').expect("a colon");
        let fields = ["expiry", "account_index", "api_key_index"].map(|name| int(&case, name).to_string());
        assert_eq!(text, fields.join(":"));

        let message = MessageHash::of_text(text.as_bytes()).expect("ASCII");
        assert_eq!(to_hex(&message.to_bytes()), str(&case, "message_hash"));
        let packed: Vec<u64> = case["message_elements"]
            .as_array()
            .expect("an array")
            .iter()
            .map(|element| element.as_str().and_then(|text| text.parse().ok()).expect("a decimal string"))
            .collect();
        assert_eq!(MessageHash::new(hash(&elements(&packed))), message);

        let public_key = VerifyingKey::from_slice(&from_hex(str(&case, "public_key"))).expect("a public key");
        let key = SigningKey::from_slice(&from_hex(str(&case, "private_key"))).expect("a private key");
        assert_eq!(*key.verifying_key(), public_key);

        let signature = Signature::from_slice(&from_hex(signature)).expect("a signature");
        public_key.verify(&message, &signature).expect("verifies");
        let prepared = PreparedVerifyingKey::from(&public_key);
        prepared.verify(&message, &signature).expect("verifies");

        let other = MessageHash::of_text(format!("{text}0").as_bytes()).expect("ASCII");
        assert!(public_key.verify(&other, &signature).is_err());
        assert!(prepared.verify(&other, &signature).is_err());
    }
}

/// The eleven elements of the transaction, hashed; with attributes, hashed again with theirs.
fn transaction_hash(case: &Value) -> Fp5 {
    let new_public_key = from_hex(str(case, "new_public_key"));
    let new_public_key = VerifyingKey::from_slice(&new_public_key).expect("a public key");
    let limbs = Fp5::from_bytes(&new_public_key.to_bytes()).expect("canonical").coefficients();
    // Signed fields count as the unsigned integer of the same bits.
    let [chain_id, nonce, expired_at, account_index, api_key_index] =
        ["chain_id", "nonce", "expired_at", "account_index", "api_key_index"].map(|name| int(case, name) as u64);
    let header = elements(&[chain_id, TYPE, nonce, expired_at, account_index, api_key_index]);
    let transaction = hash(&[&header[..], &limbs].concat());
    match int(case, "skip_nonce") {
        0 => transaction,
        // Pairs of type and value, padded to four.
        value => {
            let attributes = hash(&elements(&[SKIP_NONCE, value as u64, 0, 0, 0, 0, 0, 0]));
            hash(&[transaction.coefficients(), attributes.coefficients()].concat())
        }
    }
}

#[test]
fn transactions_that_change_a_public_key() {
    let mut with_attributes = 0;
    for case in cases(CHANGE_PUB_KEY, "change_pub_key", 78) {
        assert_eq!(int(&case, "tx_type") as u64, TYPE);
        let message = MessageHash::new(transaction_hash(&case));
        assert_eq!(to_hex(&message.to_bytes()), str(&case, "tx_hash"));

        let info: Value = serde_json::from_str(str(&case, "tx_info")).expect("JSON");
        assert_eq!(from_base64(str(&info, "PubKey")), from_hex(str(&case, "new_public_key")));
        assert_eq!(info["L2TxAttributes"].is_null(), int(&case, "skip_nonce") == 0);
        with_attributes += int(&case, "skip_nonce");

        let signature = Signature::from_slice(&from_base64(str(&info, "Sig"))).expect("a signature");
        let public_key = VerifyingKey::from_slice(&from_hex(str(&case, "public_key"))).expect("a public key");
        public_key.verify(&message, &signature).expect("verifies");
        PreparedVerifyingKey::new(&public_key).verify(&message, &signature).expect("verifies");
    }
    assert_eq!(with_attributes, 37);
}
