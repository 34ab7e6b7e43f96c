use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{Clock, Days, ReadOnlyToken, SubAccountAccess, UnixSeconds};
use keyward_lighter_client::NewReadOnlyToken;

use crate::failure::{Failure, tell};
use crate::lighter::authorization::Authorization;
use crate::output::print;
use crate::runtime::block_on;
use crate::secret_file::{Existing, SecretFile};
use crate::utc::Shown;

const SECS_PER_DAY: u64 = 24 * 60 * 60;

/// Make a read-only token; print it, this one time
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter ro create --name dashboard --days 90 --output ro-token.txt")]
pub(super) struct Create {
    /// A name to know it by: 1 to 50 letters, digits, spaces, hyphens, underscores and periods
    #[arg(long, value_name = "NAME")]
    name: String,
    /// For how many days from now, 1 to 3650
    #[arg(long, value_name = "N", required_unless_present = "expires_at", conflicts_with = "expires_at")]
    days: Option<Days>,
    /// When it expires (seconds since 1970)
    #[arg(long, value_name = "UNIX")]
    expires_at: Option<UnixSeconds>,
    /// Let it read the data of the account's sub-accounts too
    #[arg(long)]
    sub_accounts: bool,
    /// Write it to this new file of mode 0600 in place of printing it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    authorization: Authorization,
}

impl Create {
    pub(super) fn run(self) -> Result<(), Failure> {
        let expiry = self.expiry()?;
        let authorized = self.authorization.open()?;
        let file = self.output.as_ref().map(|path| {
            let file =
                SecretFile::create(path, Existing::Refuse).map_err(|error| Failure::of(path.display(), error))?;
            Ok::<_, Failure>((path, file))
        });
        let file = file.transpose()?;
        let issued = block_on(async {
            let token = NewReadOnlyToken {
                account_index: authorized.account,
                name: &self.name,
                expiry,
                sub_account_access: if self.sub_accounts { SubAccountAccess::All } else { SubAccountAccess::Single },
            };
            authorized.client.create_token(token, authorized.auth()).await.map_err(Failure::of_venue)
        })?;
        let told = format!("read-only token {}, until {}", issued.record().token_id, Shown(issued.record().expiry));
        let written = match file {
            None => print(issued.expose_secret()),
            Some((path, mut file)) => file
                .write_all(issued.expose_secret().as_bytes())
                .and_then(|()| file.write_all(b"\n"))
                .and_then(|()| file.commit())
                .map_err(|error| Failure::of(path.display(), error)),
        };
        // Also if it is lost: this is the number to revoke it by.
        tell(format_args!("account {}", authorized.account), told);
        written
    }

    fn expiry(&self) -> Result<UnixSeconds, Failure> {
        let now = self.authorization.now.now();
        let days = |days: Days| now.saturating_add_secs(u64::from(days.as_u16()) * SECS_PER_DAY);
        let expiry = self.expires_at.or(self.days.map(days)).expect("one of the two is required");
        let option = if self.days.is_some() { "--days" } else { "--expires-at" };
        let checked = ReadOnlyToken::check_expiry(expiry, now);
        checked.map_err(|error| Failure::Usage(format!("{option}: {error}")))?;
        Ok(expiry)
    }
}
