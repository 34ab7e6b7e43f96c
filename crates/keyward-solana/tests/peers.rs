//! Agreement with what wallets are made of: npm's `tweetnacl`, `bs58`, `@solana/wallet-standard-util` and
//! `@solana/offchain-messages`.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

use ed25519_dalek::SigningKey;
use ed25519_dalek::ed25519::signature::Signer;
use keyward_solana::{
    Address, BindChallenge, LongOffchainMessage, OffchainFormat, RawMessage, ShortOffchainMessage, SignInExpectation,
    SignInMessage, SolanaSignature, ViewChallenge,
};
use keyward_time::UnixMillis;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

/// Asks Node all at once, if there is one with the packages.
fn ask(questions: &[Value]) -> Option<Vec<Value>> {
    assert!(!questions.is_empty());
    let (Some(node), Some(_)) = (env::var_os("KEYWARD_NODE"), env::var_os("KEYWARD_NODE_MODULES")) else {
        let required = env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but KEYWARD_NODE and KEYWARD_NODE_MODULES are not set");
        println!("NOT RUN: no Node with the wallets' packages");
        return None;
    };
    let mut command = Command::new(node);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/wallet.cjs"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("Node runs");
    // Node reads all before it writes.
    let question = serde_json::to_vec(questions).expect("JSON");
    child.stdin.take().expect("a pipe").write_all(&question).expect("Node reads");
    let output = child.wait_with_output().expect("Node ends");
    assert!(output.status.success(), "{}", output.status);
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answers.len(), questions.len());
    Some(answers)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().expect("a string");
    let bytes: Vec<u8> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits")).collect();
    bytes.try_into().expect("so many bytes")
}

/// Bytes that look random and are the same in every run.
fn noise(label: &str, number: usize) -> [u8; 64] {
    Sha512::digest(format!("{label} {number}")).into()
}

fn seed(number: usize) -> [u8; 32] {
    noise("seed", number)[..32].try_into().expect("32 bytes")
}

fn address(number: usize) -> Address {
    Address::from_bytes(SigningKey::from_bytes(&seed(number)).verifying_key().as_bytes()).expect("an honest key")
}

/// One message of each length from 0 bytes on.
fn messages() -> Vec<Vec<u8>> {
    (0..256).map(|len| noise("message", len).repeat(4)[..len].to_vec()).collect()
}

fn sign_question(number: usize, message: &[u8]) -> Value {
    json!({ "ask": "sign", "seed": hex(&seed(number)), "message": hex(message) })
}

fn read_signed(answer: &Value) -> (Address, SolanaSignature) {
    let address = Address::from_bytes(&unhex(&answer["publicKey"])).expect("an address");
    (address, SolanaSignature::from_bytes(&unhex(&answer["signature"])))
}

#[test]
fn what_tweetnacl_signs_verifies_here() {
    let messages = messages();
    let questions: Vec<Value> =
        messages.iter().enumerate().map(|(number, message)| sign_question(number, message)).collect();
    let Some(answers) = ask(&questions) else { return };
    for (number, (message, answer)) in messages.iter().zip(&answers).enumerate() {
        let (signer, signature) = read_signed(answer);
        assert_eq!(signer, address(number));
        assert_eq!(RawMessage::new(message).verify(&signer, &signature), Ok(()));
        assert!(RawMessage::new(message).verify(&address(number + 1), &signature).is_err());
        assert!(RawMessage::new(&[message, &b"x"[..]].concat()).verify(&signer, &signature).is_err());
    }
}

#[test]
fn every_kind_of_message_that_a_wallet_signs_verifies_here() {
    let now = UnixMillis::new(1_763_704_800_123).expect("an instant");
    let token = hex(&noise("token", 0)[..32]);
    let bind = BindChallenge::new(BindChallenge::OPENSVM, &token, now).expect("a challenge");
    let view = ViewChallenge::new(ViewChallenge::OPENSVM, address(0), now).expect("a challenge");
    let sign_in =
        SignInMessage::new("app.example", address(0)).and_then(|it| it.with_nonce(&token)).expect("a message");
    let short = ShortOffchainMessage::new("Grüße").expect("a message");
    let long = LongOffchainMessage::new([7; 32], vec![address(0), address(1)], "Hello").expect("a message");
    let Some(answers) = ask(&[
        sign_question(0, bind.to_text().as_bytes()),
        sign_question(0, view.to_string().as_bytes()),
        sign_question(0, sign_in.to_text().as_bytes()),
        sign_question(0, &short.to_bytes()),
        sign_question(0, &long.to_bytes()),
        sign_question(1, &long.to_bytes()),
    ]) else {
        return;
    };
    let signatures: Vec<SolanaSignature> = answers.iter().map(|answer| read_signed(answer).1).collect();
    assert_eq!(bind.verify(&address(0), &signatures[0]), Ok(()));
    assert_eq!(view.verify(&signatures[1]), Ok(()));
    let expected = SignInExpectation::new("app.example", address(0), &token);
    assert_eq!(sign_in.verify(&signatures[2], &expected, now), Ok(()));
    assert_eq!(short.verify(&address(0), &signatures[3]), Ok(()));
    assert_eq!(long.verify(&signatures[4..]), Ok(()));
}

#[test]
fn what_verifies_here_verifies_in_tweetnacl() {
    let mut questions = Vec::new();
    let mut verdicts = Vec::new();
    for (number, message) in messages().iter().enumerate().take(64) {
        let good = SigningKey::from_bytes(&seed(number)).sign(message).to_bytes();
        let mut bad = good;
        bad[number] ^= 1 << (number % 8);
        for signature in [good, bad] {
            let signer = address(number);
            verdicts.push(RawMessage::new(message).verify(&signer, &SolanaSignature::from_bytes(&signature)).is_ok());
            questions.push(json!({
                "ask": "verify", "publicKey": hex(signer.as_bytes()), "message": hex(message), "signature": hex(&signature),
            }));
        }
    }
    assert_eq!(verdicts.iter().filter(|verdict| **verdict).count(), 64);
    let Some(answers) = ask(&questions) else { return };
    assert_eq!(answers, verdicts);
}

#[test]
fn base58_is_that_of_bs58() {
    let addresses: Vec<Address> = (0..200).map(address).collect();
    let signatures: Vec<[u8; 64]> = (0..200)
        .map(|number| {
            let mut bytes = noise("signature", number);
            bytes[..number % 5].fill(0);
            bytes
        })
        .collect();
    let mut questions: Vec<Value> =
        addresses.iter().map(|address| json!({ "ask": "toBase58", "data": hex(address.as_bytes()) })).collect();
    questions.extend(signatures.iter().map(|bytes| json!({ "ask": "toBase58", "data": hex(bytes) })));
    questions.extend(addresses.iter().map(|address| json!({ "ask": "fromBase58", "text": address.to_string() })));
    let Some(answers) = ask(&questions) else { return };
    for (address, answer) in addresses.iter().zip(&answers) {
        assert_eq!(answer, &address.to_string());
    }
    for (bytes, answer) in signatures.iter().zip(&answers[200..400]) {
        let text = answer.as_str().expect("a text");
        // The rule makes base64 of a few of those that begin with zeros.
        let is_base58 = text.len() != 86 || !text.ends_with(['A', 'Q', 'g', 'w']);
        assert_eq!(text.parse() == Ok(SolanaSignature::from_bytes(bytes)), is_base58, "{text}");
    }
    for (address, answer) in addresses.iter().zip(&answers[400..]) {
        assert_eq!(answer, &hex(address.as_bytes()));
    }
}

#[test]
fn what_is_no_base58_here_is_none_in_bs58() {
    let good = address(0).to_string();
    let mut texts: Vec<String> = (0..44).map(|at| good.chars().take(at).collect()).collect();
    for wrong in ["0", "O", "I", "l", " ", "\n", "+", "é", "1", "z"] {
        texts.extend([format!("{good}{wrong}"), format!("{wrong}{good}"), good.replacen(&good[9..10], wrong, 1)]);
    }
    let questions: Vec<Value> = texts.iter().map(|text| json!({ "ask": "fromBase58", "text": text })).collect();
    let Some(answers) = ask(&questions) else { return };
    for (text, answer) in texts.iter().zip(answers) {
        let is_32_bytes = answer.as_str().is_some_and(|digits| digits.len() == 64);
        let decoded = is_32_bytes.then(|| Address::from_bytes(&unhex(&answer)).ok()).flatten();
        assert_eq!(text.parse().ok(), decoded, "{text:?}");
    }
}

const NONCE: &str = "32891756aZ";

/// The same message as the package takes it, and here, with only those of ten parts whose bit is set.
fn sign_in(mask: u32) -> (Value, SignInMessage<'static>) {
    let has = |part: u32| mask >> part & 1 != 0;
    let mut input = json!({ "domain": "app.example:3000", "address": address(0).to_string() });
    let mut message = SignInMessage::new("app.example:3000", address(0));
    let mut part = |number, name: &str, value: Value, with: fn(SignInMessage<'static>) -> _| {
        if has(number) {
            input[name] = value;
            message = message.clone().and_then(with);
        }
    };
    part(0, "statement", json!("Sign in. Ça va?"), |it| it.with_statement("Sign in. Ça va?"));
    part(1, "uri", json!("https://app.example:3000/a?b=c#d"), |it| it.with_uri("https://app.example:3000/a?b=c#d"));
    part(2, "version", json!("1"), SignInMessage::with_version);
    part(3, "chainId", json!("solana:mainnet"), |it| it.with_chain_id("solana:mainnet"));
    part(4, "nonce", json!(NONCE), |it| it.with_nonce(NONCE));
    part(5, "issuedAt", json!("2025-11-21T06:00:00.000Z"), |it| {
        it.with_issued_at("2025-11-21T06:00:00.000Z".parse().expect("a time"))
    });
    part(6, "expirationTime", json!("2025-11-21T06:15:00Z"), |it| {
        it.with_expiration_time("2025-11-21T06:15:00Z".parse().expect("a time"))
    });
    part(7, "notBefore", json!("2025-11-21T07:00:00+01:00"), |it| {
        it.with_not_before("2025-11-21T07:00:00+01:00".parse().expect("a time"))
    });
    part(8, "requestId", json!("request-1"), |it| it.with_request_id("request-1"));
    part(9, "resources", json!(["https://app.example/terms", "ipfs://bafy"]), |it| {
        it.with_resource("https://app.example/terms")?.with_resource("ipfs://bafy")
    });
    (input, message.expect("a message"))
}

#[test]
fn sign_in_texts_are_those_of_wallet_standard() {
    let cases: Vec<_> = (0..1 << 10).map(sign_in).collect();
    let mut questions: Vec<Value> =
        cases.iter().map(|(input, _)| json!({ "ask": "createSignIn", "input": input })).collect();
    questions.extend(cases.iter().map(|(_, message)| json!({ "ask": "parseSignIn", "text": *message.to_text() })));
    let Some(answers) = ask(&questions) else { return };
    let (texts, parsed) = answers.split_at(cases.len());
    for ((input, message), (text, parsed)) in cases.iter().zip(texts.iter().zip(parsed)) {
        assert_eq!(text, &*message.to_text());
        assert!(SignInMessage::parse(text.as_str().expect("a text")).is_ok());
        assert_eq!(parsed, input);
    }
}

#[test]
fn the_long_layout_is_that_of_the_newer_library() {
    let texts = ["Hello".to_owned(), "~".repeat(1000), "Grüße\n".to_owned(), "a".repeat(2000), "é".repeat(30_000)];
    let messages: Vec<(Vec<Address>, [u8; 32], &str)> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let domain = noise("domain", number)[..32].try_into().expect("32 bytes");
            ((0..=number).map(address).collect(), domain, text.as_str())
        })
        .collect();
    let mut ours = Vec::new();
    let mut questions = Vec::new();
    for (signers, domain, text) in &messages {
        let message = LongOffchainMessage::new(*domain, signers.clone(), text).expect("a message");
        let signers: Vec<String> = signers.iter().map(Address::to_string).collect();
        let fields = json!({
            "applicationDomain": bs58::encode(domain).into_string(), "signers": signers,
            "format": message.format().as_u8(), "text": text,
        });
        let mut question = fields.clone();
        question["ask"] = json!("encodeOffchain");
        questions.extend([question, json!({ "ask": "decodeOffchain", "data": hex(&message.to_bytes()) })]);
        ours.extend([json!(hex(&message.to_bytes())), fields]);
    }
    let formats: Vec<&Value> = ours.iter().filter_map(|fields| fields.get("format")).collect();
    let all = [OffchainFormat::RestrictedAscii, OffchainFormat::LimitedUtf8, OffchainFormat::ExtendedUtf8];
    assert!(all.iter().all(|format| formats.contains(&&json!(format.as_u8()))));
    let Some(answers) = ask(&questions) else { return };
    assert_eq!(answers, ours);
}
