//! Reading what may be long, slow, secret or hostile.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::failure::{Failure, tell};

/// The longest line that is looked at; an auth token has at most 200 bytes.
const MAX_LINE_BYTES: u64 = 4096;

const STDIN: &str = "standard input";

/// Longer than any key, seed or token text, with room for white space that is then refused by name.
const MAX_KEY_TEXT_BYTES: u64 = 1024;

/// Whether there is such a file; one that cannot be looked at is an error, not an absent one.
pub(crate) fn is_there(path: &Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| Failure::of(path.display(), error))
}

/// Reads all of a file that holds secrets, at most `limit` bytes, into memory that is wiped.
pub(crate) fn read_secret_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_file_with(path, limit, warn_if_readable_by_others)
}

/// Reads all of a file without secrets, at most `limit` bytes.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_file_with(path, limit, |_, _| {})
}

fn read_file_with(path: &Path, limit: u64, look: fn(&Path, &Metadata)) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let open = || {
        let file = File::open(path)?;
        let found = file.metadata()?;
        look(path, &found);
        if found.len() > limit {
            return Err(too_long(limit));
        }
        read_all(file, found.len(), limit)
    };
    open().map_err(|error| Failure::of(path.display(), error))
}

/// Reads the one key that standard input holds; its last line end is not part of it.
pub(crate) fn read_key_text() -> Result<Zeroizing<String>, Failure> {
    let bytes = unbuffered_stdin()
        .and_then(|stdin| read_all(stdin, MAX_KEY_TEXT_BYTES, MAX_KEY_TEXT_BYTES))
        .map_err(|error| Failure::of(STDIN, error))?;
    one_line(&bytes).ok_or_else(|| Failure::of(STDIN, "not text"))
}

/// Reads the one key or token that a file holds, or standard input for `-`.
pub(crate) fn read_secret_line(path: &Path) -> Result<Zeroizing<String>, Failure> {
    if path.as_os_str() == "-" {
        return read_key_text();
    }
    let bytes = read_secret_file(path, MAX_KEY_TEXT_BYTES)?;
    one_line(&bytes).ok_or_else(|| Failure::of(path.display(), "not text"))
}

/// The text without its last line end.
fn one_line(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Some(Zeroizing::new(text.to_owned()))
}

/// Standard input without the buffer of [`io::stdin`], which nobody would wipe.
#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;

    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn unbuffered_stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// `expected` only saves copies.
fn read_all(mut source: impl Read, expected: u64, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    const STEP: usize = 8 * 1024;
    // One byte more than expected, so that the end is found without growing.
    let first = usize::try_from(expected).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = Zeroizing::new(vec![0; first.max(STEP)]);
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            // A vector that grows by itself would leave its old memory behind, not wiped.
            let mut larger = Zeroizing::new(vec![0; filled * 2]);
            larger[..filled].copy_from_slice(&bytes);
            bytes = larger;
        }
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled as u64 > limit {
            return Err(too_long(limit));
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn too_long(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes"))
}

#[cfg(unix)]
fn warn_if_readable_by_others(path: &Path, found: &Metadata) {
    use std::os::unix::fs::MetadataExt;

    let mode = found.mode() & 0o777;
    if found.is_file() && mode & 0o077 != 0 {
        tell("warning", format_args!("{}: holds secrets, but has mode {mode:04o}, not 0600", path.display()));
    }
}

#[cfg(not(unix))]
fn warn_if_readable_by_others(_: &Path, _: &Metadata) {}

/// Where tokens to look at come from: a file, or standard input for `-`.
#[derive(Debug, Clone)]
pub(crate) struct LineSource(PathBuf);

impl From<std::ffi::OsString> for LineSource {
    fn from(argument: std::ffi::OsString) -> Self {
        Self(argument.into())
    }
}

impl std::fmt::Display for LineSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_stdin() { f.write_str(STDIN) } else { self.0.display().fmt(f) }
    }
}

impl LineSource {
    fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// Opens it for reading line by line.
    pub(crate) fn open(&self) -> Result<Lines, Failure> {
        let source: Box<dyn Read> = if self.is_stdin() {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&self.0).map_err(|error| Failure::of(self, error))?)
        };
        Ok(Lines { source: BufReader::with_capacity(64 * 1024, source), line: Vec::new() })
    }
}

/// Lines, read one at a time in bounded memory.
pub(crate) struct Lines {
    source: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
}

/// One line without its end (LF or CR LF).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Text(&'a [u8]),
    /// The line has more than 4096 bytes and was skipped.
    TooLong,
}

impl Lines {
    /// The next line, or none at the end. A line end at the very end begins no further line.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        // Room for the line end too.
        let mut bounded = (&mut self.source).take(MAX_LINE_BYTES + 2);
        if bounded.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let text = match self.line.strip_suffix(b"\n") {
            Some(text) => text.strip_suffix(b"\r").unwrap_or(text),
            None => {
                self.source.skip_until(b'\n')?;
                &self.line
            }
        };
        Ok(Some(if text.len() as u64 > MAX_LINE_BYTES { Line::TooLong } else { Line::Text(text) }))
    }

    /// Whether a whole further line is at hand, so that the next read will not wait for one.
    pub(crate) fn is_line_at_hand(&self) -> bool {
        self.source.buffer().contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::{Line, Lines, MAX_LINE_BYTES, read_all};

    fn lines(text: &'static [u8]) -> Lines {
        let source: Box<dyn Read> = Box::new(text);
        Lines { source: BufReader::with_capacity(7, source), line: Vec::new() }
    }

    #[test]
    fn lines_end_with_lf_or_crlf_or_the_end() {
        let mut lines = lines(b"one\ntwo\r\n\nlast");
        for expected in ["one", "two", "", "last"] {
            let line = lines.next_line().unwrap();
            assert_eq!(line, Some(Line::Text(expected.as_bytes())));
        }
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn too_long_line_is_skipped_as_one() {
        let limit = MAX_LINE_BYTES as usize;
        let mut text = vec![b'a'; limit];
        text.push(b'\n');
        text.extend(vec![b'b'; 10 * limit]);
        text.extend(b"\nshort");
        let mut lines = lines(text.leak());
        let fits = vec![b'a'; limit];
        assert_eq!(lines.next_line().unwrap(), Some(Line::Text(&fits)));
        assert_eq!(lines.next_line().unwrap(), Some(Line::TooLong));
        assert_eq!(lines.next_line().unwrap(), Some(Line::Text(b"short")));
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let endless = std::io::repeat(b'x');
        assert!(read_all(endless, 0, 100_000).is_err());
        let bytes = read_all(std::io::repeat(b'x').take(100_000), 10, 100_000).unwrap();
        assert_eq!(bytes.len(), 100_000);
    }
}
