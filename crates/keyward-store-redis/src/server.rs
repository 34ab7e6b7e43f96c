//! The connection to one server, made anew when it was lost. It sends nothing twice.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisConnectionInfo, RedisError, Value};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroize as _;

use crate::fault::Fault;
use crate::scripts::Call;
use crate::slots::Endpoint;

/// How long a server may take to be connected to.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a command waits for a connection, behind others that wait for the same one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How a connection begins, the same with each of the servers.
pub(crate) struct Greeting {
    /// User, password and database.
    pub(crate) login: RedisConnectionInfo,
    /// `None` for a connection in clear.
    pub(crate) tls: Option<TlsConnector>,
}

impl Drop for Greeting {
    fn drop(&mut self) {
        self.login.password.zeroize();
    }
}

pub(crate) struct Server {
    pub(crate) endpoint: Endpoint,
    greeting: Arc<Greeting>,
    held: Mutex<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    connection: MultiplexedConnection,
    driver: Arc<Driver>,
}

/// The task that reads and writes, for as long as somebody has the connection.
struct Driver {
    task: JoinHandle<()>,
    is_given_up: AtomicBool,
}

impl Driver {
    fn is_lost(&self) -> bool {
        self.is_given_up.load(Ordering::Acquire) || self.task.is_finished()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
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
    pub(crate) fn new(endpoint: Endpoint, greeting: Arc<Greeting>) -> Self {
        Self { endpoint, greeting, held: Mutex::default() }
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
            held.driver.is_given_up.store(true, Ordering::Release);
        }
        Failure::Fault(fault)
    }

    async fn live(&self, patience: Duration) -> Result<Held, Fault> {
        let holding = async {
            let mut held = self.held.lock().await;
            if let Some(held) = held.as_ref().filter(|held| !held.driver.is_lost()) {
                return Ok(held.clone());
            }
            *held = None;
            let connecting = timeout(CONNECT, self.connect()).await;
            Ok(held.insert(connecting.unwrap_or_else(|_| Err(late()))?).clone())
        };
        timeout(patience, holding).await.unwrap_or_else(|_| Err(late()))
    }

    async fn connect(&self) -> Result<Held, Fault> {
        let Endpoint { host, port } = &self.endpoint;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| refused(&error))?;
        stream.set_nodelay(true).map_err(|error| refused(&error))?;
        let Some(tls) = &self.greeting.tls else { return self.log_in(stream).await };
        let name = ServerName::try_from(host.clone());
        let name = name.map_err(|_| Fault::NotConnected("a host that no certificate can be of".to_owned()))?;
        let stream = tls.connect(name, stream).await.map_err(|error| refused(&error))?;
        self.log_in(stream).await
    }

    async fn log_in(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Held, Fault> {
        let config = AsyncConnectionConfig::new().set_response_timeout(ANSWER);
        let beginning = MultiplexedConnection::new_with_config(&self.greeting.login, stream, config);
        let (connection, driver) = beginning.await.map_err(|error| Fault::not_connected(&error))?;
        let driver = Driver { task: tokio::spawn(driver), is_given_up: AtomicBool::new(false) };
        Ok(Held { connection, driver: Arc::new(driver) })
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

fn late() -> Fault {
    Fault::NotConnected("no connection in time".to_owned())
}

/// Without the names in a certificate, and without addresses.
fn refused(error: &io::Error) -> Fault {
    let tls = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    Fault::NotConnected(match tls {
        Some(rustls::Error::InvalidCertificate(_)) => "its certificate is not trusted, or not of its name".to_owned(),
        Some(_) => "no TLS".to_owned(),
        None => error.kind().to_string(),
    })
}
