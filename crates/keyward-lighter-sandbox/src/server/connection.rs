//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::connections::{Admitted, Connection, Phase, Verdict};
use crate::http::{App, host_is_missing, refuse_without_host};
use crate::request_log;
use crate::stream;

/// The largest head of a request, in bytes; what is longer is answered 431.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Serves HTTP/1 on `socket` until either side has enough, then a WebSocket if that was asked for.
pub(crate) async fn serve(
    socket: TcpStream,
    admitted: Admitted,
    app: Arc<App>,
    router: Router,
    mut shutdown: watch::Receiver<bool>,
) {
    let connection = admitted.connection();
    let io = TokioIo::new(Watched { socket, connection: Arc::clone(connection) });
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| answer(request, &router, connection));
    // The time-outs are `Connections`', which tell a slow head from an idle connection.
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        // Who has asked may close its side and still wants the answer; who is gone altogether does not mind it.
        .half_close(true)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut http = pin!(http);
    let mut ending = false;
    loop {
        tokio::select! {
            // What has come before a time-out was noticed came in time.
            biased;
            // An error is the client's: it went away, or what it sent is no HTTP, which hyper has answered.
            _ = &mut http => break,
            () = connection.closing() => match admitted.verdict() {
                Verdict::Stay => {}
                Verdict::Finish => http.as_mut().graceful_shutdown(),
                Verdict::Go => return,
            },
            _ = shutdown.wait_for(|&shutdown| shutdown), if !ending => {
                ending = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
    if let Some(opening) = connection.take_opening() {
        connection.enter(Phase::Stream);
        stream::run(opening, connection.peer(), app, shutdown).await;
    }
}

/// Answers one request.
async fn answer(
    mut request: Request<Incoming>,
    router: &TowerToHyperService<Router>,
    connection: &Arc<Connection>,
) -> Result<Response, Infallible> {
    connection.enter(Phase::Working);
    let log = request_log::Entry::begin(request.method());
    collapse_leading_slashes(request.uri_mut());
    let response = if host_is_missing(&request) {
        refuse_without_host()
    } else {
        request.extensions_mut().insert(Arc::clone(connection));
        match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    log.end(&response);
    connection.enter(Phase::Idle);
    Ok(response)
}

/// `//api/v1/info`, of a base address with a slash at its end, is `/api/v1/info`.
fn collapse_leading_slashes(uri: &mut Uri) {
    if !uri.path().starts_with("//") {
        return;
    }
    let Some(text) = uri.path_and_query().map(|path_and_query| path_and_query.as_str()) else { return };
    // Part of a good path is a good path, so this does not fail; if it did, the path would be an unknown one.
    if let Ok(collapsed) = format!("/{}", text.trim_start_matches('/')).parse() {
        *uri = collapsed;
    }
}

/// A socket that notes when bytes come.
struct Watched {
    socket: TcpStream,
    connection: Arc<Connection>,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.connection.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
