use std::fmt;

use clap::Args;
use keyward_lighter::{AuthToken, Token, UnixSeconds, Usability};
use serde::Serialize;

use super::Now;
use crate::failure::{Failure, tell};
use crate::input::{Line, LineSource};
use crate::output::Results;
use crate::utc::rfc3339;

/// Show what tokens say and when they can be used
///
/// Reads auth tokens and `ro:` tokens, one per line. Nothing is verified, and neither the signature
/// nor the random part is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter token 5 | keyward lighter inspect")]
pub(super) struct Inspect {
    #[command(flatten)]
    now: Now,
    /// Print one JSON object for each token
    #[arg(long)]
    json: bool,
    /// One token per line; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    tokens: LineSource,
}

/// What is shown of one token, as `--json` prints it; [`Display`](fmt::Display) is for people.
#[derive(Debug, Serialize)]
struct Report {
    line: u64,
    #[serde(flatten)]
    fields: Fields,
    /// None for a read-only token, which is usable from its making on.
    usable_from: Option<Instant>,
    usable_until: Instant,
    state: State,
}

/// The fields of a token that are no secret.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Fields {
    Auth { account_index: u64, api_key_index: u8, deadline: u64 },
    ReadOnly { account_index: u64, sub_account_access: &'static str, expiry: u64 },
}

#[derive(Debug, Serialize)]
struct Instant {
    unix: u64,
    utc: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    NotYet,
    Usable,
    Expired,
}

impl Inspect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut lines = self.tokens.open()?;
        let mut results = Results::new();
        let mut number = 0;
        let mut all_read = true;
        while let Some(line) = lines.next_line().map_err(|error| Failure::of(&self.tokens, error))? {
            number += 1;
            match parse(line) {
                Ok(token) => self.show(&Report::new(number, token, self.now.get()), &mut results)?,
                Err(reason) => {
                    all_read = false;
                    tell("error", format_args!("{}: line {number}: {reason}", self.tokens));
                }
            }
            if !lines.is_line_at_hand() {
                results.flush()?;
            }
        }
        if number == 0 {
            return Err(Failure::of(&self.tokens, "no tokens"));
        }
        if all_read { Ok(()) } else { Err(Failure::Silent) }
    }

    fn show(&self, report: &Report, results: &mut Results) -> Result<(), Failure> {
        if self.json {
            return results.json(report);
        }
        if report.line > 1 {
            results.line("")?;
        }
        results.line(report)
    }
}

impl Report {
    fn new(line: u64, token: Token<'_>, now: UnixSeconds) -> Self {
        let (fields, from, until) = match token {
            Token::Auth(token) => (
                Fields::Auth {
                    account_index: token.account_index().as_u64(),
                    api_key_index: token.api_key_index().as_u8(),
                    deadline: token.deadline().as_secs(),
                },
                Some(token.deadline().saturating_sub_secs(AuthToken::MAX_LIFETIME_SECS)),
                token.deadline(),
            ),
            Token::ReadOnly(token) => (
                Fields::ReadOnly {
                    account_index: token.account_index().as_u64(),
                    sub_account_access: token.sub_account_access().as_str(),
                    expiry: token.expiry().as_secs(),
                },
                None,
                token.expiry(),
            ),
        };
        let state = match token.usability(now) {
            Usability::NotYet { .. } => State::NotYet,
            Usability::Usable { .. } => State::Usable,
            Usability::Expired { .. } => State::Expired,
        };
        Self { line, fields, usable_from: from.map(Instant::from), usable_until: until.into(), state }
    }
}

impl From<UnixSeconds> for Instant {
    fn from(instant: UnixSeconds) -> Self {
        Self { unix: instant.as_secs(), utc: rfc3339(instant) }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unix.fmt(f)?;
        self.utc.iter().try_for_each(|utc| write!(f, " ({utc})"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fields {
            Fields::Auth { account_index, api_key_index, .. } => {
                writeln!(f, "kind:           auth token")?;
                writeln!(f, "account index:  {account_index}")?;
                writeln!(f, "API key index:  {api_key_index}")?;
            }
            Fields::ReadOnly { account_index, sub_account_access, .. } => {
                writeln!(f, "kind:           read-only token")?;
                writeln!(f, "account index:  {account_index}")?;
                writeln!(f, "sub-accounts:   {sub_account_access}")?;
            }
        }
        if let Some(from) = &self.usable_from {
            writeln!(f, "usable from:    {from}")?;
        }
        writeln!(f, "usable until:   {}", self.usable_until)?;
        let state = match self.state {
            State::NotYet => "not usable yet",
            State::Usable => "usable",
            State::Expired => "expired",
        };
        write!(f, "state:          {state}")
    }
}

fn parse(line: Line<'_>) -> Result<Token<'_>, String> {
    match line {
        Line::Text(text) => Token::parse_bytes(text).map_err(|error| error.to_string()),
        Line::TooLong => Err("line is too long for a token".to_owned()),
    }
}
