//! Where the servers' programs are.

use std::cmp::Reverse;
use std::env;
use std::path::{Path, PathBuf};

use crate::ServerError;

/// Names the folder with PostgreSQL's programs.
const POSTGRES_BIN: &str = "KEYWARD_TEST_POSTGRES_BIN";
/// Names the Redis server's program.
const REDIS_SERVER: &str = "KEYWARD_TEST_REDIS_SERVER";
/// Where Debian has PostgreSQL's versions, none of them on the path.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// The folder with `initdb` and `postgres`.
pub(crate) fn postgres() -> Result<PathBuf, ServerError> {
    let is_whole = |folder: &Path| ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file());
    if let Some(folder) = env::var_os(POSTGRES_BIN) {
        return Some(PathBuf::from(folder))
            .filter(|folder| is_whole(folder))
            .ok_or_else(|| ServerError::Missing(format!("no `initdb` and `postgres` where {POSTGRES_BIN} says")));
    }
    let mut versions: Vec<(u32, PathBuf)> = Path::new(DEBIAN_POSTGRES)
        .read_dir()
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| Reverse(*version));
    let debian = versions.into_iter().map(|(_, folder)| folder);
    debian.chain(path()).find(|folder| is_whole(folder)).ok_or_else(|| {
        ServerError::Missing(format!(
            "no PostgreSQL server, neither below {DEBIAN_POSTGRES} nor on the path; {POSTGRES_BIN} can name its folder"
        ))
    })
}

/// The program of the Redis server.
pub(crate) fn redis() -> Result<PathBuf, ServerError> {
    if let Some(program) = env::var_os(REDIS_SERVER) {
        return Some(PathBuf::from(program))
            .filter(|program| program.is_file())
            .ok_or_else(|| ServerError::Missing(format!("no program where {REDIS_SERVER} says")));
    }
    path().map(|folder| folder.join("redis-server")).find(|program| program.is_file()).ok_or_else(|| {
        ServerError::Missing(format!("no `redis-server` on the path; {REDIS_SERVER} can name the program"))
    })
}

fn path() -> impl Iterator<Item = PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default().into_iter()
}
