//! The way to the servers, with a bound on every wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyward_store::{OpenError, StoreError};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, PushInfo, PushKind, RedisFuture, ScriptInvocation,
    Value,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::address::{Address, Topology};
use crate::fault::{Access, Fault};

/// How long a server may take to be connected to.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a cluster may take for an answer, redirections and a fail-over included.
const CLUSTER_ANSWER: Duration = Duration::from_secs(8);
/// How long opening may wait for a connection, and a command behind others that wait for the same one.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a cluster's client follows a redirection or tries again, with these pauses.
const RETRIES: u32 = 8;
const PAUSE_MILLIS: (u64, u64) = (20, 500);

#[derive(Debug)]
pub(crate) struct Connection(Way);

enum Way {
    Single(Single),
    Cluster(ClusterConnection),
}

/// A server with its own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Only,
    OfCluster { host: String, port: u16 },
}

impl Connection {
    pub(crate) async fn open(address: &Address) -> Result<Self, OpenError> {
        let infos = address.connection_infos().map_err(|error| Fault::not_connected(&error))?;
        let opening = async {
            match address.topology {
                Topology::Single => Single::open(infos).await.map(Way::Single),
                Topology::Cluster => open_cluster(infos).await.map(Way::Cluster),
            }
        };
        match timeout(PATIENCE, opening).await {
            Ok(way) => Ok(Self(way?)),
            Err(_) => Err(Fault::NotConnected("no connection in time".to_owned()).into()),
        }
    }

    /// Sends a command.
    pub(crate) async fn send<T: FromRedisValue>(&self, access: Access, command: &Cmd) -> Result<T, StoreError> {
        let answer = async {
            let mut live = self.live().await?;
            let answer = command.query_async(&mut live).await;
            live.judge(answer)
        };
        answer.await.map_err(|fault| fault.into_store_error(access))
    }

    /// Runs a script, by its digest if the server has it.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        access: Access,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let answer = async {
            let mut live = self.live().await?;
            let answer = script.invoke_async(&mut live).await;
            live.judge(answer)
        };
        answer.await.map_err(|fault| fault.into_store_error(access))
    }

    /// The servers that take writes.
    pub(crate) async fn masters(&self) -> Result<Vec<Node>, Fault> {
        let Way::Cluster(cluster) = &self.0 else { return Ok(vec![Node::Only]) };
        let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let answer = cluster.clone().route_command(redis::cmd("PING"), everywhere).await;
        let answers = match answer.map_err(|error| Fault::new(&error))? {
            Value::Map(answers) => answers,
            _ => Vec::new(),
        };
        let nodes: Option<Vec<_>> = answers.into_iter().map(|(address, _)| node(address)).collect();
        match nodes {
            Some(nodes) if !nodes.is_empty() => Ok(nodes),
            _ => Err(Fault::Lost("the cluster does not tell its nodes".to_owned())),
        }
    }

    /// What a server says of itself.
    pub(crate) async fn info(&self, node: &Node) -> Result<String, Fault> {
        self.on(node, &redis::cmd("INFO")).await
    }

    /// Sends a command to one server.
    pub(crate) async fn on<T: FromRedisValue>(&self, node: &Node, command: &Cmd) -> Result<T, Fault> {
        let answer = match (node, &self.0) {
            (Node::OfCluster { host, port }, Way::Cluster(cluster)) => {
                let there = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                let answer = cluster.clone().route_command(command.clone(), RoutingInfo::SingleNode(there)).await;
                answer.and_then(|value| Ok(T::from_redis_value(value.extract_error()?)?))
            }
            _ => {
                let mut live = self.live().await?;
                let answer = command.query_async(&mut live).await;
                return live.judge(answer);
            }
        };
        answer.map_err(|error| Fault::new(&error))
    }

    async fn live(&self) -> Result<Live, Fault> {
        match &self.0 {
            Way::Single(single) => single.live().await.map(Live::Single),
            Way::Cluster(cluster) => Ok(Live::Cluster(cluster.clone())),
        }
    }
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Single",
            Self::Cluster(_) => "Cluster",
        })
    }
}

fn node(address: Value) -> Option<Node> {
    let address = String::from_redis_value(address).ok()?;
    let (host, port) = address.rsplit_once(':')?;
    Some(Node::OfCluster { host: host.to_owned(), port: port.parse().ok()? })
}

async fn open_cluster(infos: Vec<redis::ConnectionInfo>) -> Result<ClusterConnection, Fault> {
    let client = ClusterClient::builder(infos)
        .retries(RETRIES)
        .min_retry_wait(PAUSE_MILLIS.0)
        .max_retry_wait(PAUSE_MILLIS.1)
        .connection_timeout(CONNECT)
        .response_timeout(ANSWER)
        .overall_response_timeout(Some(CLUSTER_ANSWER))
        .build()
        .map_err(|error| Fault::not_connected(&error))?;
    client.get_async_connection().await.map_err(|error| Fault::not_connected(&error))
}

/// The connection to a single server, made anew when it was lost. It sends nothing twice.
struct Single {
    client: Client,
    held: Mutex<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    connection: MultiplexedConnection,
    is_lost: Arc<AtomicBool>,
}

impl Single {
    async fn open(infos: Vec<redis::ConnectionInfo>) -> Result<Self, Fault> {
        let info = infos.into_iter().next().ok_or(Fault::NotConnected("no server".to_owned()))?;
        let client = Client::open(info).map_err(|error| Fault::not_connected(&error))?;
        let single = Self { client, held: Mutex::new(None) };
        single.live().await?;
        Ok(single)
    }

    async fn live(&self) -> Result<Held, Fault> {
        let holding = async {
            let mut held = self.held.lock().await;
            if let Some(held) = held.as_ref().filter(|held| !held.is_lost.load(Ordering::Acquire)) {
                return Ok(held.clone());
            }
            *held = None;
            Ok(held.insert(self.connect().await?).clone())
        };
        let late = || Fault::NotConnected("no connection in time".to_owned());
        timeout(PATIENCE, holding).await.unwrap_or_else(|_| Err(late()))
    }

    async fn connect(&self) -> Result<Held, Fault> {
        let is_lost = Arc::new(AtomicBool::new(false));
        let told = is_lost.clone();
        let watch = move |push: PushInfo| -> Result<(), std::convert::Infallible> {
            if push.kind == PushKind::Disconnection {
                told.store(true, Ordering::Release);
            }
            Ok(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_push_sender(watch);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = connecting.await.map_err(|error| Fault::not_connected(&error))?;
        Ok(Held { connection, is_lost })
    }
}

/// A connection in use.
enum Live {
    Single(Held),
    Cluster(ClusterConnection),
}

impl Live {
    /// What an answer means.
    fn judge<T>(&self, answer: Result<T, redis::RedisError>) -> Result<T, Fault> {
        answer.map_err(|error| match (Fault::new(&error), self) {
            (fault @ Fault::Lost(_), Self::Single(held)) => {
                // A server that did not answer once is connected to anew.
                held.is_lost.store(true, Ordering::Release);
                fault
            }
            // It may have been sent once before, to a server that was lost.
            (Fault::Busy(code), Self::Cluster(_)) => Fault::Lost(code),
            (fault, _) => fault,
        })
    }
}

impl ConnectionLike for Live {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(held) => held.connection.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(held) => held.connection.req_packed_commands(cmd, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(held) => held.connection.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

impl std::fmt::Debug for Single {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}
