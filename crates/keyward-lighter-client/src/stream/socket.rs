use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use zeroize::Zeroizing;

use crate::StreamError;
use crate::client::Inner;

/// The connection beneath a stream: texts in both directions.
pub(super) struct Socket(WebSocketStream<Box<dyn Io>>);

/// Plain or TLS.
trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The longest message that is read: 8 MiB.
const MAX_MESSAGE_BYTES: usize = 8 << 20;

impl Socket {
    pub(super) async fn connect(client: &Inner) -> Result<Self, StreamError> {
        let io = timeout(client.connect_timeout, open(client))
            .await
            .map_err(|_| StreamError::TimedOut)?
            .map_err(|error| StreamError::Connect(error.into()))?;
        let base_url = client.transport.base_url.as_str();
        let url = format!("ws{}/stream", base_url.strip_prefix("http").unwrap_or(base_url));
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(MAX_MESSAGE_BYTES);
        config.max_frame_size = Some(MAX_MESSAGE_BYTES);
        match client_async_with_config(url, io, Some(config)).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(StreamError::Handshake { http_status: response.status().as_u16() }),
            Err(error) => Err(StreamError::Connect(error.into())),
        }
    }

    /// Sends a text that may have a token in it.
    ///
    /// The frame is made here and not by tungstenite, which logs the payload of each at the level `trace`, and keeps
    /// a copy that nobody wipes. Cancelled half-way, it leaves the connection unusable.
    pub(super) async fn send(&mut self, text: &str) -> Result<(), StreamError> {
        // Nothing of tungstenite's own may be half sent before.
        self.0.flush().await.map_err(broken)?;
        let frame = masked_frame(text.as_bytes())?;
        let io = self.0.get_mut();
        io.write_all(&frame).await.map_err(|error| StreamError::Broken(error.into()))?;
        io.flush().await.map_err(|error| StreamError::Broken(error.into()))
    }

    pub(super) async fn send_ping(&mut self) -> Result<(), StreamError> {
        self.0.send(Message::text(r#"{"type":"ping"}"#)).await.map_err(broken)
    }

    pub(super) async fn send_pong(&mut self) -> Result<(), StreamError> {
        self.0.send(Message::text(r#"{"type":"pong"}"#)).await.map_err(broken)
    }

    /// The next text; `None` for one of the protocol's own messages. Can be cancelled.
    pub(super) async fn receive(&mut self) -> Result<Option<Utf8Bytes>, StreamError> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Close(_))) | None => Err(StreamError::Closed),
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => Err(broken(error)),
        }
    }

    pub(super) async fn close(&mut self) -> Result<(), StreamError> {
        self.0.close(None).await.map_err(broken)
    }
}

async fn open(client: &Inner) -> std::io::Result<Box<dyn Io>> {
    let base_url = &client.transport.base_url;
    let tcp = TcpStream::connect((base_url.host(), base_url.port())).await?;
    tcp.set_nodelay(true)?;
    if !base_url.is_tls() {
        return Ok(Box::new(tcp));
    }
    let name = ServerName::try_from(base_url.host().to_owned()).map_err(std::io::Error::other)?;
    Ok(Box::new(TlsConnector::from(client.tls.clone()).connect(name, tcp).await?))
}

/// One text frame as a client sends it. Source: RFC 6455, section 5.
fn masked_frame(payload: &[u8]) -> Result<Zeroizing<Vec<u8>>, StreamError> {
    let mut mask = [0; 4];
    getrandom::fill(&mut mask).map_err(|error| StreamError::Broken(error.into()))?;
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), mask: Some(mask), ..FrameHeader::default() };
    let len = payload.len() as u64;
    let mut frame = Zeroizing::new(Vec::with_capacity(header.len(len) + payload.len()));
    header.format(len, &mut *frame).map_err(broken)?;
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    Ok(frame)
}

fn broken(error: Error) -> StreamError {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => StreamError::Closed,
        error => StreamError::Broken(error.into()),
    }
}
