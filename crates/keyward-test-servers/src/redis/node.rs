//! One Redis process, alone or of a cluster.

use std::fmt;
use std::path::{Path, PathBuf};

use super::connection::Connection;
use crate::running::{Program, on_a_free_port, on_its_port};
use crate::system::{Farewell, Folder, Guard, User};
use crate::{Access, Durability, ServerError, programs, random};

/// Whether a node is one of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Single,
    Cluster,
}

/// A Redis process with a folder of its own.
pub(crate) struct Node {
    running: Option<Guard>,
    folder: Folder,
    program: PathBuf,
    config: Config,
    port: u16,
}

impl Node {
    pub(crate) fn start(mode: Mode, durability: Durability, password: Option<String>) -> Result<Self, ServerError> {
        let program = programs::redis()?;
        let folder = Folder::create(User::Own)?;
        folder.make_data()?;
        let config = Config { mode, durability, password };
        let (port, guard) = on_a_free_port(|port| bring_up(&folder, &program, &config, port))?;
        Ok(Self { running: Some(guard), folder, program, config, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.config.password.as_deref()
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Guard::pid)
    }

    pub(crate) fn kill(&mut self) -> Result<(), ServerError> {
        match self.running.take() {
            Some(guard) => server(&self.program).kill(&self.folder, guard),
            None => Ok(()),
        }
    }

    pub(crate) fn stop(&mut self) -> Result<(), ServerError> {
        match self.running.take() {
            Some(guard) => server(&self.program).stop(&self.folder, guard),
            None => Ok(()),
        }
    }

    pub(crate) fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        self.running = Some(on_its_port(|| bring_up(&self.folder, &self.program, &self.config, self.port))?);
        Ok(())
    }

    /// Sends one command.
    pub(crate) fn call(&self, words: &[&str]) -> Result<String, ServerError> {
        Connection::open(self.port, self.password()).and_then(|mut connection| connection.call(words)).map_err(
            |error| match error.kind() {
                std::io::ErrorKind::Other => {
                    ServerError::Refused { program: "redis-server", answer: error.to_string() }
                }
                _ => ServerError::io(format!("sending {}", words.first().unwrap_or(&"nothing")))(error),
            },
        )
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("port", &self.port).field("pid", &self.pid()).finish_non_exhaustive()
    }
}

impl Access {
    /// A new password, if there is to be one.
    pub(crate) fn password(self) -> Result<Option<String>, ServerError> {
        match self {
            Self::Password => random::password().map(Some),
            Self::Open => Ok(None),
        }
    }
}

/// What the server's configuration file says, but for the port.
struct Config {
    mode: Mode,
    durability: Durability,
    password: Option<String>,
}

impl Config {
    fn text(&self, data: &Path, port: u16) -> String {
        let mut text = format!("bind 127.0.0.1\nport {port}\ndir {}\nsave \"\"\n", quoted(&data.to_string_lossy()));
        match self.durability {
            Durability::Synced => text.push_str("appendonly yes\nappendfsync always\n"),
            Durability::Fast => text.push_str("appendonly no\n"),
        }
        if let Some(password) = &self.password {
            text.push_str(&format!("requirepass {}\n", quoted(password)));
        }
        if self.mode == Mode::Cluster {
            text.push_str("cluster-enabled yes\ncluster-node-timeout 2000\ncluster-announce-ip 127.0.0.1\n");
        }
        text
    }
}

/// A word of Redis's configuration file.
fn quoted(word: &str) -> String {
    let escaped = word.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    format!("\"{escaped}\"")
}

/// Runs the server until it has loaded its data and answers.
fn bring_up(folder: &Folder, program: &Path, config: &Config, port: u16) -> Result<Guard, ServerError> {
    let file = folder.write("redis.conf", &config.text(&folder.data(), port))?;
    server(program).bring_up(folder, &[file.as_os_str()], |pid| {
        Connection::open(port, config.password.as_deref())
            .and_then(|mut connection| {
                // Refused while data are loaded.
                connection.call(&["PING"])?;
                // What answers on the port could be another server.
                let info = connection.call(&["INFO", "server"])?;
                Ok(info.lines().any(|line| line == format!("process_id:{pid}")))
            })
            .unwrap_or(false)
    })
}

fn server(path: &Path) -> Program<'_> {
    Program { name: "redis-server", path, farewell: Farewell::Kill }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durable_is_as_durable_as_redis_can_be() {
        let text = |durability| {
            let config = Config { mode: Mode::Single, durability, password: Some("a\"b".to_owned()) };
            config.text(Path::new("/d"), 7)
        };
        let synced = text(Durability::Synced);
        assert!(synced.contains("\nappendonly yes\nappendfsync always\n"), "{synced}");
        assert!(synced.contains("\nrequirepass \"\\x61\\x22\\x62\"\n"), "{synced}");
        assert!(text(Durability::Fast).contains("\nappendonly no\n"));
    }
}
