//! The way to the servers, with a bound on every wait.

use std::fmt;
use std::sync::Arc;

use keyward_store::{OpenError, StoreError};
use redis::{Cmd, FromRedisValue};

use crate::address::{Address, Topology};
use crate::cluster::Cluster;
use crate::fault::{Access, Fault};
use crate::scripts::Call;
use crate::server::{CONNECT, Entry, Failure, Request, Server, read};
use crate::slots::slot_of;

pub(crate) enum Connection {
    Single(Arc<Server>),
    Cluster(Box<Cluster>),
}

impl Connection {
    pub(crate) async fn open(address: &Address) -> Result<Self, OpenError> {
        let greeting = Arc::new(address.greeting()?);
        match address.topology {
            Topology::Single => {
                let endpoint = address.endpoints().next().ok_or(OpenError::BadUrl("no server"))?;
                Ok(Self::Single(Arc::new(Server::new(endpoint, greeting))))
            }
            Topology::Cluster => match Cluster::open(address.endpoints(), greeting).await {
                Ok(cluster) => Ok(Self::Cluster(Box::new(cluster))),
                Err(Fault::Refused(code)) if code == "ERR" => {
                    Err(OpenError::BadUrl("a server does not know CLUSTER SLOTS (is it of no cluster? then redis://)"))
                }
                Err(fault) => Err(fault.into()),
            },
        }
    }

    /// Sends a command on one key, its first argument.
    pub(crate) async fn send<T: FromRedisValue>(&self, access: Access, command: &Cmd) -> Result<T, StoreError> {
        let key = match command.args_iter().nth(1) {
            Some(redis::Arg::Simple(key)) => key,
            _ => &[],
        };
        self.request(access, Request::Command(command), key).await
    }

    /// Runs a script.
    pub(crate) async fn run<T: FromRedisValue>(&self, access: Access, call: &Call<'_>) -> Result<T, StoreError> {
        self.request(access, Request::Script(call), call.first_key().as_bytes()).await
    }

    async fn request<T: FromRedisValue>(
        &self,
        access: Access,
        request: Request<'_>,
        key: &[u8],
    ) -> Result<T, StoreError> {
        let answer = match self {
            Self::Single(server) => server.answer(request, Entry::Owner, CONNECT).await.map_err(Failure::here),
            Self::Cluster(cluster) => cluster.answer(request, slot_of(key)).await,
        };
        answer.and_then(read).map_err(|fault| fault.into_store_error(access))
    }

    /// The servers that take writes, each with its own data.
    pub(crate) async fn masters(&self) -> Result<Vec<Arc<Server>>, Fault> {
        match self {
            Self::Single(server) => Ok(vec![server.clone()]),
            Self::Cluster(cluster) => cluster.masters().await,
        }
    }
}

/// Not where the servers are.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Single",
            Self::Cluster(_) => "Cluster",
        })
    }
}
