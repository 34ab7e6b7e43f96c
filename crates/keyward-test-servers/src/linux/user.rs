//! As whom a server runs.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::ServerError;

/// A user of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum User {
    /// The one who runs the test.
    Own,
    /// Another one: the one who runs the test is root, and the server would not run as root.
    Other { uid: u32, gid: u32 },
}

impl User {
    /// Who may run PostgreSQL: whoever runs the test; in place of root the user that PostgreSQL's packages make for it.
    pub(crate) fn for_postgres() -> Result<Self, ServerError> {
        if !geteuid().is_root() {
            return Ok(Self::Own);
        }
        fs::read_to_string("/etc/passwd")
            .ok()
            .and_then(|users| find(&users, "postgres"))
            .ok_or_else(|| ServerError::Missing("no user `postgres`, and PostgreSQL does not run as root".to_owned()))
    }

    pub(crate) fn own(self, path: &Path) -> Result<(), ServerError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid))
                .map_err(ServerError::io(format!("giving {} to another user", path.display()))),
        }
    }

    /// Makes a command run as this user. Root's other groups are given up by it too.
    pub(crate) fn run(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }
}

/// Looks a user up in a file of the form of `/etc/passwd`.
fn find(users: &str, name: &str) -> Option<User> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some(User::Other { uid: numbers.next()?.parse().ok()?, gid: numbers.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:105:112:,,,:/var:/bin/sh\n";
        assert!(matches!(find(users, "postgres"), Some(User::Other { uid: 105, gid: 112 })));
        assert!(find(users, "post").is_none());
    }
}
