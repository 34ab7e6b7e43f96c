//! The texts of OpenSVM's API keys.

use ed25519_dalek::SigningKey;
use ed25519_dalek::ed25519::signature::Signer;
use keyward_solana::{Address, BindChallenge, ChallengeError, SignatureRejected, SolanaSignature, ViewChallenge};
use keyward_time::UnixMillis;

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const WALLET: &str = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";
const NOW: u64 = 1_763_704_800_123;

fn now() -> UnixMillis {
    UnixMillis::new(NOW).expect("an instant")
}

fn bind_text() -> String {
    format!("Bind wallet to OpenSVM API key\nToken: {TOKEN}\nTimestamp: {NOW}")
}

fn view_text() -> String {
    format!("Authenticate to view API keys\nWallet: {WALLET}\nTimestamp: {NOW}")
}

fn parse_bind(text: &str) -> Result<(String, u64), ChallengeError> {
    BindChallenge::parse(text, BindChallenge::OPENSVM)
        .map(|challenge| (challenge.token().to_owned(), challenge.timestamp().as_millis()))
}

#[test]
fn the_bind_challenge_is_the_published_text() {
    let challenge = BindChallenge::new(BindChallenge::OPENSVM, TOKEN, now()).expect("a challenge");
    assert_eq!(*challenge.to_text(), bind_text());
    assert_eq!(parse_bind(&bind_text()), Ok((TOKEN.to_owned(), NOW)));
    let other = BindChallenge::new("Connect to ~Example~", TOKEN, now()).expect("a challenge");
    let text = other.to_text();
    assert_eq!(
        BindChallenge::parse(&text, "Connect to ~Example~").expect("its text").first_line(),
        "Connect to ~Example~"
    );
    assert_eq!(parse_bind(&text), Err(ChallengeError::FirstLine));
}

#[test]
fn the_view_challenge_is_the_published_text() {
    let wallet: Address = WALLET.parse().expect("an address");
    let challenge = ViewChallenge::new(ViewChallenge::OPENSVM, wallet, now()).expect("a challenge");
    assert_eq!(challenge.to_string(), view_text());
    let parsed = ViewChallenge::parse(&view_text(), ViewChallenge::OPENSVM);
    assert_eq!(parsed, Ok(challenge));
    assert_eq!(
        (challenge.wallet(), challenge.timestamp(), challenge.first_line()),
        (&wallet, now(), ViewChallenge::OPENSVM)
    );
}

#[test]
fn other_texts_are_no_bind_challenge() {
    let good = bind_text();
    let replaced = |from: &str, to: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from:?} is not in there");
        text
    };
    let cases = [
        (String::new(), ChallengeError::FirstLine),
        (format!(" {good}"), ChallengeError::FirstLine),
        (format!("\n{good}"), ChallengeError::FirstLine),
        (replaced("Bind", "bind"), ChallengeError::FirstLine),
        (replaced("key\n", "key \n"), ChallengeError::FirstLine),
        (good.replace('\n', "\r\n"), ChallengeError::FirstLine),
        (BindChallenge::OPENSVM.to_owned(), ChallengeError::Lines),
        (format!("{good}\n"), ChallengeError::Lines),
        (format!("{good}\nmore"), ChallengeError::Lines),
        (replaced("\nToken", "\n\nToken"), ChallengeError::Lines),
        (replaced("Token: ", "Token:"), ChallengeError::Lines),
        (replaced("Token: ", "token: "), ChallengeError::Lines),
        (replaced("Timestamp: ", "Time: "), ChallengeError::Lines),
        (replaced("Token: 0", "Token: "), ChallengeError::Token),
        (replaced("Token: 0", "Token: 00"), ChallengeError::Token),
        (replaced("Token: 0", "Token:  "), ChallengeError::Token),
        (replaced("abcdef", "abcdeF"), ChallengeError::Token),
        (replaced("abcdef", "abcdeg"), ChallengeError::Token),
        (replaced("abcdef\nT", "abcdef \nT"), ChallengeError::Token),
        (replaced("abcdef\nT", "abcdé\nT"), ChallengeError::Token),
        (replaced(&NOW.to_string(), ""), ChallengeError::Timestamp),
        (replaced(&NOW.to_string(), "01"), ChallengeError::Timestamp),
        (replaced(&NOW.to_string(), "-1"), ChallengeError::Timestamp),
        (replaced(&NOW.to_string(), "1.5"), ChallengeError::Timestamp),
        (replaced(&NOW.to_string(), "9223372036854775808"), ChallengeError::Timestamp),
        (format!("{good} "), ChallengeError::Timestamp),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_bind(&text), Err(expected), "{text:?}");
    }
}

#[test]
fn other_texts_are_no_view_challenge() {
    let parse = |text: &str| ViewChallenge::parse(text, ViewChallenge::OPENSVM);
    let cases = [
        (view_text().replace("view", "see"), ChallengeError::FirstLine),
        (format!("{}\n", view_text()), ChallengeError::Lines),
        (view_text().replace("Wallet: ", "Wallet:"), ChallengeError::Lines),
        (view_text().replace(WALLET, ""), ChallengeError::Wallet),
        (view_text().replace(WALLET, &WALLET[1..41]), ChallengeError::Wallet),
        (view_text().replace(WALLET, &"1".repeat(32)), ChallengeError::Wallet),
        (view_text().replace(WALLET, &format!("{WALLET} ")), ChallengeError::Wallet),
        (format!("{} ", view_text()), ChallengeError::Timestamp),
        (bind_text(), ChallengeError::FirstLine),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(&text), Err(expected), "{text:?}");
    }
}

#[test]
fn a_first_line_is_one_line_of_printable_ascii() {
    let wallet: Address = WALLET.parse().expect("an address");
    for line in ["", "a\nb", "a\r", "tab\t", "caf\u{e9}", "\u{7f}", &"a".repeat(129)] {
        let bind = BindChallenge::new(line, TOKEN, now());
        assert_eq!(bind.map(|_| ()), Err(ChallengeError::FirstLine), "{line:?}");
        assert_eq!(ViewChallenge::new(line, wallet, now()), Err(ChallengeError::FirstLine), "{line:?}");
        let text = format!("{line}\nToken: {TOKEN}\nTimestamp: {NOW}");
        assert!(BindChallenge::parse(&text, line).is_err(), "{line:?}");
    }
    assert!(BindChallenge::new(&"a".repeat(128), TOKEN, now()).is_ok());
}

#[test]
fn a_challenge_is_signed_as_it_stands() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let wallet = Address::from_bytes(key.verifying_key().as_bytes()).expect("an honest key");
    let sign = |text: &str| SolanaSignature::from_bytes(&key.sign(text.as_bytes()).to_bytes());
    let bind = BindChallenge::new(BindChallenge::OPENSVM, TOKEN, now()).expect("a challenge");
    assert_eq!(bind.verify(&wallet, &sign(&bind_text())), Ok(()));
    assert_eq!(bind.verify(&wallet, &sign(&format!("{}\n", bind_text()))), Err(SignatureRejected));
    assert_eq!(bind.verify(&WALLET.parse().expect("an address"), &sign(&bind_text())), Err(SignatureRejected));
    let view = ViewChallenge::new(ViewChallenge::OPENSVM, wallet, now()).expect("a challenge");
    assert_eq!(view.verify(&sign(&view.to_string())), Ok(()));
    assert_eq!(view.verify(&sign(&bind_text())), Err(SignatureRejected));
    let others = ViewChallenge::parse(&view_text(), ViewChallenge::OPENSVM).expect("a challenge");
    assert_eq!(others.verify(&sign(&view_text())), Err(SignatureRejected));
}

#[test]
fn debug_does_not_show_the_token() {
    let challenge = BindChallenge::new(BindChallenge::OPENSVM, TOKEN, now()).expect("a challenge");
    let expected =
        format!("BindChallenge {{ first_line: \"Bind wallet to OpenSVM API key\", timestamp: UnixMillis({NOW}), .. }}");
    assert_eq!(format!("{challenge:?}"), expected);
}
