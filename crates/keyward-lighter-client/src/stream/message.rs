use core::fmt;
use std::borrow::Cow;

use keyward_lighter::ApiCode;
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::answer::{AnswerError, Object};
use crate::transport::clean;

/// A message from the venue: what it is, its channel, and the whole of it as JSON.
///
/// `Debug` leaves the JSON out, as it may be long.
#[derive(Clone)]
pub struct StreamMessage {
    kind: String,
    channel: Option<String>,
    json: Utf8Bytes,
}

impl StreamMessage {
    /// What it is: the member `type`, for instance `update/account_all_orders`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The channel it came on, with a colon before its number: `account_all_orders:5`.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// The whole message, one JSON object.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for StreamMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamMessage")
            .field("kind", &self.kind)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// What a message is to the connection.
pub(super) enum Received {
    Message(StreamMessage),
    Refusal { code: ApiCode, message: String },
    Ping,
    Pong,
}

impl Received {
    pub(super) fn read(json: Utf8Bytes) -> Result<Self, AnswerError> {
        let message = Object::parse(json.as_bytes())?;
        if let Some(error) = message.take_if_there::<&RawValue>("error")? {
            let error = Object::parse(error.get().as_bytes()).map_err(|_| AnswerError::Unexpected("error"))?;
            let words = error.take_if_there::<Cow<'_, str>>("message")?.unwrap_or_default();
            return Ok(Self::Refusal { code: ApiCode::new(error.take("code")?), message: clean(&words, None) });
        }
        let kind: String = message.take("type")?;
        Ok(match kind.as_str() {
            "ping" => Self::Ping,
            "pong" => Self::Pong,
            _ => {
                let channel = message.take_if_there("channel")?;
                Self::Message(StreamMessage { kind, channel, json })
            }
        })
    }
}
