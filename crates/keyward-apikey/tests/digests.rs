//! Digests: what is stored of a secret, and how it is found again.

use std::collections::HashSet;

use getrandom::SysRng;
use keyward_apikey::{
    InvalidDigest, KeyDigest, KeyProfile, LinkDigest, LinkToken, Pepper, PepperId, PepperTooShort, Peppers,
    PlainDigests, PresentedKey, RawKey, RepeatedPepperId,
};
use subtle::ConstantTimeEq;

const OPEN_SVM: &str = "osvm_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const LINK: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn pepper(name: &str) -> Pepper {
    // Its secret is its name over and over.
    let secret: Vec<u8> = name.bytes().cycle().take(32).collect();
    Pepper::new(PepperId::new(name).unwrap(), &secret).unwrap()
}

fn presented(text: &str) -> PresentedKey<'_> {
    PresentedKey::parse(text).unwrap()
}

#[test]
fn digests_are_those_of_other_implementations() {
    // By Python's hashlib and hmac, with the pepper `mainmain…` of 32 bytes.
    let peppers = Peppers::new(pepper("main"), PlainDigests::Accept);
    assert_eq!(
        peppers.digest(presented(OPEN_SVM)).to_string(),
        "hmac-sha256:main:2524643a07a8a6bbe4555a732f5f183bf9628f97e1f1f3e20ec768d8c89fe517"
    );
    assert_eq!(
        KeyDigest::plain(presented(OPEN_SVM)).unwrap().to_string(),
        "sha256:24dacfc455cba897f690b058c48976a768778355521baaf68fdd96cc5014c911"
    );
    assert_eq!(
        peppers.link_digest(&LinkToken::parse(LINK).unwrap()).to_string(),
        "hmac-sha256:main:baa81a65a3e7d28bb8df5549f6ccf1a1d6b65cb9c0a8cb484d1539d73d4505a9"
    );
}

#[test]
fn a_key_is_found_by_three_digests_at_most() {
    let main = |plain| Peppers::new(pepper("main"), plain);
    let key = presented(OPEN_SVM);
    let current = main(PlainDigests::Refuse).digest(key);
    let previous = Peppers::new(pepper("old"), PlainDigests::Refuse).digest(key);
    let plain = KeyDigest::plain(key).unwrap();

    assert_eq!(main(PlainDigests::Refuse).candidates(key).collect::<Vec<_>>(), [current]);
    assert_eq!(main(PlainDigests::Accept).candidates(key).collect::<Vec<_>>(), [current, plain]);
    let both = main(PlainDigests::Accept).with_previous(pepper("old")).unwrap();
    assert_eq!(both.candidates(key).collect::<Vec<_>>(), [current, previous, plain]);
    let both = main(PlainDigests::Refuse).with_previous(pepper("old")).unwrap();
    let mut candidates = both.candidates(key);
    assert_eq!(candidates.by_ref().collect::<Vec<_>>(), [current, previous]);
    assert_eq!(candidates.next(), None);

    // Keys of our own were never kept as plain digests, whatever else counts.
    let own = RawKey::generate(KeyProfile::Keyward, &mut SysRng).unwrap();
    assert_eq!(KeyDigest::plain(own.as_presented()), None);
    assert_eq!(main(PlainDigests::Accept).candidates(own.as_presented()).count(), 1);

    let token = LinkToken::parse(LINK).unwrap();
    let digests: Vec<_> = both.link_candidates(&token).map(|digest| digest.to_string()).collect();
    assert_eq!(digests.len(), 2);
    assert!(digests[0].starts_with("hmac-sha256:main:") && digests[1].starts_with("hmac-sha256:old:"));
}

#[test]
fn digests_differ_by_key_pepper_label_and_scheme() {
    let other = OPEN_SVM.replace("osvm_0", "osvm_1");
    let (main, old) =
        (Peppers::new(pepper("main"), PlainDigests::Accept), Peppers::new(pepper("old"), PlainDigests::Accept));
    let same_name = Peppers::new(Pepper::new(PepperId::new("main").unwrap(), &[7; 32]).unwrap(), PlainDigests::Accept);
    let digests = [
        main.digest(presented(OPEN_SVM)),
        main.digest(presented(&other)),
        old.digest(presented(OPEN_SVM)),
        same_name.digest(presented(OPEN_SVM)),
        KeyDigest::plain(presented(OPEN_SVM)).unwrap(),
        KeyDigest::plain(presented(&other)).unwrap(),
    ];
    assert_eq!(HashSet::from(digests).len(), digests.len());
    for (at, one) in digests.iter().enumerate() {
        for (other_at, other) in digests.iter().enumerate() {
            assert_eq!(one == other, at == other_at);
            assert_eq!(bool::from(one.ct_eq(other)), at == other_at);
        }
    }
    // The same bytes under another pepper's name, or as plain ones, are another digest.
    let text = digests[0].to_string();
    let renamed: KeyDigest = text.replace(":main:", ":old:").parse().unwrap();
    let plain: KeyDigest = text.replace("hmac-sha256:main:", "sha256:").parse().unwrap();
    assert!(digests[0] != renamed && digests[0] != plain && renamed != plain);
}

#[test]
fn rotation_keeps_the_last_pepper_and_drops_the_one_before() {
    let key = presented(OPEN_SVM);
    let peppers = Peppers::new(pepper("one"), PlainDigests::Refuse);
    let stored = peppers.digest(key);
    assert!(peppers.is_current(&stored));
    let peppers = peppers.rotate(pepper("two")).unwrap();
    assert!(!peppers.is_current(&stored));
    assert!(peppers.candidates(key).any(|digest| digest == stored));
    let peppers = peppers.rotate(pepper("three")).unwrap();
    assert!(peppers.candidates(key).all(|digest| digest != stored));
    assert_eq!(peppers.candidates(key).count(), 2);
    assert!(!peppers.is_current(&KeyDigest::plain(key).unwrap()));
}

#[test]
fn no_two_peppers_in_use_have_one_name() {
    let peppers = || Peppers::new(pepper("one"), PlainDigests::Refuse);
    assert_eq!(peppers().with_previous(pepper("one")).err(), Some(RepeatedPepperId));
    assert_eq!(peppers().rotate(pepper("one")).err(), Some(RepeatedPepperId));
    let rotated = peppers().rotate(pepper("two")).unwrap();
    assert_eq!(rotated.rotate(pepper("one")).err(), Some(RepeatedPepperId));
}

#[test]
fn short_peppers_and_wrong_names_are_refused() {
    let id = PepperId::new("main").unwrap();
    assert_eq!(Pepper::new(id, &[1; 31]).err(), Some(PepperTooShort));
    assert!(Pepper::new(id, &[1; 32]).is_ok() && Pepper::new(id, &[1; 1000]).is_ok());
    for name in ["", "Main", "a b", "a:b", "ä", "a_b", "abcdefghijklmnopq"] {
        assert!(PepperId::new(name).is_err(), "{name}");
    }
    for name in ["a", "2026-11", "abcdefghijklmnop"] {
        let id: PepperId = name.parse().unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), (name, name));
    }
}

#[test]
fn one_digest_has_one_text() {
    let peppers = Peppers::new(pepper("main"), PlainDigests::Accept);
    let key = presented(OPEN_SVM);
    for digest in [peppers.digest(key), KeyDigest::plain(key).unwrap()] {
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let text = digest.to_string();
        for broken in [
            text.to_uppercase(),
            format!("{text}0"),
            text[..text.len() - 1].to_owned(),
            format!(" {text}"),
            text.replace("sha256", "sha512"),
            text.replace("main", ""),
            text.replace("main", "Main"),
            text.replace("main:", ""),
            text.replace("sha256:", "sha256:main:main:"),
        ] {
            if broken != text {
                assert_eq!(broken.parse::<KeyDigest>(), Err(InvalidDigest), "{broken}");
            }
        }
    }
    let link = peppers.link_digest(&LinkToken::parse(LINK).unwrap());
    assert_eq!(link.to_string().parse(), Ok(link));
    let plain = KeyDigest::plain(key).unwrap().to_string();
    assert_eq!(plain.parse::<LinkDigest>(), Err(InvalidDigest));
}

#[test]
fn debug_shows_names_and_no_digest() {
    let peppers = Peppers::new(pepper("main"), PlainDigests::Accept);
    let key = presented(OPEN_SVM);
    assert_eq!(
        format!("{peppers:?}"),
        "Peppers { current: Pepper { id: PepperId(\"main\"), .. }, previous: None, plain: Accept }"
    );
    assert_eq!(format!("{:?}", peppers.digest(key)), "KeyDigest(hmac-sha256:main:…)");
    assert_eq!(format!("{:?}", KeyDigest::plain(key).unwrap()), "KeyDigest(sha256:…)");
    let link = peppers.link_digest(&LinkToken::parse(LINK).unwrap());
    assert_eq!(format!("{link:?}"), "LinkDigest(hmac-sha256:main:…)");
    assert_eq!(
        format!("{:?}", peppers.candidates(key)),
        "Candidates { peppers: Peppers { current: Pepper { id: PepperId(\"main\"), .. }, previous: None, plain: Accept }, \
         key: PresentedKey { profile: OpenSvm, .. }, next: Current }"
    );
}
