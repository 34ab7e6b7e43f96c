use std::fmt;

use clap::Args;
use keyward_lighter::{Clock, UnixSeconds};
use keyward_lighter_client::ReadOnlyTokenRecord;
use serde::Serialize;

use crate::failure::Failure;
use crate::lighter::authorization::Authorization;
use crate::output::Results;
use crate::runtime::block_on;
use crate::utc::rfc3339;

/// List the read-only tokens of an account, live or not; the tokens themselves are never shown again
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter ro list --config config.json")]
pub(super) struct List {
    /// Print one JSON object for each token
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    authorization: Authorization,
}

const HEADING: &str = "ID        STATE    UNTIL                 REACH   NAME";

/// A token, as `--json` prints it; [`Display`](fmt::Display) is for people.
#[derive(Debug, Serialize)]
struct Report {
    token_id: u64,
    account_index: u64,
    name: String,
    sub_account_access: &'static str,
    expiry: u64,
    expiry_utc: Option<String>,
    state: State,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Live,
    Expired,
    Revoked,
}

impl List {
    pub(super) fn run(self) -> Result<(), Failure> {
        let authorized = self.authorization.open()?;
        let tokens = block_on(async {
            authorized.client.tokens(authorized.account, authorized.auth()).await.map_err(Failure::of_venue)
        })?;
        let now = self.authorization.now.now();
        let mut results = Results::new();
        if !self.json {
            results.line(HEADING)?;
        }
        for report in tokens.into_iter().map(|token| Report::new(token, now)) {
            if self.json { results.json(&report)? } else { results.line(report)? }
        }
        results.flush()
    }
}

impl Report {
    fn new(token: ReadOnlyTokenRecord, now: UnixSeconds) -> Self {
        Self {
            token_id: token.token_id,
            account_index: token.account_index.as_u64(),
            sub_account_access: token.sub_account_access.as_str(),
            expiry: token.expiry.as_secs(),
            expiry_utc: rfc3339(token.expiry),
            state: match (token.revoked, token.is_live(now)) {
                (true, _) => State::Revoked,
                (false, true) => State::Live,
                (false, false) => State::Expired,
            },
            name: token.name,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Live => "live",
            State::Expired => "expired",
            State::Revoked => "revoked",
        };
        let until = self.expiry_utc.clone().unwrap_or_else(|| self.expiry.to_string());
        // The name is the venue's word: escaped, it cannot do anything to a terminal.
        let (id, access, name) = (self.token_id, self.sub_account_access, &self.name);
        write!(f, "{id:<8}  {state:<7}  {until:<20}  {access:<6}  {name:?}")
    }
}
