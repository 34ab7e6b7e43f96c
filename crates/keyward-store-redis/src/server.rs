//! The connection to one server, made anew when it was lost. It sends nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue, PushInfo, PushKind,
    RedisConnectionInfo, RedisError, Value,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::fault::Fault;
use crate::scripts::Call;
use crate::slots::Endpoint;

/// How long a server may take to be connected to.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a command waits for a connection, behind others that wait for the same one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    pub(crate) endpoint: Endpoint,
    client: Client,
    held: Mutex<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    connection: MultiplexedConnection,
    is_lost: Arc<AtomicBool>,
}

/// What a server is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Request<'a> {
    Command(&'a Cmd),
    /// By its digest, and with its source if the server does not know it.
    Script(&'a Call<'a>),
}

/// How a server of a cluster is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// As the one that has the slot.
    Owner,
    /// As one that is about to get it, and has the key already: with `ASKING` before the command.
    Importer,
}

/// Why there is no answer.
pub(crate) enum Failure {
    /// Another server has the key; this one did nothing.
    Elsewhere(Endpoint, Entry),
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Server {
    pub(crate) fn new(endpoint: Endpoint, settings: &RedisConnectionInfo) -> Result<Self, Fault> {
        let addr = ConnectionAddr::Tcp(endpoint.host.clone(), endpoint.port);
        let client = Client::open(ConnectionInfo { addr, redis: settings.clone() });
        Ok(Self { endpoint, client: client.map_err(|error| Fault::not_connected(&error))?, held: Mutex::default() })
    }

    /// Sends a command that is for this server and no other.
    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        let answer = self.answer(Request::Command(command), Entry::Owner, PATIENCE).await;
        answer.map_err(Failure::here).and_then(read)
    }

    /// Sends a request, once there is a connection, which has to be within `patience`.
    pub(crate) async fn answer(
        &self,
        request: Request<'_>,
        entry: Entry,
        patience: Duration,
    ) -> Result<Value, Failure> {
        let held = self.live(patience).await?;
        let answer = match request {
            Request::Command(command) => held.send(command, entry).await,
            Request::Script(call) => match held.send(&call.by_digest(), entry).await {
                Err(error) if error.kind() == ErrorKind::NoScriptError => held.send(&call.by_source(), entry).await,
                answer => answer,
            },
        };
        answer.map_err(|error| self.failure(&error, &held))
    }

    fn failure(&self, error: &RedisError, held: &Held) -> Failure {
        if let Some((endpoint, _)) = error.redirect_node()
            && let Some(endpoint) = Endpoint::parse(endpoint, &self.endpoint)
        {
            let is_ask = error.kind() == ErrorKind::Ask;
            return Failure::Elsewhere(endpoint, if is_ask { Entry::Importer } else { Entry::Owner });
        }
        let fault = Fault::new(error);
        if let Fault::Lost(_) = fault {
            // A server that did not answer once is connected to anew.
            held.is_lost.store(true, Ordering::Release);
        }
        Failure::Fault(fault)
    }

    async fn live(&self, patience: Duration) -> Result<Held, Fault> {
        let holding = async {
            let mut held = self.held.lock().await;
            if let Some(held) = held.as_ref().filter(|held| !held.is_lost.load(Ordering::Acquire)) {
                return Ok(held.clone());
            }
            *held = None;
            Ok(held.insert(self.connect().await?).clone())
        };
        let late = || Fault::NotConnected("no connection in time".to_owned());
        timeout(patience, holding).await.unwrap_or_else(|_| Err(late()))
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
            .set_connection_timeout(CONNECT)
            .set_response_timeout(ANSWER)
            .set_tcp_settings(TcpSettings::default().set_nodelay(true))
            .set_push_sender(watch);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = connecting.await.map_err(|error| Fault::not_connected(&error))?;
        Ok(Held { connection, is_lost })
    }
}

impl Held {
    async fn send(&self, command: &Cmd, entry: Entry) -> Result<Value, RedisError> {
        let mut connection = self.connection.clone();
        let answer = match entry {
            Entry::Owner => connection.send_packed_command(command).await?,
            Entry::Importer => {
                // In one piece, so that nothing of another task comes in between.
                let mut both = redis::pipe();
                both.cmd("ASKING").add_command(command.clone());
                connection.send_packed_commands(&both, 0, 2).await?.pop().unwrap_or(Value::Nil)
            }
        };
        answer.extract_error()
    }
}

impl Failure {
    /// What it is where there is no other server to go to.
    pub(crate) fn here(self) -> Fault {
        match self {
            Self::Elsewhere(..) => Fault::Busy("MOVED".to_owned()),
            Self::Fault(fault) => fault,
        }
    }
}

/// What an answer says.
pub(crate) fn read<T: FromRedisValue>(answer: Value) -> Result<T, Fault> {
    T::from_owned_redis_value(answer).map_err(|error| Fault::new(&error))
}
