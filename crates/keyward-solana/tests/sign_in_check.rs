//! What a service expects of a sign-in message, and who signed it.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use ed25519_dalek::ed25519::signature::Signer;
use keyward_solana::{
    Address, Rfc3339, ShortOffchainMessage, SignInExpectation, SignInMessage, SignInMismatch, SignatureRejected,
    SolanaSignature,
};
use keyward_time::UnixMillis;

const NONCE: &str = "32891756aZ";
const DOMAIN: &str = "app.example";
const NOON: u64 = 1_763_726_400_000;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn address(number: u8) -> Address {
    Address::from_bytes(key(number).verifying_key().as_bytes()).expect("an honest key")
}

fn sign(number: u8, bytes: &[u8]) -> SolanaSignature {
    SolanaSignature::from_bytes(&key(number).sign(bytes).to_bytes())
}

fn at(millis: i64) -> UnixMillis {
    UnixMillis::new(NOON.saturating_add_signed(millis)).expect("an instant")
}

fn text_at(millis: i64) -> Rfc3339 {
    Rfc3339::try_from(at(millis)).expect("a time")
}

fn message() -> SignInMessage<'static> {
    SignInMessage::new(DOMAIN, address(1)).and_then(|message| message.with_nonce(NONCE)).expect("a message")
}

fn expected() -> SignInExpectation<'static> {
    SignInExpectation::new(DOMAIN, address(1), NONCE)
}

#[test]
fn what_is_expected_passes() {
    let message =
        message().with_uri("https://app.example/").and_then(|it| it.with_chain_id("mainnet")).expect("a message");
    let expected = expected().with_uri("https://app.example/").with_chain_id("mainnet");
    assert_eq!(message.verify(&sign(1, message.to_text().as_bytes()), &expected, at(0)), Ok(()));
}

#[test]
fn every_text_must_be_the_expected_one() {
    let message = message();
    let refused = |expected: SignInExpectation<'_>| message.check(&expected, at(0)).expect_err("another was expected");
    for domain in ["App.example", "app.example.", "app.example:443", "www.app.example", "app.exampl", ""] {
        assert_eq!(refused(SignInExpectation::new(domain, address(1), NONCE)), SignInMismatch::Domain);
    }
    assert_eq!(refused(SignInExpectation::new(DOMAIN, address(2), NONCE)), SignInMismatch::Address);
    for nonce in ["32891756az", "32891756aZ1", "32891756a", ""] {
        assert_eq!(refused(SignInExpectation::new(DOMAIN, address(1), nonce)), SignInMismatch::Nonce);
    }
    assert_eq!(refused(expected().with_uri("https://app.example/")), SignInMismatch::Uri);
    assert_eq!(refused(expected().with_chain_id("mainnet")), SignInMismatch::ChainId);
    let more = message.clone().with_uri("https://app.example/").expect("a message");
    assert_eq!(more.check(&expected(), at(0)), Err(SignInMismatch::Uri));
    assert_eq!(more.check(&expected().with_uri("https://app.example"), at(0)), Err(SignInMismatch::Uri));
    let more = message.with_chain_id("devnet").expect("a message");
    assert_eq!(more.check(&expected(), at(0)), Err(SignInMismatch::ChainId));
    assert_eq!(more.check(&expected().with_chain_id("mainnet"), at(0)), Err(SignInMismatch::ChainId));
}

#[test]
fn without_a_nonce_nothing_passes() {
    let message = SignInMessage::new(DOMAIN, address(1)).expect("a message");
    for nonce in ["", NONCE] {
        let expected = SignInExpectation::new(DOMAIN, address(1), nonce);
        assert_eq!(message.check(&expected, at(0)), Err(SignInMismatch::Nonce));
    }
}

#[test]
fn times_are_checked_to_the_millisecond_with_the_skew() {
    for skew in [0, 60_000] {
        let expected = expected().with_skew(Duration::from_millis(skew as u64));
        let check = |message: &SignInMessage<'_>, millis| message.check(&expected, at(millis));
        let issued = message().with_issued_at(text_at(0)).expect("a message");
        assert_eq!(check(&issued, -skew), Ok(()));
        assert_eq!(check(&issued, -skew - 1), Err(SignInMismatch::IssuedInFuture));
        assert_eq!(check(&issued, i64::MAX / 2), Ok(()));
        let ends = message().with_expiration_time(text_at(0)).expect("a message");
        assert_eq!(check(&ends, skew - 1), Ok(()));
        assert_eq!(check(&ends, skew), Err(SignInMismatch::Expired));
        let starts = message().with_not_before(text_at(0)).expect("a message");
        assert_eq!(check(&starts, -skew), Ok(()));
        assert_eq!(check(&starts, -skew - 1), Err(SignInMismatch::NotYetValid));
        let aged = expected.with_max_age(Duration::from_secs(300));
        assert_eq!(issued.check(&aged, at(299_999 + skew)), Ok(()));
        assert_eq!(issued.check(&aged, at(300_000 + skew)), Err(SignInMismatch::TooOld));
        assert_eq!(message().check(&aged, at(0)), Err(SignInMismatch::TooOld));
    }
    let endless = expected().with_skew(Duration::MAX).with_max_age(Duration::MAX);
    let issued = message().with_issued_at(text_at(0)).expect("a message");
    assert_eq!(issued.check(&endless, at(-1)), Ok(()));
    assert_eq!(issued.check(&endless, at(1)), Ok(()));
}

#[test]
fn a_fraction_of_a_millisecond_does_not_lengthen_a_life() {
    let time: Rfc3339 = "2025-11-21T12:00:00.000999Z".parse().expect("a time");
    let ends = message().with_expiration_time(time).expect("a message");
    assert_eq!(ends.check(&expected(), at(-1)), Ok(()));
    assert_eq!(ends.check(&expected(), at(0)), Err(SignInMismatch::Expired));
}

#[test]
fn only_the_named_wallet_signs_and_only_this_text() {
    let message = message();
    let text = message.to_text();
    let rejected = Err(SignInMismatch::Signature(SignatureRejected));
    assert_eq!(message.verify(&sign(1, text.as_bytes()), &expected(), at(0)), Ok(()));
    assert_eq!(message.verify(&sign(2, text.as_bytes()), &expected(), at(0)), rejected);
    assert_eq!(message.verify(&sign(1, format!("{}\n", *text).as_bytes()), &expected(), at(0)), rejected);
    let wrapped = ShortOffchainMessage::new(&text).expect("a message").to_bytes();
    assert_eq!(message.verify(&sign(1, &wrapped), &expected(), at(0)), rejected);
    // A wallet that signs off-chain messages only.
    let wrapped = ShortOffchainMessage::parse(&wrapped).expect("a message");
    assert_eq!(wrapped.verify(&address(1), &sign(1, &wrapped.to_bytes())), Ok(()));
    let inner = SignInMessage::parse(wrapped.text()).expect("a message");
    assert_eq!(inner.check(&expected(), at(0)), Ok(()));
}

#[test]
fn a_text_that_names_another_wallet_is_refused_though_well_signed() {
    let theirs =
        SignInMessage::new(DOMAIN, address(2)).and_then(|message| message.with_nonce(NONCE)).expect("a message");
    let signature = sign(1, theirs.to_text().as_bytes());
    assert_eq!(theirs.verify(&signature, &expected(), at(0)), Err(SignInMismatch::Address));
    let expected = SignInExpectation::new(DOMAIN, address(2), NONCE);
    assert_eq!(theirs.verify(&signature, &expected, at(0)), Err(SignInMismatch::Signature(SignatureRejected)));
}

#[test]
fn debug_does_not_show_the_nonce() {
    let text = format!("SignInExpectation {{ domain: \"app.example\", address: Address({}), .. }}", address(1));
    assert_eq!(format!("{:?}", expected()), text);
}
