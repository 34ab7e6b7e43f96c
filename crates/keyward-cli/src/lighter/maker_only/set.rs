use clap::Args;
use keyward_lighter::ApiKeyIndex;

use crate::failure::{Failure, tell};
use crate::lighter::authorization::Authorization;
use crate::runtime::block_on;

/// Make the keys in these slots the maker-only ones, and no others
///
/// The venue takes one change an hour.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter maker-only set 4 5 --config config.json")]
pub(super) struct Set {
    /// The slots, 4 to 254
    #[arg(value_name = "SLOT", required_unless_present = "none")]
    slots: Vec<ApiKeyIndex>,
    /// No key is maker-only any more
    #[arg(long, conflicts_with = "slots")]
    none: bool,
    #[command(flatten)]
    authorization: Authorization,
}

impl Set {
    pub(super) fn run(self) -> Result<(), Failure> {
        let authorized = self.authorization.open()?;
        block_on(async {
            let set =
                authorized.client.set_maker_only_api_keys(authorized.account, &self.slots, authorized.auth()).await;
            set.map_err(Failure::of_venue)
        })?;
        let told = if self.none { "no key is maker-only" } else { "the maker-only keys are set" };
        tell(format_args!("account {}", authorized.account), told);
        Ok(())
    }
}
