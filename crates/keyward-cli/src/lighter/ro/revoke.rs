use clap::Args;

use crate::failure::{Failure, tell};
use crate::lighter::authorization::Authorization;
use crate::runtime::block_on;

/// Revoke a read-only token: it is dead at once
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter ro revoke 1 --config config.json")]
pub(super) struct Revoke {
    /// The token's number, as `list` shows it
    #[arg(value_name = "ID")]
    token_id: u64,
    #[command(flatten)]
    authorization: Authorization,
}

impl Revoke {
    pub(super) fn run(self) -> Result<(), Failure> {
        let authorized = self.authorization.open()?;
        block_on(async {
            let revoked = authorized.client.revoke_token(authorized.account, self.token_id, authorized.auth()).await;
            revoked.map_err(|error| Failure::of(format_args!("read-only token {}", self.token_id), error))
        })?;
        tell(
            format_args!("account {}", authorized.account),
            format_args!("read-only token {} is revoked", self.token_id),
        );
        Ok(())
    }
}
