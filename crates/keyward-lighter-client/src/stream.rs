mod error;
mod message;
mod socket;

use core::fmt;
use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::stream::message::Received;
use crate::stream::socket::Socket;
use crate::{Auth, Client};

pub use error::StreamError;
pub use message::StreamMessage;

/// A WebSocket connection to the venue, over which it sends what happens on the channels subscribed to.
///
/// Some channels, those about an account's own orders and trades, want a token, which is looked at when the channel is
/// subscribed to and not afterwards. The venue's pings are answered, and it is sent some, while
/// [`next`](Self::next) or another step is waited for; it closes a connection on which nothing is heard for two
/// minutes.
///
/// ```no_run
/// # async fn example(client: keyward_lighter_client::Client, source: keyward_lighter_client::TokenSource)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let mut stream = client.stream().await?;
/// let snapshot = stream.subscribe("account_all_orders/5", Some((&source).into())).await?;
/// println!("{}", snapshot.json());
/// while let Some(message) = stream.next().await? {
///     println!("{} {}", message.kind(), message.json());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Stream {
    socket: Socket,
    /// Came while something else was waited for.
    waiting: VecDeque<StreamMessage>,
    waiting_bytes: usize,
    timeout: Duration,
    last_heard: Instant,
    pinged: Option<Instant>,
    owes_pong: bool,
    /// Whether the connection is in step: no request without its answer, no frame half sent.
    usable: bool,
}

/// After how long without a word from the venue it is sent a ping.
const IDLE: Duration = Duration::from_secs(30);

/// The most that is kept while the answer to a request is waited for: 16 MiB.
const MAX_WAITING_BYTES: usize = 16 << 20;

impl Client {
    /// Opens a [`Stream`]. A proxy that the environment names is not used.
    ///
    /// # Errors
    /// - no connection, or one that is not answered in time
    /// - a host that answers, but does not open a stream
    pub async fn stream(&self) -> Result<Stream, StreamError> {
        let timeout = self.inner().transport.timeout;
        let deadline = Instant::now() + timeout;
        let socket = timeout_at(deadline, Socket::connect(self.inner())).await.map_err(|_| StreamError::TimedOut)??;
        let mut stream = Stream {
            socket,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            timeout,
            last_heard: Instant::now(),
            pinged: None,
            owes_pong: false,
            usable: true,
        };
        stream.wait_for(deadline, |message| message.kind() == "connected").await?;
        Ok(stream)
    }
}

impl Stream {
    /// Subscribes to `channel`, for instance `account_all_orders/5`, and returns the venue's first message on it,
    /// which mostly tells how things stand. Messages on other channels that come before are kept for
    /// [`next`](Self::next).
    ///
    /// When this fails for another reason than a refusal, or is cancelled, the stream can not be used any more.
    ///
    /// # Errors
    /// - [`Refused`](StreamError::Refused): no such channel, a token that the venue does not take, or none where it wants one
    /// - [`Token`](StreamError::Token): there is no token to send
    /// - no answer in time, a broken connection, or more in between than is kept
    pub async fn subscribe(&mut self, channel: &str, auth: Option<Auth<'_>>) -> Result<StreamMessage, StreamError> {
        let request = match auth {
            Some(auth) => auth.with_text(|token| request("subscribe", channel, Some(token)))?,
            None => request("subscribe", channel, None),
        };
        // The venue writes a colon where a request has a slash.
        let channel = channel.replace('/', ":");
        let is_answer = |message: &StreamMessage| {
            message.kind().starts_with("subscribed/")
                && message.channel().is_some_and(|found| found.replace('/', ":") == channel)
        };
        self.step(async |stream, deadline| {
            stream.send(&request, deadline).await?;
            stream.wait_for(deadline, is_answer).await
        })
        .await
    }

    /// Leaves `channel`. What the venue says to that comes out of [`next`](Self::next).
    ///
    /// # Errors
    /// - a broken connection, or one that takes nothing in time
    pub async fn unsubscribe(&mut self, channel: &str) -> Result<(), StreamError> {
        let request = request("unsubscribe", channel, None);
        self.step(async |stream, deadline| stream.send(&request, deadline).await).await
    }

    /// The next message; `None` when the venue has closed the connection.
    ///
    /// Nothing is lost when this is cancelled.
    ///
    /// # Errors
    /// - [`Refused`](StreamError::Refused): the venue complains; the stream goes on
    /// - nothing heard, not even to a ping; a broken connection; a message that is not as documented
    pub async fn next(&mut self) -> Result<Option<StreamMessage>, StreamError> {
        if let Some(message) = self.waiting.pop_front() {
            self.waiting_bytes -= message.json().len();
            return Ok(Some(message));
        }
        if !self.usable {
            return Ok(None);
        }
        let outcome = self.receive_or_ping().await;
        match outcome {
            Err(StreamError::Closed) => {
                self.usable = false;
                Ok(None)
            }
            Ok(message) => Ok(Some(message)),
            Err(error) => {
                self.usable = error.is_refusal();
                Err(error)
            }
        }
    }

    /// Says goodbye and closes the connection.
    ///
    /// # Errors
    /// - a broken connection, or one that takes nothing in time
    pub async fn close(mut self) -> Result<(), StreamError> {
        let deadline = Instant::now() + self.timeout;
        timeout_at(deadline, self.socket.close()).await.map_err(|_| StreamError::TimedOut)?
    }

    /// Runs `step`; the stream is out of step until it has ended well or with a refusal.
    async fn step<T>(
        &mut self,
        step: impl AsyncFnOnce(&mut Self, Instant) -> Result<T, StreamError>,
    ) -> Result<T, StreamError> {
        if !self.usable {
            return Err(StreamError::Closed);
        }
        self.usable = false;
        let deadline = Instant::now() + self.timeout;
        let outcome = step(self, deadline).await;
        self.usable = outcome.as_ref().map_or_else(StreamError::is_refusal, |_| true);
        outcome
    }

    async fn send(&mut self, text: &str, deadline: Instant) -> Result<(), StreamError> {
        timeout_at(deadline, self.socket.send(text)).await.map_err(|_| StreamError::TimedOut)?
    }

    /// Waits for the answer to a request, and keeps what comes before it.
    async fn wait_for(
        &mut self,
        deadline: Instant,
        is_answer: impl Fn(&StreamMessage) -> bool,
    ) -> Result<StreamMessage, StreamError> {
        loop {
            let received = timeout_at(deadline, self.receive()).await.map_err(|_| StreamError::TimedOut)??;
            let Some(message) = received else { continue };
            if is_answer(&message) {
                return Ok(message);
            }
            self.waiting_bytes += message.json().len();
            if self.waiting_bytes > MAX_WAITING_BYTES {
                return Err(StreamError::TooMuchWaiting);
            }
            self.waiting.push_back(message);
        }
    }

    /// The next message; a silent venue is sent a ping, and has then to say something.
    async fn receive_or_ping(&mut self) -> Result<StreamMessage, StreamError> {
        loop {
            let deadline = match self.pinged {
                Some(pinged) => pinged + self.timeout,
                None => self.last_heard + IDLE,
            };
            match timeout_at(deadline, self.receive()).await {
                Ok(outcome) => match outcome? {
                    Some(message) => return Ok(message),
                    // Heard, so there is time again.
                    None => continue,
                },
                Err(_) if self.pinged.is_some() => return Err(StreamError::TimedOut),
                Err(_) => {
                    let now = Instant::now();
                    // Before it is sent: cancelled half-way it must not be sent twice.
                    self.pinged = Some(now);
                    timeout_at(now + self.timeout, self.socket.send_ping())
                        .await
                        .map_err(|_| StreamError::TimedOut)??;
                }
            }
        }
    }

    /// What comes next; `None` if it is not for the caller. Can be cancelled.
    async fn receive(&mut self) -> Result<Option<StreamMessage>, StreamError> {
        if self.owes_pong {
            self.socket.send_pong().await?;
            self.owes_pong = false;
        }
        let text = self.socket.receive().await?;
        self.last_heard = Instant::now();
        self.pinged = None;
        match text.map(Received::read).transpose()? {
            Some(Received::Message(message)) => Ok(Some(message)),
            Some(Received::Refusal { code, message }) => Err(StreamError::Refused { code, message }),
            Some(Received::Ping) => {
                self.owes_pong = true;
                Ok(None)
            }
            Some(Received::Pong) | None => Ok(None),
        }
    }
}

/// The JSON of a request, which is wiped as it may have a token in it.
fn request(kind: &str, channel: &str, token: Option<&str>) -> Zeroizing<String> {
    #[derive(serde::Serialize)]
    struct Request<'a> {
        r#type: &'a str,
        channel: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        auth: Option<&'a str>,
    }

    let request = Request { r#type: kind, channel, auth: token };
    // No character takes more than six bytes: the text does not grow, which would leave copies behind.
    let capacity = 64 + 6 * (kind.len() + channel.len() + token.map_or(0, str::len));
    let mut text = Zeroizing::new(Vec::with_capacity(capacity));
    serde_json::to_writer(&mut *text, &request).expect("texts always have a JSON form");
    Zeroizing::new(String::from_utf8(core::mem::take(&mut *text)).expect("JSON is UTF-8"))
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("usable", &self.usable)
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}
