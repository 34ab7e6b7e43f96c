use std::path::PathBuf;

use clap::Args;
use keyward_lighter::Config;

use super::registering::{Registering, Slot};
use crate::failure::Failure;
use crate::runtime::block_on;

/// Register new keys in place of those in a config
///
/// The auth tokens made with the old keys are dead at once; read-only tokens live on: the live ones are
/// told. A run that was cut is ended by the next one, without a second rotation.
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 1 if any account has failed; the others are done.

Example:
  keyward lighter rotate config.json --eth-key-file eth-key.txt")]
pub(super) struct Rotate {
    /// The accounts, their slots and their venue
    #[arg(value_name = "CONFIG", default_value = "config.json")]
    config: PathBuf,
    #[command(flatten)]
    registering: Registering,
}

impl Rotate {
    pub(super) fn run(self) -> Result<(), Failure> {
        let owner = self.registering.owner.key()?;
        let (files, config) = self.registering.open(&self.config)?;
        let config = config.ok_or_else(|| Failure::of(self.config.display(), "no such file: setup makes one"))?;
        let slots = self.slots(&config)?;
        let client = self.registering.client(files.base_url())?;
        block_on(async {
            let address = owner.address();
            let owned = client.accounts_by_l1_address(&address).await;
            let owned = owned.map_err(|error| Failure::of(format_args!("accounts of {address}"), error))?;
            if let Some(foreign) = slots.iter().find(|slot| owned.iter().all(|account| account.index != slot.0)) {
                return Err(Failure::of(foreign, "the account belongs to another Ethereum key; --account selects"));
            }
            self.registering.register_all(&client, files, &slots, &owner).await
        })
    }

    /// Those of the config, each once.
    fn slots(&self, config: &Config) -> Result<Vec<Slot>, Failure> {
        let mut slots = Vec::new();
        for signer in config.signers() {
            let slot = Slot(signer.account_index(), signer.api_key_index());
            let accounts = &self.registering.accounts;
            if !slots.contains(&slot) && (accounts.is_empty() || accounts.contains(&slot.0)) {
                self.registering.check_slot(slot.1).map_err(|refusal| Failure::of(self.config.display(), refusal))?;
                slots.push(slot);
            }
        }
        match self.registering.accounts.iter().find(|account| slots.iter().all(|slot| slot.0 != **account)) {
            Some(absent) => Err(Failure::of(self.config.display(), format_args!("account {absent} is not in it"))),
            None => Ok(slots),
        }
    }
}
