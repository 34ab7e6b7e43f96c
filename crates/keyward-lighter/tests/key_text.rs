//! Keys as text, against keys that the official signer made.

use keyward_lighter::{
    KeyTextError, key_from_seed_text, parse_private_key, parse_public_key, private_key_text, public_key_hex,
    public_key_text,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Pair>,
    edge: Vec<Edge>,
    seeds: Vec<Seed>,
}

#[derive(Deserialize)]
struct Pair {
    private_key: String,
    public_key: String,
}

#[derive(Deserialize)]
struct Edge {
    private_key_raw: String,
    private_key_reduced: String,
    public_key: String,
}

#[derive(Deserialize)]
struct Seed {
    seed_hex: String,
    private_key: String,
    public_key: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/keys.json")).unwrap()
}

#[test]
fn keys_of_the_official_signer_are_read_and_printed_alike() {
    let keys = vectors().keys;
    assert_eq!(keys.len(), 132);
    for pair in keys {
        let key = parse_private_key(&pair.private_key).unwrap();
        assert_eq!(*private_key_text(&key), pair.private_key);
        assert_eq!(public_key_text(key.verifying_key()), pair.public_key);
        assert_eq!(public_key_hex(key.verifying_key()), pair.public_key[2..]);
        assert_eq!(parse_public_key(&pair.public_key), Ok(*key.verifying_key()));
    }
}

#[test]
fn case_and_prefix_make_no_difference() {
    let Pair { private_key, public_key } = &vectors().keys[0];
    for text in [private_key[2..].to_owned(), private_key[2..].to_uppercase(), mixed_case(private_key)] {
        assert_eq!(*private_key_text(&parse_private_key(&text).unwrap()), *private_key);
    }
    for text in [public_key[2..].to_owned(), public_key[2..].to_uppercase(), mixed_case(public_key)] {
        assert_eq!(public_key_text(&parse_public_key(&text).unwrap()), *public_key);
    }
}

/// `0x` and the digits, every other letter in upper case.
fn mixed_case(text: &str) -> String {
    let digits = text[2..].char_indices();
    let mixed = digits.map(|(i, digit)| if i % 2 == 0 { digit.to_ascii_uppercase() } else { digit });
    ["0x".to_owned(), mixed.collect()].concat()
}

#[test]
fn private_keys_out_of_range_are_refused_where_go_reduces_them() {
    let edges = vectors().edge;
    let (mut good, mut reduced) = (0, 0);
    for edge in edges {
        let read = parse_private_key(&edge.private_key_raw);
        if edge.private_key_raw == edge.private_key_reduced {
            assert_eq!(public_key_hex(read.unwrap().verifying_key()), edge.public_key);
            good += 1;
        } else {
            assert_eq!(read.err(), Some(KeyTextError::OutOfRange), "{}", edge.private_key_raw);
            reduced += 1;
        }
    }
    assert_eq!((good, reduced), (9, 5));
    assert_eq!(parse_private_key(&"0".repeat(80)).err(), Some(KeyTextError::OutOfRange));
    let order = "e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f";
    assert_eq!(parse_private_key(order).err(), Some(KeyTextError::OutOfRange));
}

#[test]
fn seeds_make_the_keys_that_go_makes() {
    let seeds = vectors().seeds;
    assert_eq!(seeds.len(), 4);
    for seed in seeds {
        for text in [seed.seed_hex.clone(), seed.seed_hex.to_uppercase()] {
            let key = key_from_seed_text(&text).unwrap();
            assert_eq!(private_key_text(&key)[2..], seed.private_key);
            assert_eq!(public_key_hex(key.verifying_key()), seed.public_key);
        }
    }
}

#[test]
fn seeds_that_are_no_seeds_are_refused() {
    for (text, error) in [
        ("", KeyTextError::SeedLength),
        (&"a".repeat(62), KeyTextError::SeedLength),
        (&"a".repeat(65), KeyTextError::SeedLength),
        (&["0x", &"a".repeat(64)].concat(), KeyTextError::Digit),
        (&["g", &"a".repeat(63)].concat(), KeyTextError::Digit),
    ] {
        assert_eq!(key_from_seed_text(text).err(), Some(error), "{text:?}");
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let digits = "1".repeat(80);
    for (text, error) in [
        (String::new(), KeyTextError::Length),
        ("0x".to_owned(), KeyTextError::Length),
        (digits[1..].to_owned(), KeyTextError::Length),
        (format!("{digits}1"), KeyTextError::Length),
        (format!("{digits}\n"), KeyTextError::Length),
        (format!("0x0x{digits}"), KeyTextError::Length),
        // Only a lower-case x is a prefix; the text is then two digits too long.
        (format!("0X{digits}"), KeyTextError::Length),
        (format!("0x{}g", &digits[1..]), KeyTextError::Digit),
        (format!("0x{}\0", &digits[1..]), KeyTextError::Digit),
        // Eighty bytes, but not eighty digits.
        (format!("{}é", &digits[2..]), KeyTextError::Digit),
    ] {
        assert_eq!(parse_private_key(&text).err(), Some(error), "{text:?}");
        assert_eq!(parse_public_key(&text), Err(error), "{text:?}");
    }
}

#[test]
fn public_keys_that_encode_no_group_element_are_refused() {
    let neutral = "0".repeat(80);
    // The first word is the field's modulus: zero, written in a second way.
    let not_canonical = format!("{:0<80}", "01000000ffffffff");
    // Not on the curve.
    let not_decodable = format!("{:0<80}", "01");
    for text in [neutral, not_canonical, not_decodable] {
        assert_eq!(parse_public_key(&text), Err(KeyTextError::NotAPublicKey), "{text}");
    }
}
