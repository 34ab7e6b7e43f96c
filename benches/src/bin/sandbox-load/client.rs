//! Keep-alive connections that ask one question after the other, with as little work as can be.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any head that is expected here.
const MOST_HEADERS: usize = 16;

/// What an answer must be.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// What its body begins with.
    pub(crate) body: &'static str,
}

/// What came of a while of asking.
pub(crate) struct Sample {
    /// From the first byte of a question to the last one of its answer, each.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) took: Duration,
}

/// Asks for `duration` on so many connections at a time, each going through the questions from a place of its own.
///
/// # Errors
/// A connection that fails, or an answer that is not the expected one.
pub(crate) async fn ask(
    server: SocketAddr,
    questions: &Arc<[Vec<u8>]>,
    expected: Expected,
    connections: usize,
    duration: Duration,
) -> io::Result<Sample> {
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(server).await?);
    }
    let start = Instant::now();
    let tasks: Vec<_> = opened
        .into_iter()
        .enumerate()
        .map(|(number, mut connection)| {
            let questions = Arc::clone(questions);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                for question in questions.iter().cycle().skip(number * questions.len() / connections) {
                    let asked = Instant::now();
                    if asked - start >= duration {
                        break;
                    }
                    connection.ask(question, expected).await?;
                    latencies.push(asked.elapsed());
                }
                io::Result::Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(Sample { latencies, took: start.elapsed() })
}

/// Asks each question once.
///
/// # Errors
/// A connection that fails, or an answer that is not the expected one.
pub(crate) async fn ask_each(
    server: SocketAddr,
    questions: impl IntoIterator<Item = Vec<u8>>,
    expected: Expected,
) -> io::Result<()> {
    let mut connection = Connection::open(server).await?;
    for question in questions {
        connection.ask(&question, expected).await?;
    }
    Ok(())
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(4096) })
    }

    async fn ask(&mut self, question: &[u8], expected: Expected) -> io::Result<()> {
        self.stream.write_all(question).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some((status, body)) = whole(&self.answer)? else { continue };
            return if status == expected.status && body.starts_with(expected.body.as_bytes()) {
                Ok(())
            } else {
                Err(io::Error::other(String::from_utf8_lossy(&self.answer).into_owned()))
            };
        }
    }
}

/// The status and the body of an answer that is there in full.
fn whole(bytes: &[u8]) -> io::Result<Option<(u16, &[u8])>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = head.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let length: usize = head
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| str::from_utf8(header.value).ok()?.parse().ok())
        .ok_or_else(|| io::Error::other("an answer without a length"))?;
    Ok(head.code.filter(|_| bytes.len() == body + length).map(|status| (status, &bytes[body..])))
}
