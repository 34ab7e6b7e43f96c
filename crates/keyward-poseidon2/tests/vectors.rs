//! The reference implementation's answers: permutations, hashes and texts.

use keyward_goldilocks::{Fp, Fp5};
use keyward_poseidon2::{WIDTH, hash, hash_text, permute};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/poseidon2.json")).expect("JSON")
}

/// The cases under `name`, as many as the file must have.
fn cases<'a>(vectors: &'a Value, name: &str, count: usize) -> &'a [Value] {
    let cases = vectors[name].as_array().expect("an array");
    assert_eq!(cases.len(), count, "{name}");
    cases
}

fn elements(value: &Value) -> Vec<Fp> {
    let element = |value: &Value| {
        let text = value.as_str().expect("a decimal string");
        Fp::new(text.parse().expect("a number")).expect("canonical")
    };
    value.as_array().expect("an array").iter().map(element).collect()
}

fn hex(element: &Fp5) -> String {
    element.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn permutations() {
    for case in cases(&vectors(), "permutations", 38) {
        let mut state: [Fp; WIDTH] = elements(&case["input"]).try_into().expect("12 elements");
        permute(&mut state);
        assert_eq!(state.to_vec(), elements(&case["output"]), "{}", case["input"]);
    }
}

#[test]
fn hashes() {
    for case in cases(&vectors(), "hashes", 60) {
        let digest = hash(&elements(&case["input"]));
        assert_eq!(digest.coefficients().to_vec(), elements(&case["output"]), "{}", case["input"]);
        assert_eq!(case["output_hex"], hex(&digest), "{}", case["input"]);
    }
}

#[test]
fn texts() {
    for case in cases(&vectors(), "texts", 40) {
        let text = case["text"].as_str().expect("a text");
        let digest = hash_text(text.as_bytes()).expect("ASCII");
        assert_eq!(case["hash"], hex(&digest), "{text}");
        assert_eq!(hash(&elements(&case["elements"])), digest, "{text}");
    }
}
