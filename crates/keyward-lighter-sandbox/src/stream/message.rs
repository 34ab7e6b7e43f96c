//! What clients say, and the short answers.

use keyward_lighter::ApiCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::channel::Channel;
use crate::{Refusal, Venue};

/// The longest `id` of a transaction message, in bytes of JSON.
const MAX_ID_BYTES: usize = 256;

/// A message of a client.
pub(super) enum Received {
    Ping,
    Pong,
    Subscribe { channel: String, auth: Option<String> },
    Unsubscribe { channel: String },
    Transactions(Transactions),
}

/// All members that any message has.
#[derive(Deserialize)]
struct Members<'a> {
    r#type: Option<String>,
    channel: Option<String>,
    auth: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl Received {
    /// Reads a message.
    ///
    /// # Errors
    /// - 30000, it is not JSON
    /// - 30001, it is of no known type
    /// - 30007, it is not an object, a member is missing, there twice, or not of its type
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let members: Members<'_> = object(text)
            .map_err(|error| if error.is_data() { invalid_data() } else { Refusal::new(ApiCode::WS_INVALID_JSON) })?;
        let Members { r#type, channel, auth, data } = members;
        let channel = || channel.ok_or_else(invalid_data);
        match r#type.as_deref() {
            Some("ping") => Ok(Self::Ping),
            Some("pong") => Ok(Self::Pong),
            Some("subscribe") => Ok(Self::Subscribe { channel: channel()?, auth }),
            Some("unsubscribe") => Ok(Self::Unsubscribe { channel: channel()? }),
            Some(SEND_TX) => Transactions::parse_one(data).map(Self::Transactions),
            Some(SEND_TX_BATCH) => Transactions::parse_batch(data).map(Self::Transactions),
            _ => Err(Refusal::new(ApiCode::WS_INVALID_TYPE)),
        }
    }
}

/// Reads a JSON object; an array is none, although `serde` would take its elements for members.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    if text.trim_ascii_start().starts_with('[') {
        let _: &RawValue = serde_json::from_str(text)?;
        return Err(serde::de::Error::custom("not an object"));
    }
    serde_json::from_str(text)
}

const SEND_TX: &str = "jsonapi/sendtx";
const SEND_TX_BATCH: &str = "jsonapi/sendtxbatch";

/// Transactions, and what the client calls this message.
pub(super) struct Transactions {
    id: Option<Box<RawValue>>,
    what: What,
}

enum What {
    One { tx_type: u64, tx_info: String },
    Batch { tx_types: String, tx_infos: String },
}

impl Transactions {
    fn parse_one(data: Option<&RawValue>) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Data<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            tx_type: u64,
            #[serde(borrow)]
            tx_info: &'a RawValue,
        }
        let Data { id, tx_type, tx_info } = parse_data(data)?;
        Ok(Self { id: check_id(id)?, what: What::One { tx_type, tx_info: tx_info.get().to_owned() } })
    }

    fn parse_batch(data: Option<&RawValue>) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Data<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            tx_types: String,
            tx_infos: String,
        }
        let Data { id, tx_types, tx_infos } = parse_data(data)?;
        Ok(Self { id: check_id(id)?, what: What::Batch { tx_types, tx_infos } })
    }

    /// Has the venue carry them out; the answer.
    pub(super) fn send(self, venue: &Venue) -> String {
        let sent = match &self.what {
            What::One { tx_type, tx_info } => venue.send_tx(*tx_type, tx_info).map(|sent| self.sent(SEND_TX, &sent)),
            What::Batch { tx_types, tx_infos } => {
                venue.send_tx_batch(tx_types, tx_infos).map(|sent| self.sent(SEND_TX_BATCH, &sent))
            }
        };
        sent.unwrap_or_else(|refusal| self.refused(&refusal))
    }

    /// The answer that they were not taken.
    pub(super) fn refused(&self, refusal: &Refusal) -> String {
        #[derive(Serialize)]
        struct Refused<'a> {
            error: serde_json::Value,
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a RawValue>,
        }
        text(&Refused { error: error_object(refusal), id: self.id.as_deref() })
    }

    fn sent(&self, r#type: &'static str, sent: &impl Serialize) -> String {
        #[derive(Serialize)]
        struct Sent<'a, T> {
            #[serde(flatten)]
            sent: &'a T,
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a RawValue>,
            r#type: &'static str,
        }
        text(&Sent { sent, id: self.id.as_deref(), r#type })
    }
}

fn parse_data<'a, T: Deserialize<'a>>(data: Option<&'a RawValue>) -> Result<T, Refusal> {
    data.and_then(|data| object(data.get()).ok()).ok_or_else(invalid_data)
}

/// An id is a short text or a number; it comes back as it is.
fn check_id(id: Option<&RawValue>) -> Result<Option<Box<RawValue>>, Refusal> {
    let good = id.is_none_or(|id| id.get().len() <= MAX_ID_BYTES && !id.get().starts_with(['{', '[', 't', 'f']));
    if good { Ok(id.map(ToOwned::to_owned)) } else { Err(invalid_data()) }
}

fn invalid_data() -> Refusal {
    Refusal::new(ApiCode::WS_INVALID_DATA)
}

pub(super) fn connected(session_id: &str) -> String {
    json!({ "session_id": session_id, "type": "connected" }).to_string()
}

pub(super) fn ping() -> String {
    json!({ "type": "ping" }).to_string()
}

pub(super) fn pong() -> String {
    json!({ "type": "pong" }).to_string()
}

pub(super) fn unsubscribed(channel: Channel) -> String {
    json!({ "type": "unsubscribed", "channel": channel.to_string() }).to_string()
}

/// What a message gets that is refused; the socket stays open.
pub(super) fn error(refusal: &Refusal) -> String {
    json!({ "error": error_object(refusal) }).to_string()
}

fn error_object(refusal: &Refusal) -> serde_json::Value {
    json!({ "code": refusal.code.as_u32(), "message": refusal.message })
}

fn text(body: &impl Serialize) -> String {
    // Our own types, which all serialise.
    serde_json::to_string(body).unwrap_or_else(|_| error(&Refusal::internal()))
}
