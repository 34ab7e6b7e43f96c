//! Node with the packages that wallets are made of, as oracles.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::{debian, step};

/// Below the root: the packages and the versions of all that they need.
const MANIFESTS: &str = "crates/xtask/node";

/// An interpreter, and a folder of packages.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    interpreter: PathBuf,
    modules: PathBuf,
}

impl Node {
    /// Installs the packages in this folder, unless those of the same lock file are there.
    pub(crate) fn set_up(root: &Path, folder: &Path) -> Result<Self, String> {
        let interpreter = interpreter()?;
        let node = Self { interpreter, modules: folder.join("node_modules") };
        let at = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
        let manifests = ["package.json", "package-lock.json"].map(|file| root.join(MANIFESTS).join(file));
        let mut wanted = String::new();
        for manifest in &manifests {
            wanted += &fs::read_to_string(manifest).map_err(|error| at(manifest, error))?;
        }
        let stamp = folder.join("installed");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(node);
        }
        fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
        for manifest in &manifests {
            let copy = folder.join(manifest.file_name().unwrap_or_default());
            fs::copy(manifest, &copy).map_err(|error| at(&copy, error))?;
        }
        let mut npm = Command::new("npm");
        // No package may run anything while it is installed.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]);
        step::run(npm.current_dir(folder).stdin(Stdio::null()))
            .map_err(|_| "the wallets' packages could not be installed".to_owned())?;
        fs::write(&stamp, wanted).map_err(|error| at(&stamp, error))?;
        Ok(node)
    }

    /// Tells a command's tests where they are.
    pub(crate) fn export(&self, command: &mut Command) {
        command.env("KEYWARD_NODE", &self.interpreter).env("KEYWARD_NODE_MODULES", &self.modules);
    }
}

/// Where Node is, which must have its package manager beside it; installed as Debian packages it, where that is possible.
pub(crate) fn interpreter() -> Result<PathBuf, String> {
    let find = || {
        step::read(Command::new("npm").arg("--version"))?;
        step::read(Command::new("node").args(["--print", "process.execPath"]))
    };
    let path = find().or_else(|_| {
        debian::install(&["nodejs", "npm"]);
        find().map_err(|_| "no Node: node with npm is missing".to_owned())
    })?;
    Ok(PathBuf::from(path.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_exported_under_the_names_that_tests_read() {
        let node = Node { interpreter: "n".into(), modules: "m".into() };
        let mut command = Command::new("true");
        node.export(&mut command);
        let variables: Vec<_> = command.get_envs().collect();
        let expected = [("KEYWARD_NODE", "n"), ("KEYWARD_NODE_MODULES", "m")];
        assert_eq!(variables, expected.map(|(name, value)| (name.as_ref(), Some(value.as_ref()))));
    }
}
