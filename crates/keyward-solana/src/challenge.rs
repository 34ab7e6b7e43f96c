//! The texts that the API-key service of OpenSVM has wallets sign. They are raw messages.

use alloc::string::String;
use core::fmt;

use keyward_time::UnixMillis;
use zeroize::Zeroizing;

use crate::line::{has_form, is_ascii_line, print_wiped};
use crate::{Address, RawMessage, SignatureRejected, SolanaSignature};

const TOKEN_LABEL: &str = "Token: ";
const WALLET_LABEL: &str = "Wallet: ";
const TIMESTAMP_LABEL: &str = "Timestamp: ";

/// The most characters of a first line.
const MAX_FIRST_LINE_LEN: usize = 128;

/// The text that a wallet signs to be bound to an API key: a first line, the token of the link, and the time.
///
/// ```text
/// Bind wallet to OpenSVM API key
/// Token: {64 lower-case hexadecimal digits}
/// Timestamp: {Unix milliseconds}
/// ```
///
/// There is no line break at the end. This is the form alone; whose token it is and whether the time is right is for the
/// caller to say. The token is a secret until the link is used, so it is not in the `Debug` text, and the printed text is
/// wiped when dropped.
///
/// No such text is a transaction: as [there](crate::SignInMessage#no-transaction), its first byte would be the number of
/// signatures, at least 32, and as many accounts take 1024 bytes, while a challenge has less than 256.
///
/// ```
/// use keyward_solana::BindChallenge;
/// use keyward_time::UnixMillis;
///
/// let token = "5a".repeat(32);
/// let challenge = BindChallenge::new(BindChallenge::OPENSVM, &token, UnixMillis::new(1_763_704_800_000)?)?;
/// let text = challenge.to_text(); // shown to the wallet
/// assert_eq!(BindChallenge::parse(&text, BindChallenge::OPENSVM)?.token(), token);
/// assert!(BindChallenge::parse(&text, "Bind wallet to another service").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct BindChallenge<'a> {
    first_line: &'a str,
    token: &'a str,
    timestamp: UnixMillis,
}

impl<'a> BindChallenge<'a> {
    /// The first line that OpenSVM uses.
    pub const OPENSVM: &'static str = "Bind wallet to OpenSVM API key";

    /// The challenge with this first line, token and time.
    ///
    /// # Errors
    /// - the first line is empty, longer than 128 characters or not of printable ASCII
    /// - the token is not 64 lower-case hexadecimal digits
    pub fn new(first_line: &'a str, token: &'a str, timestamp: UnixMillis) -> Result<Self, ChallengeError> {
        check_first_line(first_line)?;
        let is_token = has_form(token, 64, 64, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_token { Ok(Self { first_line, token, timestamp }) } else { Err(ChallengeError::Token) }
    }

    /// Reads a text that must have this first line. What is read prints back as the same bytes.
    ///
    /// # Errors
    /// - `first_line` is none that [`new`](Self::new) takes, or not that of the text
    /// - the text does not have exactly the three lines
    /// - the token is not 64 lower-case hexadecimal digits
    /// - the time is not a canonical decimal up to 2^63 - 1
    pub fn parse(text: &'a str, first_line: &'a str) -> Result<Self, ChallengeError> {
        let [token, timestamp] = parse_lines(text, first_line, [TOKEN_LABEL, TIMESTAMP_LABEL])?;
        Self::new(first_line, token, timestamp.parse().map_err(|_| ChallengeError::Timestamp)?)
    }

    /// The first line, of 1 to 128 characters.
    pub const fn first_line(&self) -> &'a str {
        self.first_line
    }

    /// The token, 64 lower-case hexadecimal digits.
    pub const fn token(&self) -> &'a str {
        self.token
    }

    /// When the challenge was made, as it says itself.
    pub const fn timestamp(&self) -> UnixMillis {
        self.timestamp
    }

    /// The text that is signed.
    pub fn to_text(&self) -> Zeroizing<String> {
        let Self { first_line, token, timestamp } = self;
        print_wiped(|out| write!(out, "{first_line}\n{TOKEN_LABEL}{token}\n{TIMESTAMP_LABEL}{timestamp}"))
    }

    /// Checks that `signature` is the wallet's over this text, as a raw message.
    ///
    /// # Errors
    /// - the signature is another's, of another text, or not strictly valid
    pub fn verify(&self, signer: &Address, signature: &SolanaSignature) -> Result<(), SignatureRejected> {
        RawMessage::new(self.to_text().as_bytes()).verify(signer, signature)
    }
}

impl fmt::Debug for BindChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindChallenge")
            .field("first_line", &self.first_line)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The text that a wallet signs to see its API keys: a first line, its address, and the time.
///
/// ```text
/// Authenticate to view API keys
/// Wallet: {address}
/// Timestamp: {Unix milliseconds}
/// ```
///
/// There is no line break at the end. This is the form alone: how old it may be, and that it is used once, is for the
/// caller to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewChallenge<'a> {
    first_line: &'a str,
    wallet: Address,
    timestamp: UnixMillis,
}

impl<'a> ViewChallenge<'a> {
    /// The first line that OpenSVM uses.
    pub const OPENSVM: &'static str = "Authenticate to view API keys";

    /// The challenge with this first line, wallet and time.
    ///
    /// # Errors
    /// - the first line is empty, longer than 128 characters or not of printable ASCII
    pub fn new(first_line: &'a str, wallet: Address, timestamp: UnixMillis) -> Result<Self, ChallengeError> {
        check_first_line(first_line)?;
        Ok(Self { first_line, wallet, timestamp })
    }

    /// Reads a text that must have this first line. What is read prints back as the same bytes.
    ///
    /// # Errors
    /// - `first_line` is none that [`new`](Self::new) takes, or not that of the text
    /// - the text does not have exactly the three lines
    /// - the wallet is no [`Address`]
    /// - the time is not a canonical decimal up to 2^63 - 1
    pub fn parse(text: &str, first_line: &'a str) -> Result<Self, ChallengeError> {
        let [wallet, timestamp] = parse_lines(text, first_line, [WALLET_LABEL, TIMESTAMP_LABEL])?;
        let wallet = wallet.parse().map_err(|_| ChallengeError::Wallet)?;
        Self::new(first_line, wallet, timestamp.parse().map_err(|_| ChallengeError::Timestamp)?)
    }

    /// The first line, of 1 to 128 characters.
    pub const fn first_line(&self) -> &'a str {
        self.first_line
    }

    /// The wallet that asks.
    pub const fn wallet(&self) -> &Address {
        &self.wallet
    }

    /// When the challenge was made, as it says itself.
    pub const fn timestamp(&self) -> UnixMillis {
        self.timestamp
    }

    /// Checks that `signature` is over this text, as a raw message, by the wallet that it names.
    ///
    /// # Errors
    /// - the signature is another's, of another text, or not strictly valid
    pub fn verify(&self, signature: &SolanaSignature) -> Result<(), SignatureRejected> {
        RawMessage::new(print_wiped(|out| write!(out, "{self}")).as_bytes()).verify(&self.wallet, signature)
    }
}

/// The text that is signed.
impl fmt::Display for ViewChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_line, wallet, timestamp } = self;
        write!(f, "{first_line}\n{WALLET_LABEL}{wallet}\n{TIMESTAMP_LABEL}{timestamp}")
    }
}

fn check_first_line(line: &str) -> Result<(), ChallengeError> {
    if is_ascii_line(line, MAX_FIRST_LINE_LEN) { Ok(()) } else { Err(ChallengeError::FirstLine) }
}

/// What follows the labels on the two lines after the first.
fn parse_lines<'a>(text: &'a str, first_line: &str, labels: [&str; 2]) -> Result<[&'a str; 2], ChallengeError> {
    let mut lines = text.split('\n');
    if lines.next() != Some(first_line) {
        return Err(ChallengeError::FirstLine);
    }
    let mut field = |label| lines.next().and_then(|line| line.strip_prefix(label)).ok_or(ChallengeError::Lines);
    let fields = [field(labels[0])?, field(labels[1])?];
    if lines.next().is_none() { Ok(fields) } else { Err(ChallengeError::Lines) }
}

/// Why something is not a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// The first line is not the expected one, or one that no challenge can have.
    #[error("not the expected first line")]
    FirstLine,
    /// There are other lines than the three.
    #[error("not the lines of the challenge")]
    Lines,
    /// The token is not 64 lower-case hexadecimal digits.
    #[error("not a token of 64 hexadecimal digits")]
    Token,
    /// The wallet is no address.
    #[error("not the address of a wallet")]
    Wallet,
    /// The time is not in canonical decimal Unix milliseconds.
    #[error("not a time in Unix milliseconds")]
    Timestamp,
}
