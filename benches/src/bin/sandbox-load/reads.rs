//! What the servers are asked.

use std::fmt::Write as _;
use std::io;

use keyward_lighter::{AccountIndex, ApiKeyIndex, Clock, SigningKey, SysRng, SystemClock, TokenSigner, public_key_hex};

/// Keys, each of an account of its own.
pub(crate) const KEYS: usize = 100;

/// Different tokens, of all keys in turn.
pub(crate) const TOKENS: usize = 2_000;

/// What the empty handler is asked.
pub(crate) const EMPTY: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The longest-lived tokens run out after this: longer than any run, and by then the sandbox has taken all for hours.
const FIRST_DEADLINE: u64 = 2 * 60 * 60;

/// Gated reads, and the accounts that they are about.
pub(crate) struct Reads {
    /// The sandbox's accounts with their keys, as JSON.
    pub(crate) seed: String,
    /// One for each token.
    pub(crate) questions: Vec<Vec<u8>>,
}

impl Reads {
    /// With fresh keys.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(crate) fn new() -> io::Result<Self> {
        let slot = ApiKeyIndex::new(253).map_err(io::Error::other)?;
        let mut signers = Vec::with_capacity(KEYS);
        for number in 0..KEYS as u64 {
            let account = AccountIndex::new(1_000 + number).map_err(io::Error::other)?;
            signers.push(TokenSigner::new(SigningKey::generate(&mut SysRng).map_err(io::Error::other)?, account, slot));
        }
        let first_deadline = SystemClock.now().saturating_add_secs(FIRST_DEADLINE);
        let mut questions = Vec::with_capacity(TOKENS);
        for (number, signer) in (0..TOKENS as u64).zip(signers.iter().cycle()) {
            let deadline = first_deadline.saturating_add_secs(number / KEYS as u64);
            let token = signer.sign(deadline, &mut SysRng).map_err(io::Error::other)?;
            questions.push(question(signer.account_index(), token.expose_secret()));
        }
        Ok(Self { seed: seed(&signers), questions })
    }

    /// Each of the questions, with a digit of its token's signature changed.
    pub(crate) fn forged(&self) -> impl Iterator<Item = Vec<u8>> {
        self.questions.iter().map(|question| {
            let mut forged = question.clone();
            let last_digit = forged.len() - b"0\r\n\r\n".len();
            forged[last_digit] = if forged[last_digit] == b'0' { b'1' } else { b'0' };
            forged
        })
    }
}

fn question(account: AccountIndex, token: &str) -> Vec<u8> {
    format!(
        "GET /api/v1/accountLimits?account_index={account} HTTP/1.1\r\nhost: localhost\r\nauthorization: {token}\r\n\r\n"
    )
    .into_bytes()
}

fn seed(signers: &[TokenSigner]) -> String {
    let mut text = String::new();
    for (number, signer) in signers.iter().enumerate() {
        let separator = if number == 0 { "" } else { "," };
        // An owner has one main account.
        let _ = write!(
            text,
            r#"{separator}{{"l1_address":"0x{number:040x}","index":{},"api_keys":[{{"api_key_index":{},"public_key":"{}"}}]}}"#,
            signer.account_index(),
            signer.api_key_index(),
            public_key_hex(signer.verifying_key()),
        );
    }
    format!(r#"{{"accounts":[{text}]}}"#)
}
