//! A venue that answers as a test wants it to, good or bad.

use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::proxy::read_message;

/// Ends with the process.
pub(crate) struct Stub {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// Answers each request with what `answer` makes of its first line; nothing at all, and the connection kept, for
    /// an empty answer.
    pub(crate) fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                // A client may have heard enough.
                thread::spawn(move || client.and_then(|client| serve(client, &log, &*answer)));
            }
        });
        Self { url, requests }
    }

    /// The first lines of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An answer with this status and body, as the API gives it.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    let len = body.len();
    let head = format!("HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {len}\r\n");
    format!("{head}connection: close\r\n\r\n{body}").into()
}

fn serve(mut client: TcpStream, log: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Vec<u8>) -> std::io::Result<()> {
    let mut requests = BufReader::new(client.try_clone()?);
    let request = read_message(&mut requests)?;
    let line = String::from_utf8_lossy(request.split(|&byte| byte == b'\r').next().unwrap()).into_owned();
    log.lock().unwrap().push(line.clone());
    let answer = answer(&line);
    if !answer.is_empty() {
        client.write_all(&answer)?;
        client.shutdown(Shutdown::Write)?;
    }
    // To close before the client has read all would take it back.
    std::io::copy(&mut requests, &mut std::io::sink())?;
    Ok(())
}
