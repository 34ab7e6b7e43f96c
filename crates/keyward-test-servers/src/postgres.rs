//! A PostgreSQL server.

mod handshake;

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::address::{loopback, user_info};
use crate::running::{Program, on_a_free_port, on_its_port};
use crate::system::{Farewell, Folder, Guard, User};
use crate::{Durability, ServerError, programs, random};

/// The server's superuser.
const USER: &str = "keyward";
/// The database that every server has.
const DATABASE: &str = "postgres";

/// Nothing of the server is outside of its folder but a port of this machine's own address and, unless it is killed,
/// 56 bytes of shared memory.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
shared_buffers = 32MB
max_connections = 200
";

/// No waiting for the disk, and no precaution against half-written pages.
const FAST: &str = "
fsync = off
synchronous_commit = off
full_page_writes = off
";

/// A PostgreSQL server with a data folder of its own, on a free port of 127.0.0.1.
///
/// It ends when this value is dropped, and when the process that has this value ends.
pub struct Postgres {
    running: Option<Guard>,
    folder: Folder,
    programs: PathBuf,
    password: String,
    port: u16,
}

impl Postgres {
    /// Makes the data folder and starts the server; it accepts connections when this returns. As root, the server runs
    /// as the user `postgres`.
    ///
    /// # Errors
    ///
    /// [`ServerError::Missing`] if this machine has no PostgreSQL server. Any other if it has one that does not come up.
    pub fn start(durability: Durability) -> Result<Self, ServerError> {
        let programs = programs::postgres()?;
        let folder = Folder::create(User::for_postgres()?)?;
        let password = random::password()?;
        init(&folder, &programs, &password, durability)?;
        let (port, guard) = on_a_free_port(|port| bring_up(&folder, &programs, port))?;
        Ok(Self { running: Some(guard), folder, programs, password, port })
    }

    /// `postgres://USER:PASSWORD@127.0.0.1:PORT/DATABASE`: of a superuser, the password percent-encoded; the same after
    /// a restart.
    pub fn url(&self) -> String {
        format!("postgres://{}{}/{DATABASE}", user_info(USER, &self.password), loopback(self.port))
    }

    /// The number of the process that all the others are children of; `None` while the server is down.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Guard::pid)
    }

    /// Kills the server and all its processes with SIGKILL, and waits until they are gone.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if a process does not die.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        match self.running.take() {
            Some(guard) => server(&self.programs.join("postgres")).kill(&self.folder, guard),
            None => Ok(()),
        }
    }

    /// Shuts the server down in order: transactions are rolled back, everything is written.
    ///
    /// # Errors
    ///
    /// [`ServerError::Late`] if it does not end; it is killed then.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        match self.running.take() {
            Some(guard) => server(&self.programs.join("postgres")).stop(&self.folder, guard),
            None => Ok(()),
        }
    }

    /// Starts the server again with the same data, password and port; one that runs is stopped first. After a kill it
    /// has recovered when this returns.
    ///
    /// # Errors
    ///
    /// [`ServerError`] if it does not come up.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        self.running = Some(on_its_port(|| bring_up(&self.folder, &self.programs, self.port))?);
        Ok(())
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("port", &self.port).field("pid", &self.pid()).finish_non_exhaustive()
    }
}

/// Makes the data folder.
fn init(folder: &Folder, programs: &Path, password: &str, durability: Durability) -> Result<(), ServerError> {
    let password = folder.write("password", &format!("{password}\n"))?;
    let data = folder.data();
    let initdb = Program { name: "initdb", path: &programs.join("initdb"), farewell: Farewell::Kill };
    // A kill of the server loses nothing that the kernel has: the new files need not be on disk before the first start.
    let arguments = ["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"];
    let mut arguments: Vec<&OsStr> = arguments.map(OsStr::new).to_vec();
    arguments.extend([OsStr::new("--pwfile"), password.as_os_str(), OsStr::new("--pgdata"), data.as_os_str()]);
    initdb.run_to_end(folder, &arguments)?;

    let settings = if durability == Durability::Fast { [SETTINGS, FAST].concat() } else { SETTINGS.to_owned() };
    File::options()
        .append(true)
        .open(data.join("postgresql.conf"))
        .and_then(|mut file| file.write_all(settings.as_bytes()))
        .map_err(ServerError::io("writing postgresql.conf"))
}

/// Runs the server until it accepts connections.
fn bring_up(folder: &Folder, programs: &Path, port: u16) -> Result<Guard, ServerError> {
    let data = folder.data();
    let text = port.to_string();
    let arguments = [OsStr::new("-D"), data.as_os_str(), OsStr::new("-p"), OsStr::new(&text)];
    server(&programs.join("postgres")).bring_up(folder, &arguments, |pid| {
        // What answers on the port could be another server; what the file says is of this one.
        says_ready(&fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default(), pid)
            && handshake::is_accepted(loopback(port), USER, DATABASE)
    })
}

/// Whether `postmaster.pid` says that the server with this process number accepts connections: the number is line 1,
/// the state line 8 (PostgreSQL, `src/include/utils/pidfile.h`).
fn says_ready(postmaster: &str, pid: u32) -> bool {
    let lines: Vec<&str> = postmaster.lines().map(str::trim_end).collect();
    lines.first().is_some_and(|line| line.parse() == Ok(pid)) && lines.get(7) == Some(&"ready")
}

/// The server. When nobody needs it any more, the quickest way that clears away its shared memory will do.
fn server(path: &Path) -> Program<'_> {
    Program { name: "postgres", path, farewell: Farewell::Quit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_server_ready_is_ready() {
        let file = |state: &str| format!("4711\n/data\n1700000000\n15000\n\n127.0.0.1\n  1234567         3\n{state}\n");
        assert!(says_ready(&file("ready   "), 4711));
        assert!(!says_ready(&file("ready   "), 471));
        assert!(!says_ready(&file("starting"), 4711));
        assert!(!says_ready("4711\n", 4711));
        assert!(!says_ready("", 4711));
    }
}
