//! Raw keys as text: made, read, hinted at.

use std::collections::HashSet;
use std::convert::Infallible;

use getrandom::SysRng;
use keyward_apikey::{InvalidKeyHint, KeyHint, KeyProfile, KeyTextError, LinkToken, PresentedKey, RawKey};
use num_bigint::BigUint;
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A generator of the bytes that it was given.
struct Given(Vec<u8>);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys take bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys take bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Given {}

/// A generator that is broken.
struct Broken;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("broken")]
struct IsBroken;

impl TryRng for Broken {
    type Error = IsBroken;

    fn try_next_u32(&mut self) -> Result<u32, IsBroken> {
        Err(IsBroken)
    }

    fn try_next_u64(&mut self) -> Result<u64, IsBroken> {
        Err(IsBroken)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), IsBroken> {
        Err(IsBroken)
    }
}

impl TryCryptoRng for Broken {}

/// The text of a `kw_` key, by big integers and a well-known CRC.
fn keyward_oracle(number: &BigUint) -> String {
    let digits = |mut number: BigUint, width| {
        let mut text = Vec::new();
        for _ in 0..width {
            text.push(BASE_62[usize::try_from(&number % 62_u8).unwrap()]);
            number /= 62_u8;
        }
        text.reverse();
        String::from_utf8(text).unwrap()
    };
    let text = format!("kw_{}", digits(number.clone(), 43));
    let checksum = crc32fast::hash(text.as_bytes());
    text + &digits(checksum.into(), 6)
}

fn error(text: &str) -> Option<KeyTextError> {
    PresentedKey::parse(text).err()
}

fn generated(profile: KeyProfile) -> RawKey {
    RawKey::generate(profile, &mut SysRng).unwrap()
}

proptest! {
    #[test]
    fn generated_keys_are_the_random_bytes(bytes: [u8; 32]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for (profile, text) in [
            (KeyProfile::Keyward, keyward_oracle(&BigUint::from_bytes_be(&bytes))),
            (KeyProfile::OpenSvm, format!("osvm_{hex}")),
            (KeyProfile::Routstr, format!("sk-{hex}")),
        ] {
            let key = RawKey::generate(profile, &mut Given(bytes.into())).unwrap();
            prop_assert_eq!(key.expose_secret(), &text);
            prop_assert_eq!(key.profile(), profile);
            let presented = PresentedKey::parse(&text).unwrap();
            prop_assert_eq!((presented.expose_secret(), presented.profile()), (text.as_str(), profile));
            let copy = RawKey::parse(&text).unwrap();
            prop_assert_eq!(copy.expose_secret(), &text);
        }
        let token = LinkToken::generate(&mut Given(bytes.into())).unwrap();
        prop_assert_eq!(token.expose_secret(), &hex);
        let copy = LinkToken::parse(&hex).unwrap();
        prop_assert_eq!(copy.expose_secret(), &hex);
    }

    #[test]
    fn one_wrong_character_is_seen_offline(bytes: [u8; 32], at in 3_usize..52, digit in 0_usize..62) {
        let key = RawKey::generate(KeyProfile::Keyward, &mut Given(bytes.into())).unwrap();
        let mut text = key.expose_secret().as_bytes().to_vec();
        prop_assume!(text[at] != BASE_62[digit]);
        text[at] = BASE_62[digit];
        let error = PresentedKey::parse_bytes(&text).err();
        prop_assert_eq!(error, Some(KeyTextError::Checksum));
    }

    #[test]
    fn two_swapped_characters_are_seen_offline(bytes: [u8; 32], at in 3_usize..51) {
        let key = RawKey::generate(KeyProfile::Keyward, &mut Given(bytes.into())).unwrap();
        let mut text = key.expose_secret().as_bytes().to_vec();
        prop_assume!(text[at] != text[at + 1]);
        text.swap(at, at + 1);
        prop_assert_eq!(PresentedKey::parse_bytes(&text).err(), Some(KeyTextError::Checksum));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), profile in 0_usize..4) {
        let prefix = KeyProfile::ALL.get(profile).map_or("", |profile| profile.prefix());
        let text = [prefix.as_bytes(), &bytes].concat();
        let parsed = PresentedKey::parse_bytes(&text);
        if let Some(error) = parsed.err() {
            let is_known = KeyProfile::ALL.iter().any(|profile| text.starts_with(profile.prefix().as_bytes()));
            prop_assert_eq!(error.is_typo(), is_known);
        }
    }
}

#[test]
fn numbers_of_more_than_256_bits_are_refused() {
    let limit = BigUint::from(1_u8) << 256_u32;
    let largest = keyward_oracle(&(limit.clone() - 1_u8));
    assert_eq!(error(&largest), None);
    assert_eq!(RawKey::generate(KeyProfile::Keyward, &mut Given(vec![0xff; 32])).unwrap().expose_secret(), largest);
    assert_eq!(error(&keyward_oracle(&limit)), Some(KeyTextError::OutOfRange));
    let largest_digits = BigUint::from(62_u8).pow(43) - 1_u8;
    assert_eq!(error(&keyward_oracle(&largest_digits)), Some(KeyTextError::OutOfRange));
}

#[test]
fn every_rule_has_its_refusal() {
    let good = generated(KeyProfile::Keyward);
    let text = good.expose_secret();
    assert_eq!(text.len(), 52);
    for (text, expected) in [
        (String::new(), KeyTextError::UnknownPrefix),
        ("kw".to_owned(), KeyTextError::UnknownPrefix),
        (format!(" {text}"), KeyTextError::UnknownPrefix),
        (format!("KW_{}", &text[3..]), KeyTextError::UnknownPrefix),
        (format!("Bearer {text}"), KeyTextError::UnknownPrefix),
        (format!("{text} "), KeyTextError::Length),
        (format!("{text}\n"), KeyTextError::Length),
        (text[..51].to_owned(), KeyTextError::Length),
        ("kw_".to_owned(), KeyTextError::Length),
        (format!("{}-", &text[..51]), KeyTextError::Character),
        (format!("kw_ü{}", &text[5..]), KeyTextError::Character),
        (format!("osvm_{}", "0".repeat(63)), KeyTextError::Length),
        (format!("osvm_{}", "0".repeat(65)), KeyTextError::Length),
        (format!("osvm_{}A", "0".repeat(63)), KeyTextError::Character),
        (format!("osvm_{}g", "0".repeat(63)), KeyTextError::Character),
        (format!("sk-{}", "a".repeat(31)), KeyTextError::Length),
        (format!("sk-{}", "a".repeat(129)), KeyTextError::Length),
        (format!("sk-{}_", "a".repeat(40)), KeyTextError::Character),
    ] {
        assert_eq!(error(&text), Some(expected), "{text}");
        assert_eq!(PresentedKey::parse_bytes(text.as_bytes()).err(), Some(expected));
        assert_eq!(expected.is_typo(), expected != KeyTextError::UnknownPrefix);
    }
    assert_eq!(PresentedKey::parse_bytes(b"osvm_\xff").err(), Some(KeyTextError::Character));
    assert_eq!(PresentedKey::parse_bytes(b"\xffosvm_").err(), Some(KeyTextError::UnknownPrefix));
}

#[test]
fn shortest_and_longest_imported_keys_are_taken() {
    // As in Routstr's page on authentication.
    assert_eq!(error("sk-1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p"), None);
    assert_eq!(error(&format!("sk-{}", "Zz9".repeat(11))), None);
    let longest = format!("sk-{}", "a".repeat(128));
    assert_eq!((error(&longest), longest.len()), (None, PresentedKey::MAX_LEN));
}

#[test]
fn no_two_generated_keys_are_alike() {
    for profile in KeyProfile::ALL {
        let texts: HashSet<String> = (0..100).map(|_| generated(profile).expose_secret().to_owned()).collect();
        assert_eq!(texts.len(), 100);
    }
}

#[test]
fn a_broken_generator_makes_no_key() {
    assert_eq!(RawKey::generate(KeyProfile::Keyward, &mut Broken).err(), Some(IsBroken));
    assert_eq!(LinkToken::generate(&mut Broken).err(), Some(IsBroken));
}

#[test]
fn link_tokens_are_64_lower_case_digits() {
    let token = "0123456789abcdef".repeat(4);
    assert!(LinkToken::parse(&token).is_ok());
    for text in ["", &token[1..], &format!("{token}0"), &token.to_uppercase(), &token.replace('a', "g")] {
        assert!(LinkToken::parse(text).is_err(), "{text}");
    }
}

#[test]
fn hints_show_four_characters_and_read_back() {
    for profile in KeyProfile::ALL {
        let key = generated(profile);
        let shown = profile.prefix().len() + 4;
        let hint = key.hint();
        assert_eq!(hint.to_string(), format!("{}…", &key.expose_secret()[..shown]));
        assert_eq!(hint.to_string().parse(), Ok(hint));
        assert_eq!(hint.profile(), profile);
        assert_eq!(key.as_presented().hint(), hint);
        let unknown = KeyHint::unknown(profile);
        assert_eq!(unknown.to_string(), format!("{profile}…"));
        assert_eq!(unknown.to_string().parse(), Ok(unknown));
    }
    for text in
        ["", "…", "kw_abcd", "kw_abc…", "kw_abcde…", "kw_ab-d…", "osvm_abcg…", "osvm_ABCD…", "kw_abcd……", "xx_abcd…"]
    {
        assert_eq!(text.parse::<KeyHint>(), Err(InvalidKeyHint), "{text}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let key = generated(KeyProfile::OpenSvm);
    assert_eq!(format!("{key:?}"), "RawKey { profile: OpenSvm, .. }");
    assert_eq!(format!("{:?}", key.as_presented()), "PresentedKey { profile: OpenSvm, .. }");
    assert_eq!(format!("{:?}", LinkToken::generate(&mut SysRng).unwrap()), "LinkToken { .. }");
}
