use clap::Args;
use keyward_lighter::{AccountIndex, ApiKeyIndex};

use super::registering::Slot;
use super::venue::VenueOfConfig;
use crate::failure::Failure;
use crate::output::print;
use crate::runtime::block_on;

/// Print the nonce that the next transaction of an API key must carry
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter nonce 5 253")]
pub(super) struct Nonce {
    /// The account index
    account: AccountIndex,
    /// The slot of the key, 0 to 254
    #[arg(value_name = "SLOT", default_value_t = ApiKeyIndex::READ_ONLY_AUTH)]
    api_key_index: ApiKeyIndex,
    #[command(flatten)]
    venue: VenueOfConfig,
}

impl Nonce {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = self.venue.client()?;
        let slot = Slot(self.account, self.api_key_index);
        let next =
            block_on(async { client.next_nonce(slot.0, slot.1).await.map_err(|error| Failure::of(slot, error)) })?;
        match next.next() {
            Some(nonce) => print(nonce),
            None => Err(Failure::of(slot, "all its nonces are used")),
        }
    }
}
