use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::error::{SignInError, SignInField};
use super::text;
use crate::line::{has_form, is_line, print_wiped, printed_len};
use crate::{Address, Rfc3339};

const MAX_DOMAIN_LEN: usize = 255;
const MAX_STATEMENT_LEN: usize = 1024;
const MAX_URI_LEN: usize = 512;
const MAX_CHAIN_ID_LEN: usize = 64;
const MIN_NONCE_LEN: usize = 8;
const MAX_NONCE_LEN: usize = 128;
const MAX_REQUEST_ID_LEN: usize = 128;
const MAX_RESOURCES: usize = 16;

/// A Sign-In With Solana message: who wants a wallet to sign in, where, and from when to when.
///
/// ```text
/// {domain} wants you to sign in with your Solana account:
/// {address}
///
/// {statement}
///
/// URI: {uri}
/// Version: 1
/// Chain ID: {chain id}
/// Nonce: {nonce}
/// Issued At: {RFC 3339}
/// Expiration Time: {RFC 3339}
/// Not Before: {RFC 3339}
/// Request ID: {request id}
/// Resources:
/// - {uri}
/// - {uri}
/// ```
///
/// All but domain and address may be missing, each with its line (and the empty line before the first of them, or
/// before the statement). What is there stands in this order, once. There is no line break at the end. So a message has
/// one text, and what [`parse`](Self::parse) takes, [`to_text`](Self::to_text) prints as the same bytes.
///
/// | field | form |
/// |---|---|
/// | domain | 1 to 255 of printable ASCII without space, `/`, `\`, `?`, `#` and `@`: host and port |
/// | statement | 1 to 1024 bytes on one line that do not begin as one of the fields below |
/// | URI, resources | 3 to 512 of the ASCII that URIs are made of, with a scheme; at most 16 resources, at least one |
/// | version | 1 |
/// | chain ID | 1 to 64 of `A-Z`, `a-z`, `0-9`, `-`, `_`, `:` |
/// | nonce | 8 to 128 of `A-Z`, `a-z`, `0-9` |
/// | times | as [`Rfc3339`] has them |
/// | request ID | 1 to 128 of the ASCII that a segment of a path is made of |
/// | the whole text | at most 2048 bytes |
///
/// No field can hold a line break, a control character or one that turns the direction of writing; so none can pose as
/// another.
///
/// The nonce may be the token of a link, a secret until it is used: it is not in the `Debug` text, and the printed text
/// is wiped when dropped.
///
/// # No transaction
///
/// A wallet that signs this text signs no transaction with it. Read as a transaction's message, the first four bytes
/// of a text would be numbers: signatures, read-only signers, other read-only accounts, accounts. There must be more
/// signatures than read-only signers, and as many accounts as signatures and read-only accounts together. A text
/// begins with printable ASCII, whose bytes are at least 32: that makes at least 33 signatures and 65 accounts, and 65
/// accounts of 32 bytes are longer than the 2048 bytes that a text can have. (With the signatures it would also be
/// longer than any transaction, which has at most 1232 bytes.)
///
/// # Source
///
/// The text that `createSignInMessageText` of `@solana/wallet-standard-util` makes, and the fields of EIP-4361. That
/// package's verifier takes a text that names another address and one that has expired, and its texts can be made to
/// hold other fields than they were given; what is refused here beyond it is for these.
///
/// ```
/// use keyward_solana::SignInMessage;
///
/// let address = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z".parse()?;
/// let message = SignInMessage::new("app.example", address)?
///     .with_statement("Sign in to bind your wallet.")?
///     .with_uri("https://app.example/auth/bind")?
///     .with_version()?
///     .with_nonce("32891756aZ")?
///     .with_issued_at("2025-11-21T06:00:00.000Z".parse()?)?;
/// let text = message.to_text(); // for the wallet
/// assert_eq!(SignInMessage::parse(&text)?.nonce(), Some("32891756aZ"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignInMessage<'a> {
    domain: &'a str,
    address: Address,
    statement: Option<&'a str>,
    uri: Option<&'a str>,
    has_version: bool,
    chain_id: Option<&'a str>,
    nonce: Option<&'a str>,
    issued_at: Option<Rfc3339>,
    expiration_time: Option<Rfc3339>,
    not_before: Option<Rfc3339>,
    request_id: Option<&'a str>,
    resources: Vec<&'a str>,
}

impl<'a> SignInMessage<'a> {
    /// The most bytes of the text: 2048.
    pub const MAX_LEN: usize = 2048;

    /// The message with nothing but a domain and an address in it.
    ///
    /// # Errors
    /// - the domain does not have the form that the table has
    pub fn new(domain: &'a str, address: Address) -> Result<Self, SignInError> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"/\\?#@".contains(&byte);
        check(has_form(domain, 1, MAX_DOMAIN_LEN, allowed), SignInField::Domain)?;
        Ok(Self {
            domain,
            address,
            statement: None,
            uri: None,
            has_version: false,
            chain_id: None,
            nonce: None,
            issued_at: None,
            expiration_time: None,
            not_before: None,
            request_id: None,
            resources: Vec::new(),
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// - the text is longer than 2048 bytes
    /// - it does not have the lines of a message, in their order, each at most once, and nothing else
    /// - a field does not have the form that the table has
    pub fn parse(text: &'a str) -> Result<Self, SignInError> {
        text::parse(text)
    }

    /// The same message with a sentence for the wallet's owner to read.
    ///
    /// # Errors
    /// - the statement does not have the form that the table has, or makes the text too long
    pub fn with_statement(mut self, statement: &'a str) -> Result<Self, SignInError> {
        let is_good = (1..=MAX_STATEMENT_LEN).contains(&statement.len())
            && is_line(statement)
            && !text::begins_as_a_field(statement);
        check(is_good, SignInField::Statement)?;
        self.statement = Some(statement);
        self.checked()
    }

    /// The same message with what is signed in to.
    ///
    /// # Errors
    /// - the URI does not have the form that the table has, or makes the text too long
    pub fn with_uri(mut self, uri: &'a str) -> Result<Self, SignInError> {
        check(is_uri(uri), SignInField::Uri)?;
        self.uri = Some(uri);
        self.checked()
    }

    /// The same message with its version, of which there is one: 1.
    ///
    /// # Errors
    /// - the line makes the text too long
    pub fn with_version(mut self) -> Result<Self, SignInError> {
        self.has_version = true;
        self.checked()
    }

    /// The same message with a chain, as `mainnet` or `solana:mainnet`.
    ///
    /// # Errors
    /// - the chain ID does not have the form that the table has, or makes the text too long
    pub fn with_chain_id(mut self, chain_id: &'a str) -> Result<Self, SignInError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte);
        check(has_form(chain_id, 1, MAX_CHAIN_ID_LEN, allowed), SignInField::ChainId)?;
        self.chain_id = Some(chain_id);
        self.checked()
    }

    /// The same message with what makes it good for one time: random, and remembered by the caller.
    ///
    /// # Errors
    /// - the nonce does not have the form that the table has, or makes the text too long
    pub fn with_nonce(mut self, nonce: &'a str) -> Result<Self, SignInError> {
        let is_good = has_form(nonce, MIN_NONCE_LEN, MAX_NONCE_LEN, |byte| byte.is_ascii_alphanumeric());
        check(is_good, SignInField::Nonce)?;
        self.nonce = Some(nonce);
        self.checked()
    }

    /// The same message with the time at which it was made.
    ///
    /// # Errors
    /// - the line makes the text too long
    pub fn with_issued_at(mut self, time: Rfc3339) -> Result<Self, SignInError> {
        self.issued_at = Some(time);
        self.checked()
    }

    /// The same message with the time from which on it is worth nothing.
    ///
    /// # Errors
    /// - the line makes the text too long
    pub fn with_expiration_time(mut self, time: Rfc3339) -> Result<Self, SignInError> {
        self.expiration_time = Some(time);
        self.checked()
    }

    /// The same message with the time before which it is worth nothing.
    ///
    /// # Errors
    /// - the line makes the text too long
    pub fn with_not_before(mut self, time: Rfc3339) -> Result<Self, SignInError> {
        self.not_before = Some(time);
        self.checked()
    }

    /// The same message with a name of the request.
    ///
    /// # Errors
    /// - the request ID does not have the form that the table has, or makes the text too long
    pub fn with_request_id(mut self, request_id: &'a str) -> Result<Self, SignInError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte);
        check(has_form(request_id, 1, MAX_REQUEST_ID_LEN, allowed), SignInField::RequestId)?;
        self.request_id = Some(request_id);
        self.checked()
    }

    /// The same message with one more resource, after those it has.
    ///
    /// # Errors
    /// - the resource does not have the form that the table has, is the 17th, or makes the text too long
    pub fn with_resource(mut self, resource: &'a str) -> Result<Self, SignInError> {
        check(is_uri(resource) && self.resources.len() < MAX_RESOURCES, SignInField::Resources)?;
        self.resources.push(resource);
        self.checked()
    }

    /// Who asks: host and port.
    pub const fn domain(&self) -> &'a str {
        self.domain
    }

    /// The wallet that is to sign.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The sentence for the wallet's owner.
    pub const fn statement(&self) -> Option<&'a str> {
        self.statement
    }

    /// What is signed in to.
    pub const fn uri(&self) -> Option<&'a str> {
        self.uri
    }

    /// Whether the message says that its version is 1.
    pub const fn has_version(&self) -> bool {
        self.has_version
    }

    /// The chain.
    pub const fn chain_id(&self) -> Option<&'a str> {
        self.chain_id
    }

    /// What makes the message good for one time.
    pub const fn nonce(&self) -> Option<&'a str> {
        self.nonce
    }

    /// When it was made.
    pub const fn issued_at(&self) -> Option<Rfc3339> {
        self.issued_at
    }

    /// From when on it is worth nothing.
    pub const fn expiration_time(&self) -> Option<Rfc3339> {
        self.expiration_time
    }

    /// Before when it is worth nothing.
    pub const fn not_before(&self) -> Option<Rfc3339> {
        self.not_before
    }

    /// The name of the request.
    pub const fn request_id(&self) -> Option<&'a str> {
        self.request_id
    }

    /// URIs that the wallet's owner is asked to agree to: at most 16.
    pub fn resources(&self) -> &[&'a str] {
        &self.resources
    }

    /// The text, of at most 2048 bytes. A wallet signs it as a raw message.
    pub fn to_text(&self) -> Zeroizing<String> {
        print_wiped(|out| text::print(self, out))
    }

    fn checked(self) -> Result<Self, SignInError> {
        if printed_len(|out| text::print(&self, out)) <= Self::MAX_LEN { Ok(self) } else { Err(SignInError::TooLong) }
    }
}

fn check(is_good: bool, field: SignInField) -> Result<(), SignInError> {
    if is_good { Ok(()) } else { Err(SignInError::Field(field)) }
}

/// Whether a text begins with a scheme and is made of what RFC 3986 lets URIs be made of.
fn is_uri(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    has_form(text, 3, MAX_URI_LEN, allowed)
        && text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
}

/// Without the nonce.
impl fmt::Debug for SignInMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInMessage")
            .field("domain", &self.domain)
            .field("address", &self.address)
            .field("expiration_time", &self.expiration_time)
            .finish_non_exhaustive()
    }
}
