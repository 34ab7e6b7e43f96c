//! A way to a server that breaks at a chosen message.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// When the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The message never reaches the server.
    Before,
    /// The server has done it, and its answer is lost.
    After,
    /// Nothing breaks, and nothing comes back any more.
    Silence,
}

type Rule = Arc<Mutex<Option<(Vec<u8>, Cut)>>>;

pub(crate) struct Proxy {
    url: String,
    rule: Rule,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the single server at `url`.
    pub(crate) async fn start(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (front, behind) = url.rsplit_once(':').expect("a port");
        let behind: u16 = behind.parse().expect("a port");
        let rule = Rule::default();
        let task = tokio::spawn({
            let rule = rule.clone();
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", behind)).await {
                        tokio::spawn(pass(client, server, rule.clone()));
                    }
                }
            }
        });
        Self { url: format!("{front}:{port}"), rule, task }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Breaks the next connection on which `pattern` is sent, once.
    pub(crate) fn cut_at(&self, pattern: &str, cut: Cut) {
        *self.rule.lock().expect("no panic") = Some((pattern.as_bytes().to_vec(), cut));
    }

    /// Whether the message has come.
    pub(crate) fn has_cut(&self) -> bool {
        self.rule.lock().expect("no panic").is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, server: TcpStream, rule: Rule) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (told, hear) = tokio::sync::watch::channel(None);
    let up = tokio::spawn(upward(from_client, to_server, rule, told));
    downward(from_server, to_client, hear).await;
    up.abort();
}

/// From the client, until the message comes at which it breaks.
async fn upward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    rule: Rule,
    told: tokio::sync::watch::Sender<Option<Cut>>,
) {
    let mut buffer = vec![0; 1 << 20];
    // What came so far: a message may come in pieces.
    let mut seen = Vec::new();
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let piece = &buffer[..length];
        seen.extend_from_slice(piece);
        let cut = {
            let mut rule = rule.lock().expect("no panic");
            let is_there = |pattern: &[u8]| seen.windows(pattern.len()).any(|window| window == pattern);
            match rule.as_ref() {
                Some((pattern, cut)) if is_there(pattern) => {
                    let cut = *cut;
                    *rule = None;
                    Some(cut)
                }
                _ => None,
            }
        };
        if seen.len() > 1 << 16 {
            seen.drain(..seen.len() - (1 << 12));
        }
        if let Some(cut) = cut {
            told.send_replace(Some(cut));
        }
        if cut == Some(Cut::Before) || to.write_all(piece).await.is_err() {
            return;
        }
    }
}

/// From the server; what comes after the break is not handed on.
async fn downward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut hear: tokio::sync::watch::Receiver<Option<Cut>>,
) {
    let told = hear.clone();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = tokio::select! {
            biased;
            () = is_cut_before(&mut hear) => return,
            read = from.read(&mut buffer) => read,
        };
        let Ok(length @ 1..) = read else { return };
        let cut = *told.borrow();
        match cut {
            Some(Cut::After) => return,
            Some(Cut::Silence) => {}
            _ => {
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Waits until the connection breaks before a message, or the client has gone.
async fn is_cut_before(hear: &mut tokio::sync::watch::Receiver<Option<Cut>>) {
    let _ = hear.wait_for(|cut| *cut == Some(Cut::Before)).await;
}
