use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keyward_ledger::AccountId;
use keyward_store::{Capabilities, Ledger, OpenError, Sharing};
use quick_cache::sync::Cache;
use tokio::time::timeout;

use crate::address::Address;
use crate::connection::Connection;
use crate::fault::Fault;
use crate::names::{Names, Tag};
use crate::{Guarantee, schema};

/// How long opening may take.
const OPENING: Duration = Duration::from_secs(20);
/// How many roots and accounts are remembered, each for a round trip.
const REMEMBERED: usize = 10_000;

/// A store in Redis: on one server, or on a cluster.
///
/// It may be open in any number of processes at the same time; a process needs it once, and shares it among its tasks.
pub struct RedisStore {
    pub(crate) connection: Connection,
    pub(crate) names: Names,
    pub(crate) guarantee: Guarantee,
    /// The fence of each tag as last heard; 0 is the guess for all others.
    pub(crate) fences: Cache<Tag, u64>,
    /// The accounts above an account, upward. They never change.
    pub(crate) paths: Cache<AccountId, Arc<[AccountId]>>,
}

impl RedisStore {
    /// Opens the store at `url`: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or
    /// `redis+cluster://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT],…` with some or all nodes of a cluster; with TLS `rediss://` and
    /// `rediss+cluster://`. User and password are percent-encoded. Options come after a `?`, with `&` between them:
    ///
    /// - `durability=synced` (what holds without it), `asynchronous` or `volatile`: see [`Guarantee`]
    /// - `prefix=kw`: how all keys of the store begin, 1 to 32 of `a` to `z`, `0` to `9`, `-` and `_`
    ///
    /// It takes at most 20 seconds, and has to be called within a tokio runtime.
    ///
    /// # Errors
    /// - [`OpenError::BadUrl`]: the URL has another form, or names a node of a cluster as a single server or the other way round
    /// - [`OpenError::Unreachable`]: no server answers in time, it refuses the password, or its certificate is not trusted
    /// - [`OpenError::NotDurable`]: a server is not set up for the durability that is asked for
    /// - [`OpenError::WrongVersion`], [`OpenError::Corrupt`]: what is there was written by another version, or by something else
    /// - [`OpenError::Backend`]: a server refuses a command, or the machine's trusted authorities cannot be read
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let address = Address::parse(url)?;
        let late = || Fault::NotConnected("not ready in time".to_owned()).into();
        timeout(OPENING, Self::open_at(address)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn open_at(address: Address) -> Result<Self, OpenError> {
        let connection = Connection::open(&address).await?;
        address.guarantee.check(&connection, address.topology).await?;
        let names = Names::new(address.prefix);
        schema::prepare(&connection, &names).await?;
        Ok(Self {
            connection,
            names,
            guarantee: address.guarantee,
            fences: Cache::new(REMEMBERED),
            paths: Cache::new(REMEMBERED),
        })
    }

    pub(crate) fn fence_of(&self, tag: Tag) -> u64 {
        self.fences.get(&tag).unwrap_or(0)
    }

    pub(crate) const fn promises(&self) -> Capabilities {
        Capabilities::new(self.guarantee.durability(), Sharing::Shared, Ledger::Kept)
    }
}

/// Not where the servers are.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("guarantee", &self.guarantee).finish_non_exhaustive()
    }
}
