//! Ports to listen on, and URLs that say where a server listens.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::{ServerError, random};

/// Below the ports that Linux hands out to outgoing connections (32768 and up, where nobody has set it otherwise):
/// one of those could take the port of a server between its kill and its restart.
const FIRST: u16 = 10_000;
const COUNT: u16 = 10_000;

/// From a Redis server's port to the port on which the nodes of its cluster speak to each other.
const BUS: u16 = 10_000;

/// How a program that found its port taken says so.
pub(crate) const TAKEN: &str = "Address already in use";

pub(crate) fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A port that nobody listens on at this moment, and the same for its cluster bus.
pub(crate) fn free_port() -> Result<u16, ServerError> {
    let is_free = |port| TcpListener::bind(loopback(port)).is_ok();
    for _ in 0..1_000 {
        let port = FIRST + u16::from_le_bytes(random::bytes()?) % COUNT;
        if is_free(port) && is_free(port + BUS) {
            return Ok(port);
        }
    }
    Err(ServerError::io("looking for a free port")(io::ErrorKind::AddrInUse.into()))
}

/// `user:password@` for a URL, everything but letters and digits escaped.
pub(crate) fn user_info(user: &str, password: &str) -> String {
    let mut text = user.to_owned();
    text.push(':');
    for byte in password.bytes() {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.push('@');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_url_is_escaped() {
        assert_eq!(user_info("kw", "aZ9@:/?#[]%&=+, "), "kw:aZ9%40%3A%2F%3F%23%5B%5D%25%26%3D%2B%2C%20@");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_free_port_is_below_those_of_outgoing_connections() {
        for _ in 0..20 {
            let port = free_port().expect("a port");
            assert!((FIRST..FIRST + COUNT).contains(&port) && port + BUS < 32_768);
        }
    }
}
