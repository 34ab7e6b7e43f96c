//! A sign-in message prints back as the same bytes; its fields, set one by one, make the same message; and what it does not
//! say is not expected of it.

#![cfg_attr(fuzzing, no_main)]

use std::time::Duration;

use keyward_fuzz::assert_one_line;
use keyward_lighter::UnixSeconds;
use keyward_solana::{Address, Rfc3339, SignInError, SignInExpectation, SignInMessage, SignInMismatch};

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match SignInMessage::parse(text) {
        Ok(message) => {
            assert_eq!(*message.to_text(), text);
            assert_eq!(*rebuild(&message).expect("the fields of a message").to_text(), text);
            reads_as_its_lines(text, &message);
            is_checked(&message);
        }
        Err(error) => assert_one_line(error),
    }
    injected(text);
}

fn rebuild<'a>(message: &SignInMessage<'a>) -> Result<SignInMessage<'a>, SignInError> {
    let mut same = SignInMessage::new(message.domain(), *message.address())?;
    // In another order than the text has.
    for resource in message.resources() {
        same = same.with_resource(resource)?;
    }
    if let Some(time) = message.not_before() {
        same = same.with_not_before(time)?;
    }
    if let Some(time) = message.expiration_time() {
        same = same.with_expiration_time(time)?;
    }
    if let Some(time) = message.issued_at() {
        same = same.with_issued_at(time)?;
    }
    if let Some(request_id) = message.request_id() {
        same = same.with_request_id(request_id)?;
    }
    if let Some(nonce) = message.nonce() {
        same = same.with_nonce(nonce)?;
    }
    if let Some(chain_id) = message.chain_id() {
        same = same.with_chain_id(chain_id)?;
    }
    if message.has_version() {
        same = same.with_version()?;
    }
    if let Some(uri) = message.uri() {
        same = same.with_uri(uri)?;
    }
    match message.statement() {
        Some(statement) => same.with_statement(statement),
        None => Ok(same),
    }
}

/// A line of the text that begins as a field is that field.
fn reads_as_its_lines(text: &str, message: &SignInMessage<'_>) {
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[0].split(' ').next(), Some(message.domain()));
    assert_eq!(lines[1], message.address().to_string());
    let field = |label: &str| lines[2..].iter().find_map(|line| line.strip_prefix(label)).map(str::to_owned);
    let time = |time: Option<Rfc3339>| time.map(|time| time.to_string());
    assert_eq!(field("URI: "), message.uri().map(str::to_owned));
    assert_eq!(field("Version: "), message.has_version().then(|| "1".to_owned()));
    assert_eq!(field("Chain ID: "), message.chain_id().map(str::to_owned));
    assert_eq!(field("Nonce: "), message.nonce().map(str::to_owned));
    assert_eq!(field("Issued At: "), time(message.issued_at()));
    assert_eq!(field("Expiration Time: "), time(message.expiration_time()));
    assert_eq!(field("Not Before: "), time(message.not_before()));
    assert_eq!(field("Request ID: "), message.request_id().map(str::to_owned));
    let has_statement = lines.len() > 3 && Some(lines[3]) == message.statement();
    assert_eq!(has_statement, message.statement().is_some());
}

fn is_checked(message: &SignInMessage<'_>) {
    let now = message.issued_at().map_or(UnixSeconds::EPOCH.into(), |time| time.instant());
    let mut expected = SignInExpectation::new(message.domain(), *message.address(), message.nonce().unwrap_or("none"));
    if let Some(uri) = message.uri() {
        expected = expected.with_uri(uri);
    }
    if let Some(chain_id) = message.chain_id() {
        expected = expected.with_chain_id(chain_id);
    }
    let verdict = match (message.nonce(), message.expiration_time(), message.not_before()) {
        (None, ..) => Err(SignInMismatch::Nonce),
        (_, Some(end), _) if end.instant() <= now => Err(SignInMismatch::Expired),
        (_, _, Some(start)) if start.instant() > now => Err(SignInMismatch::NotYetValid),
        _ => Ok(()),
    };
    assert_eq!(message.check(&expected, now), verdict);
    if verdict.is_ok() {
        let old = message.check(&expected.with_max_age(Duration::ZERO), now);
        assert_eq!(old, Err(SignInMismatch::TooOld));
        assert_eq!(message.check(&expected.with_uri("other:uri"), now).is_ok(), message.uri() == Some("other:uri"));
    }
}

/// Whatever is put into a field, the message that is signed holds it there and nowhere else.
fn injected(text: &str) {
    let address: Address = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z".parse().expect("an address");
    let plain = SignInMessage::new("app.example", address).and_then(|it| it.with_nonce("32891756")).expect("a message");
    let messages = [
        SignInMessage::new(text, address),
        plain.clone().with_statement(text),
        plain.clone().with_uri(text),
        plain.clone().with_chain_id(text),
        plain.clone().with_nonce(text),
        plain.clone().with_request_id(text),
        plain.with_resource(text),
    ];
    for message in messages.into_iter().flatten() {
        let printed = message.to_text();
        let parsed = SignInMessage::parse(&printed).expect("its own text");
        assert_eq!(parsed.to_text(), printed);
        let fields = |message: &SignInMessage<'_>| {
            let texts = [message.statement(), message.uri(), message.chain_id(), message.nonce(), message.request_id()];
            (message.domain().to_owned(), texts.map(|text| text.map(str::to_owned)), message.resources().join("\n"))
        };
        assert_eq!(fields(&parsed), fields(&message));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("sign_in", property);
}
