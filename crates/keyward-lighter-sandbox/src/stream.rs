//! Lighter's WebSocket: channels that a token opens, and transactions.
//!
//! Source: the WebSocket page of Lighter's API documentation, apidocs.lighter.xyz. What the venue's answers look like
//! where the page does not say is as recorded off the live venue.

mod channel;
mod message;
mod opening;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use keyward_lighter::ApiCode;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use self::channel::Channel;
use self::message::{Received, Transactions};
pub(crate) use self::opening::{Opening, PATH, SessionIds};
use crate::http::App;
use crate::rate_limit::{Budget, Payer};
use crate::{Access, Refusal, Tier};

/// What a transaction weighs in the rate limit.
const TRANSACTION_WEIGHT: u32 = 6;

/// How much a client may leave unread, in bytes: far more than the longest answer. Pings beyond that get no pong.
const MAX_UNREAD_BYTES: usize = 64 << 10;

/// Serves a WebSocket until either side has enough.
pub(crate) async fn run(opening: Opening, peer: IpAddr, app: Arc<App>, shutdown: watch::Receiver<bool>) {
    let Opening { upgrade, id, read_only, permit } = opening;
    let Ok(upgraded) = upgrade.await else { return };
    let max = app.limits().max_stream_message_bytes;
    let patience = app.limits().stream_idle_timeout / 2;
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_UNREAD_BYTES)
        .max_message_size(Some(max))
        .max_frame_size(Some(max));
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let mut session = Session { socket, peer, app, patience, read_only, subscribed: HashSet::new() };
    if let Some(reason) = session.serve(&id, shutdown).await {
        // A client that does not read it has been told all the same.
        let _ = timeout(patience, session.socket.close(Some(reason))).await;
    }
    drop(permit);
}

struct Session {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    peer: IpAddr,
    app: Arc<App>,
    /// How long the client may be silent before it is asked for a sign of life, or take to read a message.
    patience: Duration,
    read_only: bool,
    subscribed: HashSet<Channel>,
}

impl Session {
    /// Answers messages until there are no more; with what to close the socket then, if it stands.
    async fn serve(&mut self, id: &str, mut shutdown: watch::Receiver<bool>) -> Option<CloseFrame> {
        self.send(message::connected(id)).await?;
        let mut asked = false;
        loop {
            let received = tokio::select! {
                biased;
                _ = shutdown.wait_for(|&shutdown| shutdown) => return Some(close(CloseCode::Away, "shutting down")),
                received = timeout(self.patience, self.socket.next()) => received,
            };
            let received = match received {
                Ok(received) => received?,
                Err(_) if asked => return Some(close(CloseCode::Policy, "idle")),
                Err(_) => {
                    asked = true;
                    self.send(message::ping()).await?;
                    continue;
                }
            };
            asked = false;
            let answer = match received {
                Ok(Message::Text(text)) => self.answer(&text).await,
                Ok(Message::Binary(_)) => Some(message::error(&Refusal::new(ApiCode::WS_INVALID_JSON))),
                // A ping was answered, a close will be: the next look at the socket ends it.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => None,
                Err(Error::Capacity(_)) => return Some(close(CloseCode::Size, "message too large")),
                Err(Error::Utf8(_)) => return Some(close(CloseCode::Invalid, "not a text")),
                Err(Error::Protocol(_)) => return Some(close(CloseCode::Protocol, "malformed")),
                Err(_) => return None,
            };
            if let Some(answer) = answer {
                self.send(answer).await?;
            }
        }
    }

    /// Sends a text; `None` if the client is gone or does not read.
    async fn send(&mut self, text: String) -> Option<()> {
        timeout(self.patience, self.socket.send(Message::text(text))).await.ok()?.ok()
    }

    /// The answer to a message; none to a `pong`.
    async fn answer(&mut self, text: &str) -> Option<String> {
        let received = match Received::parse(text) {
            Ok(received) => received,
            Err(refusal) => return Some(message::error(&refusal)),
        };
        if !matches!(received, Received::Transactions(..))
            && self.app.rate_limiter().charge(Payer::Stream(self.peer), Budget::STREAM, 1).is_err()
        {
            return Some(message::error(&Refusal::new(ApiCode::WS_TOO_MANY_MESSAGES)));
        }
        let answered = match received {
            Received::Ping => Ok(message::pong()),
            Received::Pong => return None,
            Received::Subscribe { channel, auth } => self.subscribe(&channel, auth.as_deref()),
            Received::Unsubscribe { channel } => self.unsubscribe(&channel),
            Received::Transactions(transactions) => return Some(self.send_transactions(transactions).await),
        };
        Some(answered.unwrap_or_else(|refusal| message::error(&refusal)))
    }

    fn subscribe(&mut self, channel: &str, auth: Option<&str>) -> Result<String, Refusal> {
        let channel: Channel = channel.parse()?;
        if self.subscribed.contains(&channel) {
            return Err(about(ApiCode::WS_ALREADY_SUBSCRIBED, "Already Subscribed to", channel));
        }
        if self.subscribed.len() >= self.app.limits().max_subscriptions {
            return Err(Refusal::new(ApiCode::TOO_MANY_SUBSCRIPTIONS));
        }
        if let Some(account) = channel.private_account() {
            let Some(token) = auth.filter(|token| !token.is_empty()) else {
                return Err(Refusal::invalid_param(format_args!("auth field is required: {channel}")));
            };
            self.app
                .venue()
                .authenticate(token, account, Access::Read)
                .map_err(|refusal| Refusal { message: format!("{}: {channel}", refusal.message).into(), ..refusal })?;
        }
        let answer = channel.subscribed(self.app.venue())?;
        self.subscribed.insert(channel);
        Ok(answer)
    }

    fn unsubscribe(&mut self, channel: &str) -> Result<String, Refusal> {
        let channel: Channel = channel.parse()?;
        if self.subscribed.remove(&channel) {
            Ok(message::unsubscribed(channel))
        } else {
            Err(about(ApiCode::WS_NOT_SUBSCRIBED, "Not Subscribed to", channel))
        }
    }

    async fn send_transactions(&mut self, transactions: Transactions) -> String {
        if self.read_only {
            let refusal = Refusal::with_message(ApiCode::WS_NOT_SUPPORTED, "Operation isn't supported");
            return transactions.refused(&refusal);
        }
        let admitted =
            self.app.rate_limiter().charge(Payer::Address(self.peer), Budget::of(Tier::Standard), TRANSACTION_WEIGHT);
        if let Err(too_many) = admitted {
            return transactions.refused(&too_many.into());
        }
        let venue = Arc::clone(self.app.venue());
        let worked = self.app.work(move || transactions.send(&venue)).await;
        worked.unwrap_or_else(|refusal| message::error(&refusal))
    }
}

fn about(code: ApiCode, what: &str, channel: Channel) -> Refusal {
    Refusal::with_message(code, format!("{what} : {channel}"))
}

fn close(code: CloseCode, reason: &'static str) -> CloseFrame {
    CloseFrame { code, reason: reason.into() }
}
