//! Reading the body of a request, in bounded time and space.

use axum::body::{Body, Bytes, HttpBody as _};
use http_body_util::BodyExt as _;
use keyward_lighter::ApiCode;

use crate::Refusal;
use crate::server::{Connection, ConnectionLimits, Phase};

/// How much of a body that is too large is read and thrown away, so that the client is done with sending and sees the
/// answer; of a larger one it sees that the connection is closed.
const MAX_DISCARDED: usize = 4 << 20;

/// The whole body.
///
/// # Errors
/// - 413, it is larger than `limits` allow
/// - 408, it takes longer than that
/// - 400, it breaks off or its chunks are malformed
pub(crate) async fn read(body: Body, connection: &Connection, limits: &ConnectionLimits) -> Result<Bytes, Refusal> {
    connection.enter(Phase::Body);
    let read = tokio::time::timeout(limits.body_timeout, collect(body, limits.max_body_bytes)).await;
    connection.enter(Phase::Working);
    read.unwrap_or_else(|_| Err(refusal(408, "the body takes too long")))
}

async fn collect(mut body: Body, max: usize) -> Result<Bytes, Refusal> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > MAX_DISCARDED {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(declared.min(max));
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| refusal(400, "the body is malformed"))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > MAX_DISCARDED {
            break;
        }
        if length <= max {
            bytes.extend_from_slice(&data);
        }
    }
    if length <= max { Ok(bytes.into()) } else { Err(too_large()) }
}

fn too_large() -> Refusal {
    refusal(413, "the body is too large")
}

fn refusal(http_status: u16, detail: &str) -> Refusal {
    Refusal { http_status, ..Refusal::with_message(ApiCode::INVALID_PARAM, format!("invalid param : {detail}")) }
}
