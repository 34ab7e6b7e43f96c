//! A server in between, which loses connections, answers or time at a chosen message.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong. All but the last happen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The connection is lost with a message that has this in it, which does not arrive.
    CutAt(&'static str),
    /// The commit arrives and is done, and the connection is lost with the answer.
    LoseCommitAnswer,
    /// From a message that has this in it on nothing arrives, in any connection, and nobody is told.
    VanishAt(&'static str),
    /// Every transaction is at the strictest level, as in engines that know no other.
    Serializable,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    url: String,
    state: Arc<State>,
}

struct State {
    fault: Mutex<Fault>,
    has_vanished: AtomicBool,
    conflicts: AtomicUsize,
}

impl Proxy {
    /// One in front of the server of `url`.
    pub(crate) async fn of(url: &str) -> Self {
        let (user, address) = url.rsplit_once('@').expect("a user in the URL");
        let (target, database) = address.split_once('/').expect("a database in the URL");
        let target: SocketAddr = target.parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("{user}@{}/{database}", listener.local_addr().expect("an address"));
        let fault = Mutex::new(Fault::None);
        let state = Arc::new(State { fault, has_vanished: AtomicBool::new(false), conflicts: AtomicUsize::new(0) });
        tokio::spawn({
            let state = state.clone();
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    if let Ok(server) = TcpStream::connect(target).await {
                        tokio::spawn(relay(client, server, state.clone()));
                    }
                }
            }
        });
        Self { url, state }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.state.fault.lock().expect("no panic") = fault;
        self.state.has_vanished.store(false, Ordering::SeqCst);
    }

    /// Whether what was to go wrong has gone wrong.
    pub(crate) fn has_happened(&self) -> bool {
        *self.state.fault.lock().expect("no panic") == Fault::None
    }

    /// How often the server has answered that others came first.
    pub(crate) fn conflicts(&self) -> usize {
        self.state.conflicts.load(Ordering::SeqCst)
    }
}

/// Until either side is lost; then both are.
async fn relay(client: TcpStream, server: TcpStream, state: Arc<State>) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let is_committing = AtomicBool::new(false);
    tokio::select! {
        () = requests(from_client, to_server, &state, &is_committing) => {}
        () = answers(from_server, to_client, &state, &is_committing) => {}
    }
}

async fn requests(from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State, is_committing: &AtomicBool) {
    let mut from = BufReader::new(from);
    // The first message has no kind.
    let mut kind_length = 0;
    while let Some(mut message) = read(&mut from, kind_length).await {
        kind_length = 1;
        let mut fault = state.fault.lock().expect("no panic").to_owned();
        match fault {
            Fault::CutAt(text) if has(&message, text) => {
                *state.fault.lock().expect("no panic") = Fault::None;
                return;
            }
            Fault::LoseCommitAnswer if has(&message, "COMMIT\0") => is_committing.store(true, Ordering::SeqCst),
            Fault::VanishAt(text) if has(&message, text) => {
                state.has_vanished.store(true, Ordering::SeqCst);
                fault = Fault::None;
                *state.fault.lock().expect("no panic") = fault;
            }
            Fault::Serializable => replace(&mut message, b"READ COMMITTED", b"SERIALIZABLE  "),
            _ => {}
        }
        if !state.has_vanished.load(Ordering::SeqCst) && to.write_all(&message).await.is_err() {
            return;
        }
    }
}

async fn answers(from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State, is_committing: &AtomicBool) {
    let mut from = BufReader::new(from);
    while let Some(message) = read(&mut from, 1).await {
        if is_committing.load(Ordering::SeqCst) && has(&message, "COMMIT\0") {
            *state.fault.lock().expect("no panic") = Fault::None;
            return;
        }
        if has(&message, "C40001\0") {
            state.conflicts.fetch_add(1, Ordering::SeqCst);
        }
        if !state.has_vanished.load(Ordering::SeqCst) && to.write_all(&message).await.is_err() {
            return;
        }
    }
}

/// A message: its kind, its length with itself, the rest.
async fn read(from: &mut BufReader<OwnedReadHalf>, kind_length: usize) -> Option<Vec<u8>> {
    let mut message = vec![0; kind_length + 4];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message[kind_length..].try_into().ok()?) as usize;
    message.resize(kind_length + length, 0);
    from.read_exact(&mut message[kind_length + 4..]).await.ok()?;
    Some(message)
}

fn has(message: &[u8], text: &str) -> bool {
    message.windows(text.len()).any(|window| window == text.as_bytes())
}

fn replace(message: &mut [u8], text: &[u8], other: &[u8]) {
    if let Some(at) = message.windows(text.len()).position(|window| window == text) {
        message[at..at + text.len()].copy_from_slice(other);
    }
}
