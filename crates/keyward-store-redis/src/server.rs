//! The connection to one server, made anew when it was lost. It sends nothing twice.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisConnectionInfo, RedisError, Value};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroize as _;

use crate::fault::Fault;
use crate::scripts::Call;
use crate::slots::Endpoint;

/// How long a server may take to be connected to.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

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
    newest: Mutex<Option<Attempt>>,
}

/// An attempt to connect, and the connection if it came to one. Whoever needs the server meanwhile waits for the same one.
type Attempt = Shared<BoxFuture<'static, Result<Held, Fault>>>;

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
        Self { endpoint, greeting, newest: Mutex::default() }
    }

    /// Sends a command that is for this server and no other.
    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Fault> {
        let answer = self.answer(Request::Command(command), Entry::Owner, CONNECT).await;
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
        // A server that did not answer once is connected to anew. So is one that has become a replica: its name may lead to
        // another one by now.
        let is_replica = matches!(error.kind(), ErrorKind::ReadOnly | ErrorKind::MasterDown);
        if is_replica || matches!(fault, Fault::Lost(_)) {
            held.driver.is_given_up.store(true, Ordering::Release);
        }
        Failure::Fault(fault)
    }

    async fn live(&self, patience: Duration) -> Result<Held, Fault> {
        timeout(patience, self.attempt()).await.unwrap_or_else(|_| Err(late()))
    }

    /// The newest attempt, if it goes on or has led to a connection that is there still; else a new one.
    fn attempt(&self) -> Attempt {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(attempt) = newest.as_ref().filter(|attempt| is_good(attempt)) {
            return attempt.clone();
        }
        let (endpoint, greeting) = (self.endpoint.clone(), self.greeting.clone());
        let connecting = async move { timeout(CONNECT, connect(&endpoint, &greeting)).await };
        let attempt = connecting.map(|end| end.unwrap_or_else(|_| Err(late()))).boxed().shared();
        // It goes on when those who wait for it give up. If it ended with them, callers who are less patient than the server is
        // slow would never be connected.
        tokio::spawn(attempt.clone());
        newest.insert(attempt).clone()
    }
}

fn is_good(attempt: &Attempt) -> bool {
    attempt.peek().is_none_or(|end| end.as_ref().is_ok_and(|held| !held.driver.is_lost()))
}

async fn connect(endpoint: &Endpoint, greeting: &Greeting) -> Result<Held, Fault> {
    let Endpoint { host, port } = endpoint;
    let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| refused(&error))?;
    stream.set_nodelay(true).map_err(|error| refused(&error))?;
    let Some(tls) = &greeting.tls else { return log_in(stream, &greeting.login).await };
    let name = ServerName::try_from(host.clone());
    let name = name.map_err(|_| Fault::NotConnected("a host that no certificate can be of".to_owned()))?;
    let stream = tls.connect(name, stream).await.map_err(|error| refused(&error))?;
    log_in(stream, &greeting.login).await
}

async fn log_in(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    login: &RedisConnectionInfo,
) -> Result<Held, Fault> {
    let config = AsyncConnectionConfig::new().set_response_timeout(ANSWER);
    let beginning = MultiplexedConnection::new_with_config(login, stream, config);
    let (connection, driver) = beginning.await.map_err(|error| Fault::not_connected(&error))?;
    let driver = Driver { task: tokio::spawn(driver), is_given_up: AtomicBool::new(false) };
    Ok(Held { connection, driver: Arc::new(driver) })
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

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::AtomicUsize;

    use futures_util::future::join_all;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::sync::Notify;
    use tokio::time::Instant;

    use super::*;

    /// Stands for a server that asks for a password, and says what it is told to.
    struct Stage {
        /// When it lets those in who have said the password.
        gate: Notify,
        visitors: AtomicUsize,
        visited: Notify,
    }

    impl Stage {
        /// `answers` are what those get who come, one after the other; the last one is for all others.
        async fn new(answers: &'static [&'static str]) -> (Arc<Self>, Server) {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let port = listener.local_addr().expect("an address").port();
            let stage = Self { gate: Notify::new(), visitors: AtomicUsize::new(0), visited: Notify::new() };
            let stage = Arc::new(stage);
            tokio::spawn(stage.clone().receive(listener, answers));
            let login = RedisConnectionInfo { password: Some("word".to_owned()), ..RedisConnectionInfo::default() };
            let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port };
            (stage, Server::new(endpoint, Arc::new(Greeting { login, tls: None })))
        }

        async fn receive(self: Arc<Self>, listener: TcpListener, answers: &'static [&'static str]) {
            while let Ok((stream, _)) = listener.accept().await {
                let number = self.visitors.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(self.clone().serve(stream, answers[number.min(answers.len() - 1)]));
            }
        }

        async fn serve(self: Arc<Self>, mut stream: TcpStream, answer: &'static str) {
            let (mut buffer, mut is_in) = ([0; 1024], false);
            while let Ok(1..) = stream.read(&mut buffer).await {
                let answer = if is_in { answer } else { "+OK\r\n" };
                if !is_in {
                    self.visited.notify_one();
                    self.gate.notified().await;
                }
                is_in = true;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }

        fn visitors(&self) -> usize {
            self.visitors.load(Ordering::SeqCst)
        }
    }

    async fn ping(server: &Server) -> Result<String, Fault> {
        server.query(&redis::cmd("PING")).await
    }

    #[tokio::test]
    async fn all_who_need_a_server_wait_for_one_attempt() {
        let (stage, server) = Stage::new(&["+PONG\r\n"]).await;
        let start = Instant::now();
        for answer in join_all((0..20).map(|_| ping(&server))).await {
            assert!(matches!(answer, Err(Fault::NotConnected(_))), "{answer:?}");
        }
        assert!(start.elapsed() < 2 * CONNECT, "{:?}", start.elapsed());
        assert_eq!(stage.visitors(), 1);
    }

    #[tokio::test]
    async fn an_attempt_goes_on_when_those_who_wait_for_it_give_up() {
        let (stage, server) = Stage::new(&["+PONG\r\n"]).await;
        tokio::select! {
            answer = ping(&server) => panic!("{answer:?}"),
            () = stage.visited.notified() => {}
        }
        stage.gate.notify_one();
        assert_eq!(ping(&server).await.expect("an answer"), "PONG");
        assert_eq!(stage.visitors(), 1);
    }

    #[tokio::test]
    async fn a_server_that_takes_no_writes_any_more_is_looked_for_anew() {
        let (stage, server) =
            Stage::new(&["-READONLY You can't write against a read only replica.\r\n", "+PONG\r\n"]).await;
        let open = async {
            loop {
                stage.visited.notified().await;
                stage.gate.notify_one();
            }
        };
        let asking = async {
            let answer = ping(&server).await;
            assert!(matches!(answer, Err(Fault::Busy(ref code)) if code == "READONLY"), "{answer:?}");
            assert_eq!(ping(&server).await.expect("an answer"), "PONG");
        };
        tokio::select! {
            () = asking => {}
            () = open => pending().await,
        }
        assert_eq!(stage.visitors(), 2);
    }
}
