//! Keys: the signer's own, edge values, seeds.

use keyward_ecgfp5::{Point, Scalar};
use keyward_schnorr::{SigningKey, VerifyingKey};

use crate::text::{cases, from_hex, str, to_hex};

const KEYS: &str = include_str!("../vectors/keys.json");

#[test]
fn public_keys_of_the_official_signer() {
    for case in cases(KEYS, "keys", 132) {
        let private_key = from_hex(str(&case, "private_key"));
        let key = SigningKey::from_slice(&private_key).expect("a private key");
        let public_key = from_hex(str(&case, "public_key"));
        assert_eq!(key.verifying_key().to_bytes().to_vec(), public_key);
        assert_eq!(key.expose_secret().to_vec(), private_key);
        let parsed = VerifyingKey::from_slice(&public_key).expect("a public key");
        assert_eq!(parsed, *key.verifying_key());
        assert_eq!(parsed.to_bytes().to_vec(), public_key);
    }
}

#[test]
fn edge_values_are_private_keys_only_from_one_to_the_order() {
    let mut refused = vec![];
    for case in cases(KEYS, "edge", 14) {
        let name = str(&case, "name");
        let raw = from_hex(str(&case, "private_key_raw"));
        let reduced = from_hex(str(&case, "private_key_reduced"));
        let public_key = from_hex(str(&case, "public_key"));

        // The reducing parser does what the official signer does.
        let scalar = Scalar::from_bytes_mod_order(raw[..].try_into().expect("40 bytes"));
        assert_eq!(scalar.to_bytes().to_vec(), reduced, "{name}");
        assert_eq!(Point::mul_generator(&scalar).encode().to_bytes().to_vec(), public_key, "{name}");

        // A private key is in 1..n as it stands.
        match SigningKey::from_slice(&raw) {
            Ok(key) => {
                assert_eq!(raw, reduced, "{name}");
                assert_eq!(key.verifying_key().to_bytes().to_vec(), public_key, "{name}");
            }
            Err(_) => refused.push(name.to_owned()),
        }
        if public_key != [0; 40] {
            let key = SigningKey::from_slice(&reduced).expect("a private key");
            assert_eq!(to_hex(&key.verifying_key().to_bytes()), to_hex(&public_key), "{name}");
        }
    }
    assert_eq!(refused, ["n+1", "2^319", "2^320-1", "2n", "2n+1"]);
}

#[test]
fn seeds() {
    for case in cases(KEYS, "seeds", 4) {
        let key = SigningKey::from_seed(&from_hex(str(&case, "seed_hex"))).expect("a seed");
        assert_eq!(to_hex(&*key.expose_secret()), str(&case, "private_key"));
        assert_eq!(to_hex(&key.verifying_key().to_bytes()), str(&case, "public_key"));
    }
}
