//! A connection to a Redis server, for the few commands that bring one up.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::address::loopback;

/// How long the server may take for one answer; it is asked again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes: more than `INFO` says.
const LONGEST: u64 = 1 << 20;

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(port: u16, password: Option<&str>) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&loopback(port), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut connection = Self { stream: BufReader::new(stream) };
        if let Some(password) = password {
            connection.call(&["AUTH", password])?;
        }
        Ok(connection)
    }

    /// Sends a command whose answer is a text or a number, and returns that. The server's refusal is an error of kind
    /// [`io::ErrorKind::Other`].
    pub(crate) fn call(&mut self, words: &[&str]) -> io::Result<String> {
        self.stream.get_mut().write_all(&encode(words))?;
        decode(&mut (&mut self.stream).take(LONGEST))
    }
}

/// An array of texts (RESP, "Arrays" and "Bulk strings").
fn encode(words: &[&str]) -> Vec<u8> {
    let mut message = format!("*{}\r\n", words.len());
    for word in words {
        message.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    message.into_bytes()
}

fn decode(stream: &mut impl io::BufRead) -> io::Result<String> {
    let bad = || io::Error::from(io::ErrorKind::InvalidData);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let line = line.strip_suffix("\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    match line.split_at_checked(1) {
        Some(("+" | ":", text)) => Ok(text.to_owned()),
        Some(("-", text)) => Err(io::Error::other(text.to_owned())),
        Some(("$", length)) => {
            let length: usize = length.parse().ok().filter(|length| *length < LONGEST as usize).ok_or_else(bad)?;
            let mut text = vec![0; length + 2];
            stream.read_exact(&mut text)?;
            text.truncate(length);
            String::from_utf8(text).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_as_the_protocol_has_it() {
        assert_eq!(encode(&["AUTH", "ä b"]), "*2\r\n$4\r\nAUTH\r\n$4\r\nä b\r\n".as_bytes());
    }

    #[test]
    fn answers_are_read() {
        let decode = |text: &str| decode(&mut text.as_bytes());
        assert_eq!(decode("+PONG\r\n").expect("a text"), "PONG");
        assert_eq!(decode(":12\r\n").expect("a number"), "12");
        assert_eq!(decode("$4\r\na\r\nb\r\n").expect("a text"), "a\r\nb");
        let refusal = decode("-LOADING Redis is loading\r\n").expect_err("a refusal was taken");
        assert_eq!(refusal.to_string(), "LOADING Redis is loading");
        for bad in ["", "+PONG", "*1\r\n$1\r\na\r\n", "$-1\r\n", "$9\r\nshort\r\n", "$99999999999\r\n"] {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
    }
}
