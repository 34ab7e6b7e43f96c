//! Tokens signed and verified, against tokens that the official signer made.

use keyward_lighter::{
    AuthToken, AuthTokenError, Config, SysRng, TimeSlot, TokenRefusal, TokenSigner, TokenVerifier, TokensFile,
    UnixSeconds, parse_private_key, parse_public_key, sign_tokens,
};
use rand_core::{TryCryptoRng, TryRng};
use serde::Deserialize;

const KEY: &str = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";

#[derive(Deserialize)]
struct Vectors {
    tokens: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    public_key: String,
    expiry: i64,
    account_index: i64,
    api_key_index: u8,
    token: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str::<Vectors>(include_str!("vectors/tokens.json")).unwrap().tokens
}

fn signer() -> TokenSigner {
    TokenSigner::new(parse_private_key(KEY).unwrap(), "5".parse().unwrap(), "253".parse().unwrap())
}

fn at(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).unwrap()
}

/// `token` with the hex digit at `index` of its signature changed.
fn tampered(token: &str, index: usize) -> String {
    let at = token.len() - 160 + index;
    let digit = if &token[at..=at] == "0" { "1" } else { "0" };
    format!("{}{digit}{}", &token[..at], &token[at + 1..])
}

#[test]
fn tokens_of_the_official_signer_verify() {
    let (mut good, mut negative) = (0, 0);
    for vector in vectors() {
        let parsed = AuthToken::parse(&vector.token);
        if vector.expiry < 0 || vector.account_index < 0 {
            assert!(matches!(parsed, Err(AuthTokenError::NotCanonical(_))), "{}", vector.token);
            negative += 1;
            continue;
        }
        let token = parsed.unwrap();
        assert_eq!(i64::try_from(token.deadline().as_secs()), Ok(vector.expiry));
        assert_eq!(i64::try_from(token.account_index().as_u64()), Ok(vector.account_index));
        assert_eq!(token.api_key_index().as_u8(), vector.api_key_index);
        let key = parse_public_key(&vector.public_key).unwrap();
        assert_eq!(TokenVerifier::one_off(&key).verify_signature(&token), Ok(()), "{}", vector.token);
        good += 1;
    }
    assert_eq!((good, negative), (315, 9));
}

#[test]
fn tokens_of_the_sample_verify_under_their_accounts_keys_and_no_other() {
    let config = Config::parse(include_bytes!("samples/config.json")).unwrap();
    let file = TokensFile::parse(include_bytes!("samples/auth-tokens.json")).unwrap();
    let [first, second] = config.signers() else { panic!("two accounts") };
    for (signer, other) in [(first, second), (second, first)] {
        let verifier = TokenVerifier::new(signer.verifying_key());
        let stranger = TokenVerifier::new(other.verifying_key());
        for slot in 0..112 {
            let now = at(1_795_219_200 + slot * TimeSlot::LENGTH_SECS);
            let token = file.token_for(Some(signer.account_index()), now, 0).unwrap();
            assert_eq!(verifier.verify(&token, now), Ok(()));
            assert_eq!(stranger.verify(&token, now), Err(TokenRefusal::InvalidSignature));
        }
    }
}

#[test]
fn both_kinds_of_verifier_refuse_what_was_not_signed() {
    let signer = signer();
    let token = signer.sign(at(1_795_248_000), &mut SysRng).unwrap();
    let token = token.expose_secret();
    let forged = [
        tampered(token, 0),
        tampered(token, 79),
        tampered(token, 80),
        tampered(token, 159),
        token.replacen("1795248000", "1795248001", 1),
        token.replacen(":5:", ":6:", 1),
        token.replacen(":253:", ":252:", 1),
        // Not below the group order, in either half.
        format!("{}{}", &token[..token.len() - 80], "f".repeat(80)),
        format!("{}{}{}", &token[..token.len() - 160], "f".repeat(80), &token[token.len() - 80..]),
    ];
    for verifier in [TokenVerifier::new(signer.verifying_key()), TokenVerifier::one_off(signer.verifying_key())] {
        assert_eq!(verifier.verifying_key(), signer.verifying_key());
        assert_eq!(verifier.verify_signature(&AuthToken::parse(token).unwrap()), Ok(()));
        for forged in &forged {
            let forged = AuthToken::parse(forged).unwrap();
            assert_eq!(verifier.verify_signature(&forged), Err(TokenRefusal::InvalidSignature), "{}", forged.as_str());
        }
    }
}

#[test]
fn window_is_checked_before_the_signature() {
    let signer = signer();
    let verifier = TokenVerifier::one_off(signer.verifying_key());
    let slot = TimeSlot::containing(at(1_795_219_200));
    let token = signer.sign_slot(slot, &mut SysRng).unwrap();
    let token = token.as_token();
    let (from, deadline) = (at(1_795_219_200), at(1_795_248_000));
    assert_eq!(token.deadline(), deadline);
    assert_eq!(verifier.verify(&token, at(1_795_219_199)), Err(TokenRefusal::NotYet { from }));
    assert_eq!(verifier.verify(&token, from), Ok(()));
    assert_eq!(verifier.verify(&token, at(1_795_247_999)), Ok(()));
    assert_eq!(verifier.verify(&token, deadline), Err(TokenRefusal::Expired { since: deadline }));

    let forged = tampered(token.as_str(), 7);
    let forged = AuthToken::parse(&forged).unwrap();
    assert_eq!(verifier.verify(&forged, deadline), Err(TokenRefusal::Expired { since: deadline }));
    assert_eq!(verifier.verify(&forged, from), Err(TokenRefusal::InvalidSignature));
}

#[test]
fn two_tokens_of_one_deadline_differ() {
    let signer = signer();
    let [one, two] = [(); 2].map(|()| signer.sign(at(1), &mut SysRng).unwrap());
    assert_ne!(one.expose_secret(), two.expose_secret());
    assert_eq!(one.as_token().message(), two.as_token().message());
}

#[test]
fn last_slot_of_all_has_a_token() {
    let signer = signer();
    let token = signer.sign_slot(TimeSlot::LAST, &mut SysRng).unwrap();
    assert_eq!(token.as_token().deadline(), UnixSeconds::MAX);
}

/// A generator that has nothing to give.
struct Dry;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("dry")]
struct IsDry;

impl TryRng for Dry {
    type Error = IsDry;

    fn try_next_u32(&mut self) -> Result<u32, IsDry> {
        Err(IsDry)
    }

    fn try_next_u64(&mut self) -> Result<u64, IsDry> {
        Err(IsDry)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), IsDry> {
        Err(IsDry)
    }
}

impl TryCryptoRng for Dry {}

#[test]
fn failure_of_the_generator_is_handed_on() {
    assert_eq!(signer().sign(at(1), &mut Dry).unwrap_err(), IsDry);
}

#[test]
fn debug_shows_the_public_key_only() {
    let signer = signer();
    let public_key = "0x822362bc30bd2705928e2ff830dcb1ecee3e66df909cabe4084272f3d00ac539f66b09a94cb60db6";
    assert_eq!(
        format!("{signer:?}"),
        format!(
            "TokenSigner {{ public_key: {public_key:?}, account_index: AccountIndex(5), \
             api_key_index: ApiKeyIndex(253), .. }}"
        ),
    );
    assert_eq!(
        format!("{:?}", TokenVerifier::one_off(signer.verifying_key())),
        format!("TokenVerifier {{ public_key: {public_key:?}, .. }}"),
    );
}

#[test]
fn tokens_made_together_are_those_made_one_by_one() {
    let config = Config::parse(include_bytes!("samples/config.json")).unwrap();
    let [first, second] = config.signers() else { panic!("two accounts") };
    for count in 0..=17 {
        let requests: Vec<_> = (0..count)
            .map(|number| (if number % 3 == 0 { second } else { first }, at(1_795_248_000 + number)))
            .collect();
        let mut tokens = Vec::new();
        sign_tokens(&requests, &mut SysRng, |token| tokens.push(token)).unwrap();
        assert_eq!(tokens.len(), requests.len());
        for (&(signer, deadline), token) in requests.iter().zip(&tokens) {
            let token = token.as_token();
            assert_eq!(token.deadline(), deadline);
            assert_eq!(token.account_index(), signer.account_index());
            assert_eq!(token.api_key_index(), signer.api_key_index());
            assert_eq!(TokenVerifier::one_off(signer.verifying_key()).verify_signature(&token), Ok(()));
        }
    }
}
