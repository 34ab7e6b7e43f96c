//! The text of a sign-in message, both ways.

use core::fmt;
use core::str::FromStr;

use super::error::{SignInError, SignInField};
use super::message::SignInMessage;

const ASKS: &str = " wants you to sign in with your Solana account:";
const URI: &str = "URI: ";
const VERSION: &str = "Version: ";
const CHAIN_ID: &str = "Chain ID: ";
const NONCE: &str = "Nonce: ";
const ISSUED_AT: &str = "Issued At: ";
const EXPIRATION_TIME: &str = "Expiration Time: ";
const NOT_BEFORE: &str = "Not Before: ";
const REQUEST_ID: &str = "Request ID: ";
const RESOURCES: &str = "Resources:";
const RESOURCE: &str = "- ";

/// In their order.
const LABELS: [&str; 9] =
    [URI, VERSION, CHAIN_ID, NONCE, ISSUED_AT, EXPIRATION_TIME, NOT_BEFORE, REQUEST_ID, RESOURCES];

/// Whether a line would be taken for a field where a statement may be missing.
pub(super) fn begins_as_a_field(line: &str) -> bool {
    LABELS.iter().any(|label| line.starts_with(label))
}

pub(super) fn parse(text: &str) -> Result<SignInMessage<'_>, SignInError> {
    if text.len() > SignInMessage::MAX_LEN {
        return Err(SignInError::TooLong);
    }
    let (first, rest) = text.split_once('\n').ok_or(SignInError::Lines)?;
    let domain = first.strip_suffix(ASKS).ok_or(SignInError::Lines)?;
    // Within a block no line is empty.
    let mut blocks = rest.split("\n\n");
    let address = read(blocks.next().unwrap_or_default(), SignInField::Address)?;
    let message = SignInMessage::new(domain, address)?;
    match (blocks.next(), blocks.next(), blocks.next()) {
        (None, ..) => Ok(message),
        (Some(fields), None, _) if begins_as_a_field(fields) => parse_fields(message, fields),
        (Some(statement), None, _) => message.with_statement(statement),
        (Some(statement), Some(fields), None) => parse_fields(message.with_statement(statement)?, fields),
        _ => Err(SignInError::Lines),
    }
}

fn parse_fields<'a>(mut message: SignInMessage<'a>, block: &'a str) -> Result<SignInMessage<'a>, SignInError> {
    let mut lines = block.split('\n').peekable();
    let mut field = |label| lines.next_if(|line| line.starts_with(label)).map(|line| &line[str::len(label)..]);
    if let Some(uri) = field(URI) {
        message = message.with_uri(uri)?;
    }
    if let Some(version) = field(VERSION) {
        if version != "1" {
            return Err(SignInError::Field(SignInField::Version));
        }
        message = message.with_version()?;
    }
    if let Some(chain_id) = field(CHAIN_ID) {
        message = message.with_chain_id(chain_id)?;
    }
    if let Some(nonce) = field(NONCE) {
        message = message.with_nonce(nonce)?;
    }
    if let Some(time) = field(ISSUED_AT) {
        message = message.with_issued_at(read(time, SignInField::IssuedAt)?)?;
    }
    if let Some(time) = field(EXPIRATION_TIME) {
        message = message.with_expiration_time(read(time, SignInField::ExpirationTime)?)?;
    }
    if let Some(time) = field(NOT_BEFORE) {
        message = message.with_not_before(read(time, SignInField::NotBefore)?)?;
    }
    if let Some(request_id) = field(REQUEST_ID) {
        message = message.with_request_id(request_id)?;
    }
    if let Some(rest) = field(RESOURCES) {
        if !rest.is_empty() {
            return Err(SignInError::Lines);
        }
        while let Some(resource) = field(RESOURCE) {
            message = message.with_resource(resource)?;
        }
        if message.resources().is_empty() {
            return Err(SignInError::Field(SignInField::Resources));
        }
    }
    if lines.next().is_none() { Ok(message) } else { Err(SignInError::Lines) }
}

fn read<T: FromStr>(text: &str, field: SignInField) -> Result<T, SignInError> {
    text.parse().map_err(|_| SignInError::Field(field))
}

pub(super) fn print(message: &SignInMessage<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{}{ASKS}\n{}", message.domain(), message.address())?;
    if let Some(statement) = message.statement() {
        write!(out, "\n\n{statement}")?;
    }
    let mut fields = Fields { out, are_begun: false };
    fields.line(URI, message.uri())?;
    fields.line(VERSION, message.has_version().then_some("1"))?;
    fields.line(CHAIN_ID, message.chain_id())?;
    fields.line(NONCE, message.nonce())?;
    fields.line(ISSUED_AT, message.issued_at())?;
    fields.line(EXPIRATION_TIME, message.expiration_time())?;
    fields.line(NOT_BEFORE, message.not_before())?;
    fields.line(REQUEST_ID, message.request_id())?;
    fields.line(RESOURCES, (!message.resources().is_empty()).then_some(""))?;
    message.resources().iter().try_for_each(|resource| fields.line(RESOURCE, Some(resource)))
}

/// The lines of a block, of which the first has an empty one before it.
struct Fields<'a> {
    out: &'a mut dyn fmt::Write,
    are_begun: bool,
}

impl Fields<'_> {
    fn line(&mut self, label: &str, value: Option<impl fmt::Display>) -> fmt::Result {
        let Some(value) = value else { return Ok(()) };
        let before = if self.are_begun { "\n" } else { "\n\n" };
        self.are_begun = true;
        write!(self.out, "{before}{label}{value}")
    }
}
