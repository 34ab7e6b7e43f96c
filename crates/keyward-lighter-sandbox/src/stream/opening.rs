//! The handshake that makes a WebSocket of a connection. Source: RFC 6455, section 4.2.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, StatusCode, Version};
use keyward_lighter::ApiCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::Refusal;
use crate::http::{App, Parameters};
use crate::request_log::Logged;
use crate::server::{Connection, Phase};

pub(crate) const PATH: &str = "/stream";

/// A WebSocket whose handshake was accepted.
pub(crate) struct Opening {
    pub(super) upgrade: OnUpgrade,
    pub(super) id: String,
    /// Transactions are not taken.
    pub(super) read_only: bool,
    pub(super) permit: OwnedSemaphorePermit,
}

impl Opening {
    /// Accepts the handshake in `request` and leaves the socket to the connection that it came on.
    ///
    /// # Errors
    /// - it is no handshake
    /// - the query `readonly` is no truth value
    /// - there are too many WebSockets already
    pub(crate) fn accept(mut request: Request, app: &App) -> Result<Response, Refusal> {
        let accept = accept_key(&request).ok_or_else(|| Refusal::invalid_param("a WebSocket handshake is expected"))?;
        let query = Parameters::from_urlencoded(request.uri().query().unwrap_or_default().as_bytes())?;
        let read_only = query.optional_boolean("readonly")?.unwrap_or(false);
        let permit = app
            .stream_permit()
            .ok_or_else(|| Refusal { http_status: 429, ..Refusal::new(ApiCode::TOO_MANY_CONNECTIONS) })?;
        let upgrade = hyper::upgrade::on(&mut request);
        let connection: &Arc<Connection> = request.extensions().get().ok_or_else(Refusal::internal)?;
        connection.open_stream(Self { upgrade, id: app.sessions().next(), read_only, permit });
        connection.enter(Phase::Stream);

        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        response.extensions_mut().insert(Logged { path: PATH, code: 0 });
        Ok(response)
    }
}

/// What proves to the client that its handshake was understood; `None` if it is no handshake.
fn accept_key(request: &Request) -> Option<HeaderValue> {
    let headers = request.headers();
    let asked = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && names(headers, UPGRADE, "websocket")
        && names(headers, CONNECTION, "upgrade")
        && headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| asked)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

/// Whether a header's list of words has this one, in any case.
fn names(headers: &HeaderMap, header: HeaderName, word: &str) -> bool {
    let values = headers.get_all(header);
    let mut words = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    words.any(|listed| listed.trim().eq_ignore_ascii_case(word))
}

/// The numbers of the sessions, in the form of UUIDs: by a counter, so that two runs of a test are the same.
#[derive(Default)]
pub(crate) struct SessionIds(AtomicU64);

impl SessionIds {
    fn next(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
