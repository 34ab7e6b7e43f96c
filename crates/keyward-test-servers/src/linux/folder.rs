//! A server's folder, which somebody removes in any case.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, str};

use rustix::process::geteuid;

use super::process;
use super::user::User;
use crate::{ServerError, random};

/// What the folders' names begin with.
const PREFIX: &str = "keyward-test-servers-";

/// A folder in the folder for temporary files, locked for as long as this value lives.
///
/// It is removed when the value is dropped, or when the process that has it ends ([`Guard`](super::Guard)), or else
/// by whoever makes the next one: a folder that nobody has locked belongs to nobody.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    user: User,
    _lock: File,
}

impl Folder {
    /// A new one, of this user. Removes what others have left behind, and ends servers that are still running there.
    pub(crate) fn create(user: User) -> Result<Self, ServerError> {
        let parent = env::temp_dir();
        let parent = parent.canonicalize().map_err(ServerError::io(parent.display().to_string()))?;
        sweep(&parent);
        loop {
            let path = parent.join(format!("{PREFIX}{}", random::name()?));
            let fail = || ServerError::io(format!("making {}", path.display()));
            DirBuilder::new().mode(0o700).create(&path).map_err(fail())?;
            // Between the two, somebody may take it for left behind.
            if let Some(lock) = lock(&path) {
                user.own(&path)?;
                return Ok(Self { path, user, _lock: lock });
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn user(&self) -> User {
        self.user
    }

    /// Where the server's data is.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Makes the folder of the data.
    pub(crate) fn make_data(&self) -> Result<(), ServerError> {
        let data = self.data();
        DirBuilder::new().mode(0o700).create(&data).map_err(ServerError::io(format!("making {}", data.display())))?;
        self.user.own(&data)
    }

    /// Writes a file that only the folder's user may read. Its path.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, ServerError> {
        let path = self.path.join(name);
        File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .map_err(ServerError::io(format!("writing {}", path.display())))?;
        self.user.own(&path)?;
        Ok(path)
    }

    /// Where what the server says is appended.
    pub(crate) fn log(&self) -> Result<File, ServerError> {
        let path = self.path.join("log");
        File::options()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(ServerError::io(format!("opening {}", path.display())))
    }

    /// How long the log is, in bytes.
    pub(crate) fn log_length(&self) -> u64 {
        fs::metadata(self.path.join("log")).map_or(0, |file| file.len())
    }

    /// What was logged since the log was so long; the last 4 KiB of it.
    pub(crate) fn log_since(&self, length: u64) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(self.path.join("log"))?;
            let from = length.max(file.metadata()?.len().saturating_sub(4_096));
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
        };
        read().unwrap_or_else(|error| format!("(no log: {error})"))
    }

    /// Kills whatever works in the folder of the data. Whether nothing does any more.
    pub(crate) fn kill_all(&self) -> bool {
        process::kill_all_in(&self.data())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        clear(&self.path);
    }
}

/// The lock of a folder, if nobody has it and the folder is still there.
fn lock(path: &Path) -> Option<File> {
    let folder = File::open(path).ok()?;
    folder.try_lock().ok()?;
    let (locked, there) = (folder.metadata().ok()?, fs::symlink_metadata(path).ok()?);
    (locked.dev() == there.dev() && locked.ino() == there.ino()).then_some(folder)
}

/// Clears away the folders that nobody has locked. What cannot be cleared away stays for the next one.
fn sweep(parent: &Path) {
    let user = geteuid();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
            && entry
                .metadata()
                .is_ok_and(|folder| folder.is_dir() && (user.is_root() || folder.uid() == user.as_raw()));
        if is_ours && let Some(_lock) = lock(&entry.path()) {
            clear(&entry.path());
        }
    }
}

/// Ends what works in a folder and removes it.
fn clear(folder: &Path) {
    process::kill_all_in(folder);
    remove_shared_memory(&folder.join("data/postmaster.pid"));
    let _ = fs::remove_dir_all(folder);
}

/// A PostgreSQL server that was killed leaves a segment of shared memory behind, of 56 bytes; a machine can have 4,096
/// of them. Its number is the second of line 7 of `postmaster.pid`, which only a server that was killed leaves either.
fn remove_shared_memory(postmaster: &Path) {
    let text = fs::read_to_string(postmaster).unwrap_or_default();
    if let Some(id) = text.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
        let mut remove = Command::new("ipcrm");
        remove
            .args([OsStr::new("-m"), OsStr::new(id)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let _ = remove.status();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_that_nobody_has_locked_is_swept() {
        let kept = Folder::create(User::Own).expect("a folder");
        let parent = kept.path().parent().expect("a parent");
        let left = parent.join(format!("{PREFIX}left-by-{}", random::name().expect("a name")));
        fs::create_dir_all(left.join("data")).expect("a folder that nobody has locked");

        let next = Folder::create(User::Own).expect("a folder");
        assert!(!left.exists());
        assert!(kept.path().is_dir() && next.path().is_dir());

        let path = kept.path().to_owned();
        drop(kept);
        assert!(!path.exists());
    }

    #[test]
    fn the_log_is_read_from_where_one_says() {
        let folder = Folder::create(User::Own).expect("a folder");
        folder.log().expect("a log").write_all(b"before\n").expect("written");
        let length = folder.log_length();
        folder.log().expect("a log").write_all(b"after\n").expect("written");
        assert_eq!(folder.log_since(length), "after");
        folder.log().expect("a log").write_all(&[b'.'; 10_000]).expect("written");
        assert_eq!(folder.log_since(length).len(), 4_096);
    }
}
