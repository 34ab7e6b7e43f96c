//! Servers that do as they are told: HTTP, one request after the other, each on a connection of its own; and the
//! venue's end of a stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use keyward_lighter_client::{Client, ClientBuilder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Writes these bytes and closes.
    Say(Vec<u8>),
    /// Closes without a word.
    HangUp,
    /// Keeps the connection and says nothing.
    Silence,
}

/// An answer with this status and body, as the API gives it.
pub(crate) fn answer(status: u16, body: &str) -> Step {
    answer_with(status, "content-type: application/json", body)
}

/// The same with other headers, one a line.
pub(crate) fn answer_with(status: u16, headers: &str, body: &str) -> Step {
    let headers = headers.replace('\n', "\r\n");
    let len = body.len();
    Step::Say(
        format!("HTTP/1.1 {status} .\r\n{headers}\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{body}").into(),
    )
}

/// A refusal as the API words it.
pub(crate) fn refusal(status: u16, code: u32, message: &str) -> Step {
    answer(status, &format!(r#"{{"code":{code},"message":"{message}"}}"#))
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// For instance `GET /?a=b`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Scripted {
    base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    /// A server that takes `steps` one by one, and after the last hangs up.
    pub(crate) async fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut steps: VecDeque<Step> = steps.into_iter().collect();
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut connection, _)) = listener.accept().await {
                // A client may open a connection and make no use of it.
                let Some(request) = read_request(&mut connection).await else { continue };
                log.lock().unwrap().push(request);
                match steps.pop_front().unwrap_or(Step::HangUp) {
                    Step::Say(bytes) => say(&mut connection, &bytes).await,
                    Step::HangUp => {}
                    Step::Silence => silent.push(connection),
                }
            }
        });
        Self { base_url, requests }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(&self.base_url)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request there was.
    pub(crate) fn request(&self) -> Request {
        let [request] = <[Request; 1]>::try_from(self.requests()).unwrap();
        request
    }
}

/// Writes, and waits until the other side is done with it: to close before would take back what is unread.
pub(crate) async fn say(connection: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &[u8]) {
    // The client may have heard enough.
    if connection.write_all(bytes).await.is_ok() && connection.shutdown().await.is_ok() {
        let _ = connection.read_to_end(&mut Vec::new()).await;
    }
}

pub(crate) async fn read_request(connection: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let len = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, len)| len.parse().unwrap());
    let mut body = vec![0; len];
    connection.read_exact(&mut body).await.ok()?;
    Some(Request { line, headers, body: String::from_utf8(body).unwrap(), at: Instant::now() })
}

/// Plays the venue's end of a stream: waits for each text that is to come, if any, and says the one after it; then waits for the end.
pub(crate) async fn play(connection: impl AsyncRead + AsyncWrite + Unpin, script: &[(Option<&str>, &str)]) {
    let mut socket = accept_async(connection).await.unwrap();
    for (expected, said) in script {
        if let Some(expected) = expected {
            assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(*expected));
        }
        socket.send(Message::text(*said)).await.unwrap();
    }
    while let Some(Ok(_)) = socket.next().await {}
}
