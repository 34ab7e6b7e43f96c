use std::time::Duration;

use keyward_store::OpenError;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

/// How long the making of one connection takes at most.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// What a URL says.
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) encryption: Encryption,
}

/// Whether connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// They are, or there are none.
    Required,
    /// They are not.
    None,
}

impl Settings {
    pub(crate) fn of_url(url: &str) -> Result<Self, OpenError> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or(OpenError::BadUrl("its scheme is not postgres or postgresql"))?;
        // What the parser below says about a URL may repeat it.
        let bad =
            |_| OpenError::BadUrl("it is not of the form postgres://user:password@host:port/database?option=value");
        let mut config: Config = url.parse().map_err(bad)?;
        if config.get_hosts().is_empty() {
            return Err(OpenError::BadUrl("it has no host"));
        }
        if config.get_user().is_none() {
            return Err(OpenError::BadUrl("it has no user"));
        }
        let encryption = match (config.get_ssl_mode(), names_ssl_mode(rest)) {
            (SslMode::Require, _) => Encryption::Required,
            // The parser's default.
            (SslMode::Prefer, false) | (SslMode::Disable, _) => Encryption::None,
            _ => return Err(OpenError::BadUrl("sslmode is neither require, which encrypts and verifies, nor disable")),
        };
        if encryption == Encryption::None {
            config.ssl_mode(SslMode::Disable);
        }
        if config.get_hosts().len() > 1 || config.get_hostaddrs().len() > 1 {
            // The one that can be written to, wherever it is now.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("keyward");
        }
        config.connect_timeout(CONNECT_LIMIT);
        Ok(Self { config, encryption })
    }
}

/// Whether the options of a URL have one of this name.
fn names_ssl_mode(url: &str) -> bool {
    let options = url.split_once('?').map_or("", |(_, options)| options);
    options.split('&').any(|option| option.split('=').next() == Some("sslmode"))
}
