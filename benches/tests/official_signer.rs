//! Lighter's official signer as oracle: what it makes holds here.

use keyward_benches::{KeyPairText, OfficialSigner, official_signer, rust_peer};
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthToken, TokenVerifier, UnixSeconds, parse_private_key, parse_public_key,
    public_key_text,
};

const KEYS: usize = 20;
const TOKENS_PER_KEY: usize = 50;
const KEY_PAIRS: usize = 1_000;

#[test]
fn a_thousand_official_tokens_verify_here() {
    let Some(signer) = official_signer() else { return };
    let mut verified = 0;
    for _ in 0..KEYS {
        let keys = signer.generate_api_key().expect("the signer makes a key pair");
        let verifier =
            TokenVerifier::new(&parse_public_key(&keys.public_key).expect("an official public key is valid"));
        for _ in 0..TOKENS_PER_KEY {
            let (deadline, account_index, api_key_index) = random_fields();
            let text = official_token(signer, &keys, deadline, account_index, api_key_index);
            let token = AuthToken::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (token.deadline(), token.account_index(), token.api_key_index()),
                (deadline, account_index, api_key_index),
                "{text}"
            );
            assert_eq!(token.to_string(), text);
            assert!(verifier.verify_signature(&token).is_ok(), "{text} under {}", keys.public_key);
            verified += 1;
        }
    }
    assert_eq!(verified, 1_000);
}

#[test]
fn a_thousand_public_keys_equal_the_official_ones() {
    let Some(signer) = official_signer() else { return };
    for _ in 0..KEY_PAIRS {
        let keys = signer.generate_api_key().expect("the signer makes a key pair");
        let key = parse_private_key(&keys.private_key).expect("an official private key is valid");
        assert_eq!(public_key_text(key.verifying_key()), keys.public_key, "of {}", keys.private_key);
    }
}

#[test]
fn an_official_token_is_refused_here_under_another_key_account_slot_or_deadline() {
    let Some(signer) = official_signer() else { return };
    for _ in 0..20 {
        let keys = signer.generate_api_key().expect("the signer makes a key pair");
        let others = signer.generate_api_key().expect("the signer makes a key pair");
        let [verifier, other_verifier] = [&keys, &others].map(|keys| {
            TokenVerifier::new(&parse_public_key(&keys.public_key).expect("an official public key is valid"))
        });
        let (deadline, account_index, api_key_index) = random_fields();
        let text = official_token(signer, &keys, deadline, account_index, api_key_index);
        let token = AuthToken::parse(&text).expect("an official token parses");
        assert!(verifier.verify_signature(&token).is_ok());
        assert!(other_verifier.verify_signature(&token).is_err());

        let signature = text.rsplit_once(':').expect("a token has a signature").1;
        let [deadline, account_index, api_key_index] =
            [deadline.as_secs(), account_index.as_u64(), api_key_index.as_u8().into()];
        for [deadline, account_index, api_key_index] in [
            [deadline + 1, account_index, api_key_index],
            [deadline, account_index - 1, api_key_index],
            [deadline, account_index, (api_key_index + 1) % 255],
        ] {
            let text = format!("{deadline}:{account_index}:{api_key_index}:{signature}");
            let token = AuthToken::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(verifier.verify_signature(&token).is_err(), "{text}");
        }
    }
}

/// The other oracle agrees with the first: it would not do as a judge otherwise.
#[test]
fn official_tokens_verify_under_goldilocks_crypto() {
    let Some(signer) = official_signer() else { return };
    for _ in 0..100 {
        let keys = signer.generate_api_key().expect("the signer makes a key pair");
        let (deadline, account_index, api_key_index) = random_fields();
        let text = official_token(signer, &keys, deadline, account_index, api_key_index);
        let token = AuthToken::parse(&text).expect("an official token parses");
        let public_key = parse_public_key(&keys.public_key).expect("an official public key is valid").to_bytes();
        assert!(
            rust_peer::verifies(&public_key, &rust_peer::hash_text(token.message()), &token.signature_bytes()),
            "{text} under {}",
            keys.public_key
        );
    }
}

#[test]
fn the_official_signer_refuses_the_account_of_index_zero_and_a_broken_key() {
    let Some(signer) = official_signer() else { return };
    let keys = signer.generate_api_key().expect("the signer makes a key pair");
    let [zero, one] = [0, 1].map(|index| AccountIndex::new(index).expect("in range"));
    let slot = ApiKeyIndex::new(7).expect("in range");
    let refusal = signer.create_client(&keys.private_key, zero, slot).expect_err("no account 0");
    assert_eq!(refusal.to_string(), "the official signer refused: invalid account index");
    signer.create_client("0x12", one, slot).expect_err("a key has 40 bytes");
    signer.create_client("", one, slot).expect_err("a key has 40 bytes");
}

fn official_token(
    signer: &OfficialSigner,
    keys: &KeyPairText,
    deadline: UnixSeconds,
    account_index: AccountIndex,
    api_key_index: ApiKeyIndex,
) -> String {
    signer.create_client(&keys.private_key, account_index, api_key_index).expect("the signer takes its own key");
    signer.create_auth_token(deadline, account_index, api_key_index).expect("the signer makes a token")
}

/// A deadline (not 0, which stands for the signer's own choice), an account from 1 to 2^48 - 2 (the signer refuses 0) and any
/// slot; small and large numbers are equally likely, so that texts of every length occur.
fn random_fields() -> (UnixSeconds, AccountIndex, ApiKeyIndex) {
    let deadline = random_up_to((1 << 48) - 1);
    let account_index = random_up_to(AccountIndex::MAX.as_u64());
    let api_key_index = u8::try_from(random() % 255).expect("below 255");
    (
        UnixSeconds::new(deadline).expect("in range"),
        AccountIndex::new(account_index).expect("in range"),
        ApiKeyIndex::new(api_key_index).expect("in range"),
    )
}

/// A number from 1 to `most`, its length in bits being random.
fn random_up_to(most: u64) -> u64 {
    let bits = random() % u64::from(u64::BITS - most.leading_zeros());
    ((1 << bits) | (random() & ((1 << bits) - 1))).min(most)
}

fn random() -> u64 {
    getrandom::u64().expect("the system has randomness")
}
