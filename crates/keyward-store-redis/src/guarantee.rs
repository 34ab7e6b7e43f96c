//! What the servers are asked to keep, and whether they are set up for it.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use futures_util::future::try_join_all;
use keyward_ledger::UnknownName;
use keyward_store::{Durability, OpenError};

use crate::address::Topology;
use crate::connection::Connection;
use crate::server::Server;

/// What a server must not lose: `?durability=` in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Guarantee {
    /// Nothing that was acknowledged, whatever crashes: `appendonly yes`, `appendfsync always`, and no replica that could
    /// take over without the newest writes.
    Synced,
    /// Up to what was acknowledged in the last moments before a crash or a fail-over: `appendonly yes`, and replicas may be
    /// there.
    Asynchronous,
    /// All of it.
    Volatile,
}

impl Guarantee {
    const ALL: [Self; 3] = [Self::Synced, Self::Asynchronous, Self::Volatile];

    /// Its name: `synced`, `asynchronous` or `volatile`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Asynchronous => "asynchronous",
            Self::Volatile => "volatile",
        }
    }

    pub(crate) const fn durability(self) -> Durability {
        match self {
            Self::Synced | Self::Asynchronous => Durability::AsConfigured,
            Self::Volatile => Durability::Volatile,
        }
    }

    /// Whether every server that takes writes is set up for it, and is what the URL says that it is.
    pub(crate) async fn check(self, connection: &Connection, topology: Topology) -> Result<(), OpenError> {
        let masters = connection.masters().await?;
        try_join_all(masters.iter().map(|master| self.check_master(master, topology))).await?;
        Ok(())
    }

    async fn check_master(self, master: &Server, topology: Topology) -> Result<(), OpenError> {
        let info = Info(master.query(&redis::cmd("INFO")).await?);
        let is_cluster = info.value("cluster_enabled") == Some("1");
        if is_cluster != (topology == Topology::Cluster) {
            return Err(OpenError::BadUrl(if is_cluster {
                "the server is of a cluster: redis+cluster:// with all its nodes"
            } else {
                "the server is of no cluster: redis://"
            }));
        }
        if info.value("role") != Some("master") {
            return Err(OpenError::NotDurable("the server is a replica, whose master may lose sight of it"));
        }
        let setting = async |name| setting(master, name).await;
        // Whoever evicts keys forgets which money was spent already.
        match (setting("maxmemory-policy").await?.as_deref(), self) {
            (Some("noeviction"), _) | (None, Self::Volatile) => {}
            (Some(_), _) => return Err(OpenError::NotDurable("maxmemory-policy is not noeviction")),
            (None, _) => return Err(OpenError::NotDurable("its settings cannot be read (CONFIG GET)")),
        }
        if self == Self::Volatile {
            return Ok(());
        }
        if setting("appendonly").await?.as_deref() != Some("yes") {
            return Err(OpenError::NotDurable("appendonly is not yes (?durability=volatile to go on)"));
        }
        if info.value("loading") != Some("0") || info.value("aof_last_write_status") != Some("ok") {
            return Err(OpenError::NotDurable("it is loading its data, or cannot write its append-only file"));
        }
        if self == Self::Asynchronous {
            return Ok(());
        }
        if setting("appendfsync").await?.as_deref() != Some("always") {
            return Err(OpenError::NotDurable("appendfsync is not always (?durability=asynchronous to go on)"));
        }
        if setting("no-appendfsync-on-rewrite").await?.as_deref() == Some("yes") {
            return Err(OpenError::NotDurable("no-appendfsync-on-rewrite is yes (?durability=asynchronous to go on)"));
        }
        if info.value("connected_slaves") != Some("0") {
            return Err(OpenError::NotDurable(
                "a replica could take over without the newest writes (?durability=asynchronous to go on)",
            ));
        }
        Ok(())
    }
}

/// A setting of a server; `None` if it does not tell.
async fn setting(server: &Server, name: &str) -> Result<Option<String>, OpenError> {
    let mut command = redis::cmd("CONFIG");
    command.arg("GET").arg(name);
    match server.query::<HashMap<String, String>>(&command).await {
        Ok(mut settings) => Ok(settings.remove(name)),
        // Not allowed, or renamed away.
        Err(fault) if fault.is_refusal() => Ok(None),
        Err(fault) => Err(OpenError::Unreachable(fault.into())),
    }
}

/// What a server says of itself.
struct Info(String);

impl Info {
    fn value(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Guarantee {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|guarantee| guarantee.as_str() == text).ok_or(UnknownName)
    }
}
