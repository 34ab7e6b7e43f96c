//! A Redis server.

mod connection;
mod node;

pub(crate) use node::{Mode, Node};

use crate::address::{loopback, user_info};
use crate::{Access, Durability, ServerError};

/// The user whom a password alone means (Redis, ACL): said in URLs, because Redis' own client takes an empty name for a name.
pub(crate) const USER: &str = "default";

/// A Redis server with a data folder of its own, on a free port of 127.0.0.1.
///
/// It ends when this value is dropped, and when the process that has this value ends.
#[derive(Debug)]
pub struct Redis {
    node: Node,
}

impl Redis {
    /// Starts the server; it answers when this returns. [`Durability::Synced`] is `appendonly yes` with
    /// `appendfsync always`, [`Durability::Fast`] keeps nothing on disk.
    ///
    /// # Errors
    ///
    /// [`ServerError::Missing`] if this machine has no Redis server. Any other if it has one that does not come up.
    pub fn start(durability: Durability, access: Access) -> Result<Self, ServerError> {
        Ok(Self { node: Node::start(Mode::Single, durability, access.password()?)? })
    }

    /// `redis://127.0.0.1:PORT`, or `redis://default:PASSWORD@127.0.0.1:PORT` with the password percent-encoded; the same after
    /// a restart.
    pub fn url(&self) -> String {
        let user_info = self.node.password().map(|password| user_info(USER, password)).unwrap_or_default();
        format!("redis://{user_info}{}", loopback(self.node.port()))
    }

    /// The number of the server's process; `None` while it is down.
    pub fn pid(&self) -> Option<u32> {
        self.node.pid()
    }

    /// Kills the server with SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if it does not die.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        self.node.kill()
    }

    /// Shuts the server down in order.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if it does not end; it is killed then.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.node.stop()
    }

    /// Starts the server again with the same data, password and port; one that runs is stopped first. It has loaded its
    /// data when this returns.
    ///
    /// # Errors
    ///
    /// [`ServerError`] if it does not come up.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.node.restart()
    }
}
