//! Connections below HTTP: bytes out, bytes in, nothing that keeps a client from being wrong.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far more than anything here takes; what takes longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What came back before the server closed or went on to wait.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Of HTTP; `None` if the connection was closed without a word.
    pub(crate) status: Option<u16>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The member `code` of a JSON body.
    pub(crate) fn code(&self) -> Option<u64> {
        serde_json::from_slice::<serde_json::Value>(&self.body).ok()?["code"].as_u64()
    }
}

/// Sends these bytes on a connection of their own and reads one answer.
///
/// That the server hangs up while it is still being written to is not an error: it may well have had enough.
pub(crate) async fn send(server: SocketAddr, bytes: &[u8]) -> Answer {
    let exchange = async {
        let stream = TcpStream::connect(server).await.expect("a connection");
        let (mut reader, mut writer) = stream.into_split();
        let (_, answer) = tokio::join!(writer.write_all(bytes), read_answer(&mut reader));
        answer
    };
    timeout(PATIENCE, exchange).await.expect("an answer, or the end of the connection")
}

/// Reads one answer, or to the end of the connection.
pub(crate) async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin)) -> Answer {
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = parse(&bytes) {
            return answer;
        }
        // A reset ends the connection like any other end.
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return Answer { status: None, body: bytes };
        }
    }
}

/// An answer that is there in full, by its `content-length`.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = str::from_utf8(&bytes[..end]).expect("a head of text").to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().expect("a length"));
    let body = bytes.get(end..end + length)?;
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a status");
    // `100 Continue` only asks for the rest.
    if status == 100 { parse(&bytes[end..]) } else { Some(Answer { status: Some(status), body: body.to_vec() }) }
}

/// A form post, as it should be.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: sandbox\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A read, as it should be.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: sandbox\r\n\r\n").into_bytes()
}
