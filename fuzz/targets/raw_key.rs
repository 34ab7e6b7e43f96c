//! A raw key is taken if and only if it has the form of its profile, is found by digests of its whole text, and is shown by
//! four characters at most.

#![cfg_attr(fuzzing, no_main)]

use keyward_apikey::{KeyDigest, KeyHint, KeyProfile, Pepper, PepperId, Peppers, PlainDigests, PresentedKey, RawKey};
use keyward_fuzz::{assert_one_line, is_lower_hex};

const BASE_62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn property(data: &[u8]) {
    let text = str::from_utf8(data);
    let parsed = PresentedKey::parse_bytes(data);
    assert_eq!(parsed.ok().map(PresentedKey::profile), text.ok().and_then(profile_of));
    if let Ok(text) = text {
        assert_eq!(PresentedKey::parse(text).err(), parsed.err());
        assert_eq!(RawKey::parse(text).err(), parsed.err());
        hint(text);
    }
    let key = match parsed {
        Ok(key) => key,
        Err(error) => {
            assert_one_line(error);
            return;
        }
    };

    assert_eq!(key.expose_secret().as_bytes(), data);
    let copy = RawKey::from(key);
    assert_eq!((copy.expose_secret(), copy.hint()), (key.expose_secret(), key.hint()));
    let prefix = key.profile().prefix();
    let secret = &key.expose_secret()[prefix.len()..];
    assert_eq!(key.hint().to_string(), format!("{prefix}{}…", &secret[..4]));
    assert!(!format!("{key:?} {copy:?}").contains(secret), "the secret is shown");

    let peppers = Peppers::new(pepper("a"), PlainDigests::Accept).with_previous(pepper("b")).expect("two names");
    let digests: Vec<KeyDigest> = peppers.candidates(key).collect();
    assert_eq!(digests.len(), if key.profile() == KeyProfile::Keyward { 2 } else { 3 });
    assert_eq!(digests[0], peppers.digest(key));
    for digest in digests {
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }
}

fn pepper(name: &str) -> Pepper {
    Pepper::new(PepperId::new(name).expect("a name"), &[7; 32]).expect("32 bytes")
}

/// Hints are texts, too.
fn hint(text: &str) {
    if let Ok(hint) = text.parse::<KeyHint>() {
        assert_eq!(hint.to_string(), text);
    }
}

/// The form, told without the parser.
fn profile_of(text: &str) -> Option<KeyProfile> {
    if let Some(rest) = text.strip_prefix("kw_") {
        let numbers: Option<Vec<u64>> = rest.chars().map(|digit| Some(BASE_62.find(digit)? as u64)).collect();
        let numbers = numbers.filter(|numbers| numbers.len() == 49)?;
        let (number, checksum) = numbers.split_at(43);
        let checksum = checksum.iter().fold(0, |value, digit| value * 62 + digit);
        return (checksum == u64::from(crc32(&text[..46])) && is_below_2_256(number)).then_some(KeyProfile::Keyward);
    }
    if let Some(rest) = text.strip_prefix("osvm_") {
        return (rest.len() == 64 && is_lower_hex(rest)).then_some(KeyProfile::OpenSvm);
    }
    let rest = text.strip_prefix("sk-")?;
    let is_key = (32..=128).contains(&rest.len()) && rest.chars().all(|character| BASE_62.contains(character));
    is_key.then_some(KeyProfile::Routstr)
}

/// Whether a number, in digits to base 62, has 256 bits at most: by multiplying it out in bytes.
fn is_below_2_256(digits: &[u64]) -> bool {
    let mut bytes = [0_u64; 40];
    for digit in digits {
        let mut carry = *digit;
        for byte in &mut bytes {
            carry += *byte * 62;
            *byte = carry & 0xff;
            carry >>= 8;
        }
    }
    bytes[32..].iter().all(|byte| *byte == 0)
}

/// Bit by bit.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("raw_key", property);
}
