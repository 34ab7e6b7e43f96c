//! Files that hold secrets: readable by their owner alone from the first instant, and whole or not
//! there at all.
//!
//! A file is written under no name (Linux, `O_TMPFILE`) and synced, so that a process killed on the
//! way leaves nothing behind; then linked into its directory and renamed over the old file. A kill
//! between these two steps leaves a complete file of mode 0600 under a hidden name. Where there are
//! no unnamed files, a hidden one serves from the beginning; it is removed on every failure but a
//! kill. What a kill leaves is removed when the next file is begun in that directory: a draft is
//! locked from before it has both a name and content, and a lock ends with its process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What to do about a file that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Put the new file in its place, with mode 0600 whatever the old one had.
    Replace,
    /// Leave it alone and fail.
    Refuse,
}

/// A secret file in the making: dropping it leaves everything as it was, [`SecretFile::commit`]
/// makes it the file of its name.
#[derive(Debug)]
pub(crate) struct SecretFile {
    target: PathBuf,
    existing: Existing,
    directory: PathBuf,
    directory_handle: File,
    draft: Draft,
}

#[derive(Debug)]
enum Draft {
    #[cfg(target_os = "linux")]
    Unnamed(File),
    Named(NamedTempFile),
}

impl SecretFile {
    /// Begins a file that will be `target`.
    ///
    /// # Errors
    /// - `target` is a symbolic link: what it points to may be anyone's choice
    /// - `target` is a directory, device or other thing that is not a regular file
    /// - `target` exists and is to be left alone
    /// - the directory does not exist or cannot be written to
    pub(crate) fn create(target: &Path, existing: Existing) -> io::Result<Self> {
        check_target(target, existing)?;
        let directory = folder_of(target);
        // Helps only later ones: no reason to fail.
        let _ = sweep(directory);
        Ok(Self {
            target: target.to_owned(),
            existing,
            directory: directory.to_owned(),
            directory_handle: File::open(directory)?,
            draft: Draft::create(directory)?,
        })
    }

    /// Makes the file durable under its name.
    ///
    /// # Errors
    /// - the file or its directory cannot be synced or changed
    /// - a file of that name has come into being and is to be left alone
    pub(crate) fn commit(self) -> io::Result<()> {
        self.draft.file().sync_all()?;
        match (self.draft, self.existing) {
            #[cfg(target_os = "linux")]
            (Draft::Unnamed(file), Existing::Refuse) => unnamed::link(&file, &self.target)?,
            #[cfg(target_os = "linux")]
            (Draft::Unnamed(file), Existing::Replace) => {
                let linked = temporary_name().make_in(&self.directory, |name| unnamed::link(&file, name))?;
                // Some file systems (btrfs) ignore a sync before the file has a name.
                file.sync_data()?;
                linked.persist(&self.target)?;
            }
            (Draft::Named(file), Existing::Refuse) => drop(file.persist_noclobber(&self.target)?),
            (Draft::Named(file), Existing::Replace) => drop(file.persist(&self.target)?),
        }
        self.directory_handle.sync_all()
    }
}

/// Makes `content` the file `target`, which may be there already.
///
/// # Errors
/// - those of [`SecretFile::create`] and [`SecretFile::commit`]
pub(crate) fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = SecretFile::create(target, Existing::Replace)?;
    file.write_all(content)?;
    file.commit()
}

/// Whether a [`replace`] of `target` could begin.
pub(crate) fn check_replaceable(target: &Path) -> io::Result<()> {
    SecretFile::create(target, Existing::Replace).map(drop)
}

/// Removes `target` for good, if it is there.
pub(crate) fn remove(target: &Path) -> io::Result<()> {
    match fs::remove_file(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::open(folder_of(target))?.sync_all(),
    }
}

/// The folder that `file` is in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Write for SecretFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.draft.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Neither kind of file has a buffer of its own.
        Ok(())
    }
}

impl Draft {
    fn create(directory: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed::create(directory) {
            lock(&file);
            return Ok(Self::Unnamed(file));
        }
        Self::named(directory)
    }

    fn named(directory: &Path) -> io::Result<Self> {
        // The error itself names the temporary file, which nobody has asked for.
        let file = temporary_name().tempfile_in(directory).map_err(|error| io::Error::from(error.kind()))?;
        lock(file.as_file());
        Ok(Self::Named(file))
    }

    fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }
}

const PREFIX: &str = ".keyward-";
const SUFFIX: &str = ".tmp";

/// The name that a file has for a moment; `tempfile` creates it with mode 0600.
fn temporary_name() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    builder
}

/// Keeps a draft, which nobody else knows yet, from being swept.
fn lock(draft: &File) {
    // On a file system without locks nothing is swept either.
    let _ = draft.try_lock();
}

/// Removes the drafts that killed processes have left in `directory`.
fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_draft = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_draft && entry.file_type()?.is_file() {
            // Somebody else's, or gone already: not ours to remove.
            let _ = remove_if_abandoned(&entry.path());
        }
    }
    Ok(())
}

fn remove_if_abandoned(draft: &Path) -> io::Result<()> {
    // For writing, without which some network file systems do not lock.
    let file = File::options().write(true).open(draft)?;
    // Without content it may be about to be locked.
    if file.metadata()?.len() > 0 && file.try_lock().is_ok() { fs::remove_file(draft) } else { Ok(()) }
}

fn check_target(target: &Path, existing: Existing) -> io::Result<()> {
    let refuse = |kind, message: &'static str| Err(io::Error::new(kind, message));
    if target.file_name().is_none() {
        return refuse(io::ErrorKind::InvalidInput, "not the name of a file");
    }
    match fs::symlink_metadata(target) {
        Ok(found) if found.is_symlink() => {
            refuse(io::ErrorKind::InvalidInput, "is a symbolic link; name the file itself")
        }
        Ok(found) if !found.is_file() => refuse(io::ErrorKind::InvalidInput, "is not a regular file"),
        Ok(_) if existing == Existing::Refuse => refuse(io::ErrorKind::AlreadyExists, "file exists"),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Files without a name.
#[cfg(target_os = "linux")]
mod unnamed {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, OFlags, linkat};

    /// An unnamed file of mode 0600 on the file system of `directory`; none if that cannot be had,
    /// whatever the cause: a named one is tried next, and tells.
    pub(super) fn create(directory: &Path) -> Option<File> {
        let file = OpenOptions::new()
            .write(true)
            .mode(0o600)
            .custom_flags(OFlags::TMPFILE.bits().cast_signed())
            .open(directory)
            .ok()?;
        // Without /proc it could never be given a name.
        handle_path(&file).exists().then_some(file)
    }

    /// Gives `file` the name `path`; fails if there is a file of that name.
    pub(super) fn link(file: &File, path: &Path) -> io::Result<()> {
        linkat(CWD, handle_path(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
        Ok(())
    }

    fn handle_path(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::{self, Write};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use super::{Draft, Existing, SecretFile, temporary_name};

    fn write(target: &Path, existing: Existing, content: &[u8]) -> io::Result<()> {
        let mut file = SecretFile::create(target, existing)?;
        file.write_all(content)?;
        file.commit()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn new_file_is_private() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("tokens");
        for existing in [Existing::Refuse, Existing::Replace] {
            write(&target, existing, b"secret").unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"secret");
            assert_eq!(mode(&target), 0o600);
            assert_eq!(names(directory.path()), ["tokens"]);
            fs::remove_file(&target).unwrap();
        }
    }

    #[test]
    fn draft_is_private_before_anything_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let named = temporary_name().tempfile_in(directory.path()).unwrap();
        assert_eq!(mode(named.path()), 0o600);
        match Draft::create(directory.path()).unwrap() {
            #[cfg(target_os = "linux")]
            Draft::Unnamed(file) => {
                assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
            }
            Draft::Named(file) => assert_eq!(mode(file.path()), 0o600),
        }
    }

    #[test]
    fn replaced_file_becomes_private() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("tokens");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o644)).unwrap();
        write(&target, Existing::Replace, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(mode(&target), 0o600);
        assert_eq!(names(directory.path()), ["tokens"]);
    }

    #[test]
    fn file_that_is_not_committed_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("tokens");
        fs::write(&target, "old").unwrap();
        let mut file = SecretFile::create(&target, Existing::Replace).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(directory.path()), ["tokens"]);
    }

    #[test]
    fn existing_file_is_refused_even_if_it_comes_late() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("key");
        let mut late = SecretFile::create(&target, Existing::Refuse).unwrap();
        late.write_all(b"second").unwrap();
        write(&target, Existing::Refuse, b"first").unwrap();
        assert_eq!(late.commit().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let early = SecretFile::create(&target, Existing::Refuse).unwrap_err();
        assert_eq!(early.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"first");
        assert_eq!(names(directory.path()), ["key"]);
    }

    #[test]
    fn only_regular_files_are_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().join("real");
        let link = directory.path().join("link");
        fs::write(&real, "old").unwrap();
        symlink(&real, &link).unwrap();
        let paths = [&link, directory.path(), Path::new("/dev/null"), Path::new("..")];
        for path in paths {
            let refusal = SecretFile::create(path, Existing::Replace).unwrap_err();
            assert_eq!(refusal.kind(), io::ErrorKind::InvalidInput, "{path:?}");
        }
        assert_eq!(fs::read(&real).unwrap(), b"old");
    }

    #[test]
    fn draft_of_a_killed_process_is_swept() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name| directory.path().join(name);
        fs::write(path(".keyward-killed.tmp"), "secret").unwrap();
        fs::write(path(".keyward-empty.tmp"), "").unwrap();
        fs::write(path("keyward-other.tmp"), "").unwrap();
        fs::create_dir(path(".keyward-folder.tmp")).unwrap();
        symlink(path("keyward-other.tmp"), path(".keyward-link.tmp")).unwrap();
        write(&path("tokens"), Existing::Replace, b"new").unwrap();
        let left = [".keyward-empty.tmp", ".keyward-folder.tmp", ".keyward-link.tmp", "keyward-other.tmp", "tokens"];
        assert_eq!(names(directory.path()), left);
    }

    /// At the instant between getting a name and taking the old file's place, too.
    #[test]
    fn draft_of_a_living_process_is_not_swept() {
        let directory = tempfile::tempdir().unwrap();
        let drafts = [Draft::create(directory.path()).unwrap(), Draft::named(directory.path()).unwrap()];
        let paths = drafts.each_ref().map(|draft| {
            draft.file().write_all(b"secret").unwrap();
            match draft {
                #[cfg(target_os = "linux")]
                Draft::Unnamed(file) => {
                    let path = directory.path().join(".keyward-linked.tmp");
                    super::unnamed::link(file, &path).unwrap();
                    path
                }
                Draft::Named(file) => file.path().to_owned(),
            }
        });
        write(&directory.path().join("tokens"), Existing::Replace, b"new").unwrap();
        assert!(paths.iter().all(|path| path.exists()), "{paths:?}");
        drop(drafts);
        write(&directory.path().join("tokens"), Existing::Replace, b"new").unwrap();
        assert_eq!(names(directory.path()), ["tokens"]);
    }

    #[test]
    fn named_draft_does_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("tokens");
        let begin = |existing| {
            let mut file = SecretFile::create(&target, existing).unwrap();
            file.draft = Draft::named(directory.path()).unwrap();
            file.write_all(b"named").unwrap();
            file
        };
        let late = begin(Existing::Refuse);
        begin(Existing::Replace).commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"named");
        assert_eq!(mode(&target), 0o600);
        assert_eq!(late.commit().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(names(directory.path()), ["tokens"]);
    }
}
