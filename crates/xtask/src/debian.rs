//! Packages of Debian, installed where this user may.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::step;

/// Asked before a package starts its service: none is to run because of us.
const NO_SERVICE: (&str, &str) = (
    "/usr/sbin/policy-rc.d",
    "#!/bin/sh\n# There while `cargo xtask` installs packages: start no service.\nexit 101\n",
);

/// Read when PostgreSQL's package is set up, which would make a database for the service.
const NO_CLUSTER: (&str, &str) = (
    "/etc/postgresql-common/createcluster.conf",
    "# There while `cargo xtask` installs PostgreSQL.\ncreate_main_cluster = false\n",
);

/// Installs these packages and starts none of their services. Whether they are installed.
pub(crate) fn install(packages: &[&str]) -> bool {
    static IS_UP_TO_DATE: OnceLock<bool> = OnceLock::new();
    let is_root = step::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_end() == "0");
    if !is_root || !*IS_UP_TO_DATE.get_or_init(|| apt_get(&["update", "-q"])) {
        return false;
    }
    let (_no_service, _no_cluster) = (Placed::at(NO_SERVICE), Placed::at(NO_CLUSTER));
    apt_get(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
}

fn apt_get(arguments: &[&str]) -> bool {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    step::run(&mut command).is_ok()
}

/// A file that is there while this value lives. One that somebody else has placed is theirs, and stays as it is.
struct Placed(PathBuf);

impl Placed {
    fn at((path, content): (&str, &str)) -> Option<Self> {
        let path = Path::new(path);
        // A run that was killed has left it.
        if fs::read_to_string(path).is_ok_and(|found| found == content) {
            return Some(Self(path.to_owned()));
        }
        fs::create_dir_all(path.parent()?).ok()?;
        let mut options = fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
        let mut file = options.open(path).ok()?;
        // From here on it is ours to remove, also when it is not written whole.
        let placed = Self(path.to_owned());
        file.write_all(content.as_bytes()).ok()?;
        Some(placed)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            eprintln!("{} is to be removed: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placed_file_goes_and_that_of_somebody_else_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/policy");
        let text = path.to_str().expect("text");

        let placed = Placed::at((text, "ours")).expect("placed");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "ours");
        drop(placed);
        assert!(!path.exists());

        fs::write(&path, "ours").expect("as a killed run leaves it");
        drop(Placed::at((text, "ours")).expect("ours"));
        assert!(!path.exists());

        fs::write(&path, "theirs").expect("somebody else's");
        assert!(Placed::at((text, "ours")).is_none());
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "theirs");
    }
}
