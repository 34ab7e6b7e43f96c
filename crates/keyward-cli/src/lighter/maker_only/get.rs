use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::lighter::authorization::Authorization;
use crate::output::Results;
use crate::runtime::block_on;

/// List the slots of an account whose keys are maker-only, one a line
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter maker-only get --config config.json")]
pub(super) struct Get {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    authorization: Authorization,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    account_index: u64,
    api_key_indexes: Vec<u8>,
}

impl Get {
    pub(super) fn run(self) -> Result<(), Failure> {
        let authorized = self.authorization.open()?;
        let slots = block_on(async {
            let slots = authorized.client.maker_only_api_keys(authorized.account, authorized.auth()).await;
            slots.map_err(Failure::of_venue)
        })?;
        let mut results = Results::new();
        if self.json {
            let api_key_indexes = slots.iter().map(|slot| slot.as_u8()).collect();
            results.json(&Report { account_index: authorized.account.as_u64(), api_key_indexes })?;
        } else {
            slots.iter().try_for_each(|slot| results.line(slot))?;
        }
        results.flush()
    }
}
