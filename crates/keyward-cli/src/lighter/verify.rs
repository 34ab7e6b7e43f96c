use clap::Args;
use keyward_lighter::{AuthToken, Token, TokenVerifier};
use serde::Serialize;

use super::{Now, PublicKeyArgument};
use crate::failure::Failure;
use crate::input::{Line, LineSource};
use crate::output::Results;

/// Check tokens against a public key: one line out for each line in
///
/// A line is `valid`, or says why the token is not. The exit code is 0 if there is a token and all
/// are valid. An `ro:` token is never valid here: it carries no signature, only the venue knows it.
#[derive(Debug, Args)]
#[command(after_help = "\
Lines end with LF or CR LF; an empty line is a token of bad form. Tokens are not repeated in the output.

Example:
  keyward lighter token 5 | keyward lighter verify --public-key \"$(keyward lighter public-key < key.txt)\"")]
pub(super) struct Verify {
    /// The public key of the tokens' API key (80 hexadecimal digits)
    #[arg(long, value_name = "HEX")]
    public_key: PublicKeyArgument,
    #[command(flatten)]
    now: Now,
    /// Check the signatures alone, whenever the tokens can be used
    #[arg(long, conflicts_with = "now")]
    any_time: bool,
    /// Print one JSON object for each token
    #[arg(long)]
    json: bool,
    /// One token per line; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    tokens: LineSource,
}

/// The verdict on one line, as `--json` prints it. It never has any part of a signature.
#[derive(Debug, Serialize)]
struct Verdict {
    line: u64,
    valid: bool,
    reason: Option<String>,
    account_index: Option<u64>,
    api_key_index: Option<u8>,
    deadline: Option<u64>,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut lines = self.tokens.open()?;
        let mut results = Results::new();
        let verifier = TokenVerifier::new(&self.public_key.0);
        let mut number = 0;
        let mut all_valid = true;
        while let Some(line) = lines.next_line().map_err(|error| Failure::of(&self.tokens, error))? {
            number += 1;
            let verdict = self.judge(number, line, &verifier);
            all_valid &= verdict.valid;
            if self.json {
                results.json(&verdict)?;
            } else {
                results.line(verdict.reason.as_deref().unwrap_or("valid"))?;
            }
            if !lines.is_line_at_hand() {
                results.flush()?;
            }
        }
        if number == 0 {
            return Err(Failure::of(&self.tokens, "no tokens"));
        }
        if all_valid { Ok(()) } else { Err(Failure::Silent) }
    }

    fn judge(&self, number: u64, line: Line<'_>, verifier: &TokenVerifier) -> Verdict {
        let token = match parse(line) {
            Ok(token) => token,
            Err(reason) => return Verdict::unread(number, reason),
        };
        let outcome =
            if self.any_time { verifier.verify_signature(&token) } else { verifier.verify(&token, self.now.get()) };
        Verdict {
            line: number,
            valid: outcome.is_ok(),
            reason: outcome.err().map(|refusal| refusal.to_string()),
            account_index: Some(token.account_index().as_u64()),
            api_key_index: Some(token.api_key_index().as_u8()),
            deadline: Some(token.deadline().as_secs()),
        }
    }
}

impl Verdict {
    fn unread(line: u64, reason: String) -> Self {
        Self { line, valid: false, reason: Some(reason), account_index: None, api_key_index: None, deadline: None }
    }
}

fn parse(line: Line<'_>) -> Result<AuthToken<'_>, String> {
    let Line::Text(text) = line else {
        return Err("line is too long for a token".to_owned());
    };
    match Token::parse_bytes(text) {
        Ok(Token::Auth(token)) => Ok(token),
        Ok(Token::ReadOnly(_)) => Err("read-only token carries no signature".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
