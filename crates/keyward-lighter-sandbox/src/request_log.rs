//! One line for each request: what was asked for and how it ended, and nothing that a client has sent.

use axum::response::Response;
use hyper::Method;
use tokio::time::Instant;

/// What an answer says of itself to the log, as an extension of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logged {
    /// The path of the route, not that of the request: an unknown path could hold anything.
    pub(crate) path: &'static str,
    /// The member `code` of the body, 0 if it has none.
    pub(crate) code: u32,
}

/// A line that is not finished yet.
pub(crate) struct Entry {
    method: &'static str,
    began: Instant,
}

impl Entry {
    pub(crate) fn begin(method: &Method) -> Self {
        // A method can be any word.
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        };
        Self { method, began: Instant::now() }
    }

    pub(crate) fn end(self, response: &Response) {
        let Logged { path, code } = response.extensions().get().copied().unwrap_or(Logged { path: "unknown", code: 0 });
        tracing::info!(
            method = self.method,
            path,
            status = response.status().as_u16(),
            code,
            micros = self.began.elapsed().as_micros() as u64,
            "request"
        );
    }
}
