//! The beginning of PostgreSQL's protocol, as far as it shows that the server accepts connections.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take for one answer; it is asked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Version 3.0.
const PROTOCOL: u32 = 3 << 16;

/// Whether the server would let this user into this database after a look at the password. One that starts, recovers
/// or shuts down answers with an error.
pub(super) fn is_accepted(address: SocketAddr, user: &str, database: &str) -> bool {
    // `R`: the request to authenticate.
    ask(address, &startup(user, database)).is_ok_and(|kind| kind == b'R')
}

/// The first byte of the answer.
fn ask(address: SocketAddr, message: &[u8]) -> io::Result<u8> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(message)?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    Ok(kind[0])
}

/// `StartupMessage`: length with itself, version, then names and values, each ended by a zero byte, and one more.
fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for text in ["user", user, "database", database, ""] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), body.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_as_the_protocol_has_it() {
        assert_eq!(startup("u", "d"), b"\x00\x00\x00\x1b\x00\x03\x00\x00user\x00u\x00database\x00d\x00\x00");
    }
}
