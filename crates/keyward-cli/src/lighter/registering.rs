//! What `setup`, `rotate` and `check` have in common: one new key after the other.

use std::fmt;
use std::path::Path;

use clap::Args;
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, ChainId, Clock, Config, EthereumAddress, EthereumKey, public_key_text,
};
use keyward_lighter_client::{Account, Client, ReadOnlyTokenRecord, Registered, Registration};
use serde::Serialize;

use super::Now;
use super::authorization::short_lived_token;
use super::key_files::KeyFiles;
use super::venue::{Owner, Venue};
use crate::failure::{Failure, tell};
use crate::output::Results;
use crate::utc::Shown;

/// The slots below are those of the venue's own desktop and mobile interfaces.
const FIRST_FREE_SLOT: u8 = 4;

/// How new keys are registered.
#[derive(Debug, Args)]
pub(super) struct Registering {
    #[command(flatten)]
    pub(super) venue: Venue,
    #[command(flatten)]
    pub(super) owner: Owner,
    /// Only this account; may be given more than once
    #[arg(long = "account", value_name = "N")]
    pub(super) accounts: Vec<AccountIndex>,
    /// The chain that transactions are signed for, if not the one that belongs to the address
    #[arg(long, value_name = "ID")]
    chain_id: Option<ChainId>,
    /// Take slots 0 to 3 too, which the venue's own desktop and mobile interfaces use
    #[arg(long)]
    force: bool,
    /// Print one JSON object for each key
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    now: Now,
}

/// A slot of an account, as messages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(pub(super) AccountIndex, pub(super) ApiKeyIndex);

/// A new key, as `--json` prints it; [`Display`](fmt::Display) is for people.
#[derive(Debug, Serialize)]
struct Report {
    account_index: u64,
    api_key_index: u8,
    public_key: String,
    replaces_key: bool,
}

impl Registering {
    pub(super) fn check_slot(&self, slot: ApiKeyIndex) -> Result<(), String> {
        if slot.as_u8() >= FIRST_FREE_SLOT || self.force {
            return Ok(());
        }
        Err(format!("slot {slot} is one of the venue's own interfaces; --force takes it all the same"))
    }

    pub(super) fn open(&self, config: &Path) -> Result<(KeyFiles, Option<Config>), Failure> {
        KeyFiles::open(config, &self.venue, &self.now)
    }

    pub(super) fn client(&self, base_url: &str) -> Result<Client, Failure> {
        self.venue.client(base_url, self.chain_id)
    }

    pub(super) fn registration<'a>(&'a self, client: &'a Client, files: KeyFiles) -> Registration<'a, KeyFiles> {
        Registration::new(client, files).patience(self.venue.timeout()).clock(&self.now)
    }

    /// The accounts to do: all that `owner` has, or those that were named of them.
    pub(super) fn choose(&self, owner: &EthereumAddress, owned: &[Account]) -> Result<Vec<AccountIndex>, Failure> {
        if owned.is_empty() {
            return Err(Failure::of(format_args!("accounts of {owner}"), "there are none"));
        }
        let owned: Vec<_> = owned.iter().map(|account| account.index).collect();
        let foreign = self.accounts.iter().find(|account| !owned.contains(account));
        match foreign {
            Some(account) => Err(Failure::of(format_args!("account {account}"), "belongs to another Ethereum key")),
            None if self.accounts.is_empty() => Ok(owned),
            None => Ok(self.accounts.clone()),
        }
    }

    /// Registers a key for each of `slots`. One that fails is told, and does not keep the others from theirs.
    pub(super) async fn register_all(
        &self,
        client: &Client,
        files: KeyFiles,
        slots: &[Slot],
        owner: &EthereumKey,
    ) -> Result<(), Failure> {
        let mut registration = self.registration(client, files);
        settle(&mut registration, slots, client, &self.now).await?;
        let mut results = Results::new();
        let mut all_good = true;
        for slot in begin(registration.keys(), slots)? {
            match registration.register(slot.0, slot.1, owner).await {
                Ok(registered) => {
                    print(&mut results, Report::new(slot, registered), self.json)?;
                    warn_of_survivors(slot, registered, registration.keys(), client, &self.now).await;
                }
                Err(error) => {
                    tell("error", format_args!("{slot}: {error}"));
                    all_good = false;
                }
            }
        }
        tell_pending(registration.keys())?;
        if all_good { Ok(()) } else { Err(Failure::Silent) }
    }
}

/// Makes the pending keys of a run, or finds out what an earlier run that was cut has left to do of `slots`: a
/// slot that it has done gets no further key.
fn begin(files: &KeyFiles, slots: &[Slot]) -> Result<Vec<Slot>, Failure> {
    let mut begun = files.pending_slots()?;
    begun.retain(|slot| slots.contains(slot));
    if begun.is_empty() {
        files.begin(slots)?;
        return Ok(slots.to_vec());
    }
    let in_config = files.config_slots()?;
    let (done, left): (Vec<Slot>, Vec<Slot>) =
        slots.iter().partition(|slot| in_config.contains(slot) && !begun.contains(slot));
    for slot in &left {
        if begun.contains(slot) {
            tell(slot, "going on with the key of an earlier run");
        }
    }
    for slot in done {
        // Naming it makes a run of its own, also where the earlier one can never be ended.
        tell(slot, format_args!("keeps its key, as an earlier run is being ended; --account {} replaces it", slot.0));
    }
    let new: Vec<Slot> = left.iter().copied().filter(|slot| !begun.contains(slot)).collect();
    files.begin(&new)?;
    Ok(left)
}

/// Finishes the pending keys that the venue has by now, but for those in `except`.
pub(super) async fn settle(
    registration: &mut Registration<'_, KeyFiles>,
    except: &[Slot],
    client: &Client,
    clock: &impl Clock,
) -> Result<(), Failure> {
    for slot in registration.keys().pending_slots()? {
        if except.contains(&slot) {
            continue;
        }
        match registration.settle(slot.0, slot.1).await {
            Ok(Some(registered)) => {
                tell(slot, "the key of an earlier run is registered, and now in the config");
                warn_of_survivors(slot, registered, registration.keys(), client, clock).await;
            }
            Ok(None) => {}
            Err(error) => tell("warning", format_args!("{slot}: {error}")),
        }
    }
    Ok(())
}

/// Says which keys are still on their way.
pub(super) fn tell_pending(files: &KeyFiles) -> Result<(), Failure> {
    for slot in files.pending_slots()? {
        tell(
            "warning",
            format_args!(
                "{slot}: its new key is in {}: it may be registered already or still be; the same command again goes \
                 on with it",
                files.pending_path().display()
            ),
        );
    }
    Ok(())
}

/// Auth tokens die with their key, read-only tokens made with them do not.
async fn warn_of_survivors(slot: Slot, registered: Registered, files: &KeyFiles, client: &Client, clock: &impl Clock) {
    if !registered.replaces_key {
        return;
    }
    match read_only_tokens(slot, files, client, clock).await {
        Ok(tokens) => tokens.iter().for_each(|token| {
            let expiry = Shown(token.expiry);
            tell(
                "warning",
                format_args!(
                    "account {}: read-only token {} ({}) outlives the old key, until {expiry}: \
                     keyward lighter ro revoke ends it",
                    slot.0, token.token_id, token.name
                ),
            );
        }),
        Err(error) => {
            tell(
                "warning",
                format_args!("account {}: it is not known which read-only tokens outlive the old key: {error}", slot.0),
            );
        }
    }
}

async fn read_only_tokens(
    slot: Slot,
    files: &KeyFiles,
    client: &Client,
    clock: &impl Clock,
) -> Result<Vec<ReadOnlyTokenRecord>, Failure> {
    let token = short_lived_token(&files.signer(slot)?, clock)?;
    let mut tokens = client.tokens(slot.0, &token).await.map_err(Failure::of_venue)?;
    tokens.retain(|token| token.is_live(clock.now()));
    Ok(tokens)
}

fn print(results: &mut Results, report: Report, json: bool) -> Result<(), Failure> {
    if json {
        results.json(&report)?
    } else {
        results.line(report)?
    }
    // The next one takes its time.
    results.flush()
}

impl Report {
    fn new(Slot(account, api_key): Slot, registered: Registered) -> Self {
        Self {
            account_index: account.as_u64(),
            api_key_index: api_key.as_u8(),
            public_key: public_key_text(&registered.public_key),
            replaces_key: registered.replaces_key,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {}, API key {}: {}", self.account_index, self.api_key_index, self.public_key)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {}, API key {}", self.0, self.1)
    }
}
