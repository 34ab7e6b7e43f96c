//! A link token is taken if and only if it is 64 lower-case hexadecimal digits; its digest is another than that of any key.

#![cfg_attr(fuzzing, no_main)]

use keyward_apikey::{KeyDigest, LinkDigest, LinkToken, Pepper, PepperId, Peppers, PlainDigests};
use keyward_fuzz::{assert_one_line, is_lower_hex};

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    digest(text);
    let parsed = LinkToken::parse(text);
    assert_eq!(parsed.is_ok(), text.len() == 64 && is_lower_hex(text));
    let token = match parsed {
        Ok(token) => token,
        Err(error) => {
            assert_one_line(error);
            return;
        }
    };
    assert_eq!(token.expose_secret(), text);
    assert_eq!(format!("{token:?}"), "LinkToken { .. }");
    let pepper = |name| Pepper::new(PepperId::new(name).expect("a name"), &[7; 32]).expect("32 bytes");
    let peppers = Peppers::new(pepper("a"), PlainDigests::Refuse).with_previous(pepper("b")).expect("two names");
    let digests: Vec<LinkDigest> = peppers.link_candidates(&token).collect();
    assert_eq!((digests.len(), digests[0]), (2, peppers.link_digest(&token)));
    assert_eq!(digests[1].to_string().parse(), Ok(digests[1]));
}

/// Digests are texts, too: what is one of a link is one of a key.
fn digest(text: &str) {
    let (key, link) = (text.parse::<KeyDigest>(), text.parse::<LinkDigest>());
    if let Ok(link) = link {
        assert_eq!(link.to_string(), text);
        assert!(key.is_ok());
    }
    if let Ok(key) = key {
        assert_eq!(key.to_string(), text);
        assert_eq!(key.pepper().is_some(), link.is_ok());
        let scheme = text.rsplit_once(':').map(|(scheme, _)| scheme);
        let named = key.pepper().map_or("sha256".to_owned(), |pepper| format!("hmac-sha256:{pepper}"));
        assert_eq!(scheme, Some(named.as_str()));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("link_token", property);
}
