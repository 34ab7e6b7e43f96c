//! What goes back to the client: always JSON, with a code.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use keyward_lighter::ApiCode;
use serde::Serialize;

use crate::Refusal;
use crate::rate_limit::TooMany;
use crate::request_log::Logged;

/// A body, not yet a response.
pub(crate) struct Answer {
    status: StatusCode,
    code: u32,
    body: Vec<u8>,
    retry_after: Option<Duration>,
}

impl Answer {
    /// The answer to a request that was done.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::new(StatusCode::OK, ApiCode::OK, body),
            // Our own types, which all serialise.
            Err(_) => Self::from(Refusal::new(ApiCode::INTERNAL_SERVER_ERROR)),
        }
    }

    fn new(status: StatusCode, code: ApiCode, body: Vec<u8>) -> Self {
        Self { status, code: code.as_u32(), body, retry_after: None }
    }

    /// The response, which tells the log that it is one of `path`.
    pub(crate) fn into_response(self, path: &'static str) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(retry_after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, whole_seconds(retry_after).into());
        }
        response.extensions_mut().insert(Logged { path, code: self.code });
        response
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::json!({ "code": refusal.code.as_u32(), "message": refusal.message });
        Self::new(status, refusal.code, body.to_string().into_bytes())
    }
}

impl From<TooMany> for Answer {
    fn from(TooMany { retry_after }: TooMany) -> Self {
        Self { retry_after: Some(retry_after), ..Refusal::from(TooMany { retry_after }).into() }
    }
}

/// The refusal of a rate limit, where there are no headers.
impl From<TooMany> for Refusal {
    fn from(_: TooMany) -> Self {
        Self::new(ApiCode::TOO_MANY_REQUESTS)
    }
}

/// Rounded up, so that a client which waits that long is not too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
