use std::io;

/// The most connections where the process may have any number of files open.
const MOST: usize = 16_384;

/// Lets this process have as many files open as its hard limit allows, and says how many that are.
///
/// Each connection is an open file. It concerns the whole process, so it is for a program to call, not for the
/// library to do by itself.
///
/// # Errors
/// - the system's, if it refuses
pub fn raise_open_files_limit() -> io::Result<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            limit.current = limit.maximum;
            setrlimit(Resource::Nofile, limit)?;
        }
        Ok(limit.current.unwrap_or(u64::MAX))
    }
    #[cfg(not(unix))]
    Ok(u64::MAX)
}

/// How many connections the process has files for: a quarter is left for everything else.
pub(crate) fn default_max_connections() -> usize {
    #[cfg(unix)]
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let files = None::<u64>;
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    (files / 4 * 3).clamp(1, MOST)
}
