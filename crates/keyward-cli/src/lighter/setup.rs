use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{AccountIndex, ApiKeyIndex, EthereumAddress, public_key_text};
use keyward_lighter_client::{Client, OnChain};
use serde::Serialize;

use super::key_files::KeyFiles;
use super::registering::{Registering, Slot};
use crate::failure::{Failure, tell};
use crate::output::Results;
use crate::runtime::block_on;

/// Register a new key for each account of an Ethereum key, and write them to a config
///
/// A new key is kept in a file beside the config before anything is sent. A run that was cut, at whatever
/// point, is ended by the next one: with the same keys, and without a second rotation.
#[derive(Debug, Args)]
#[command(after_help = "\
An account that has a key in this slot loses it, and all auth tokens made with it. Read-only tokens live on: the live \
ones are told.

The config gets an entry for each account, or a new key in the entry of the account and slot; the rest of it stays as \
it is. It has mode 0600 and is replaced atomically. The exit code is 1 if any account has failed; the others are done.

Accounts whose owner is a contract, such as a wallet of several signers: --l1-calldata prints the input of the call \
of the venue's contract that registers the key; once it is executed, `keyward lighter check` puts the key into the \
config.

Example:
  keyward lighter setup config.json --eth-key-file eth-key.txt")]
pub(super) struct Setup {
    /// Where the keys go; its venue is the one to use
    #[arg(value_name = "CONFIG", default_value = "config.json")]
    config: PathBuf,
    /// The slot that gets the key, 0 to 254
    #[arg(long, value_name = "I", default_value_t = ApiKeyIndex::READ_ONLY_AUTH)]
    api_key_index: ApiKeyIndex,
    /// Print the input of the contract's changePubKey(uint48,uint8,bytes) for each account, and send nothing
    #[arg(long, conflicts_with = "eth_key_file")]
    l1_calldata: bool,
    /// The owner of the accounts, in place of its key
    #[arg(long, value_name = "ADDRESS", requires = "l1_calldata")]
    l1_address: Option<EthereumAddress>,
    #[command(flatten)]
    registering: Registering,
}

/// A call that registers a key, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Call {
    account_index: u64,
    api_key_index: u8,
    public_key: String,
    contract_address: String,
    calldata: String,
}

impl Setup {
    pub(super) fn run(self) -> Result<(), Failure> {
        let slot = self.registering.check_slot(self.api_key_index);
        slot.map_err(|refusal| Failure::Usage(format!("--api-key-index: {refusal}")))?;
        if self.l1_calldata { self.prepare_calls() } else { self.register() }
    }

    fn register(&self) -> Result<(), Failure> {
        let owner = self.registering.owner.key()?;
        let (files, _) = self.registering.open(&self.config)?;
        let client = self.registering.client(files.base_url())?;
        block_on(async {
            let accounts = self.accounts_of(&client, &owner.address()).await?;
            let slots = self.slots(accounts);
            self.registering.register_all(&client, files, &slots, &owner).await
        })
    }

    fn prepare_calls(&self) -> Result<(), Failure> {
        if self.l1_address.is_none() && self.registering.accounts.is_empty() {
            return Err(Failure::Usage("--l1-calldata: give --account or --l1-address too".to_owned()));
        }
        let (files, _) = self.registering.open(&self.config)?;
        let client = self.registering.client(files.base_url())?;
        block_on(async {
            let accounts = match &self.l1_address {
                Some(address) => self.accounts_of(&client, address).await?,
                None => self.registering.accounts.clone(),
            };
            self.print_calls(&client, files, &self.slots(accounts)).await
        })
    }

    async fn print_calls(&self, client: &Client, files: KeyFiles, slots: &[Slot]) -> Result<(), Failure> {
        let contract_address = client.contract_address().await.map_err(Failure::of_venue)?;
        let mut registration = self.registering.registration(client, files);
        let mut results = Results::new();
        let mut all_good = true;
        for &slot in slots {
            match registration.prepare_on_chain(slot.0, slot.1).await {
                Ok(OnChain::Registered(_)) => tell(slot, "the key is registered, and now in the config"),
                Ok(OnChain::Pending { public_key, calldata }) => {
                    tell(slot, format_args!("to be sent to the contract {contract_address}"));
                    let calldata = hex_text(&calldata);
                    if self.registering.json {
                        results.json(&Call {
                            account_index: slot.0.as_u64(),
                            api_key_index: slot.1.as_u8(),
                            public_key: public_key_text(&public_key),
                            contract_address: contract_address.to_string(),
                            calldata,
                        })?;
                    } else {
                        results.line(calldata)?;
                    }
                    results.flush()?;
                }
                Err(error) => {
                    tell("error", format_args!("{slot}: {error}"));
                    all_good = false;
                }
            }
        }
        if all_good { Ok(()) } else { Err(Failure::Silent) }
    }

    async fn accounts_of(&self, client: &Client, address: &EthereumAddress) -> Result<Vec<AccountIndex>, Failure> {
        let owned = client.accounts_by_l1_address(address).await;
        let owned = owned.map_err(|error| Failure::of(format_args!("accounts of {address}"), error))?;
        self.registering.choose(address, &owned)
    }

    /// Each once: a second time would be a second rotation.
    fn slots(&self, mut accounts: Vec<AccountIndex>) -> Vec<Slot> {
        accounts.sort_unstable();
        accounts.dedup();
        accounts.into_iter().map(|account| Slot(account, self.api_key_index)).collect()
    }
}

fn hex_text(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}
