//! A folder to run the binary in, and what every run of it must hold to.

use std::env;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_keyward");
pub(crate) const SAMPLE_CONFIG: &str = include_str!("../samples/config.json");
pub(crate) const SAMPLE_TOKENS: &str = include_str!("../samples/auth-tokens.json");

/// The folder of the examples that the repository ships.
pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples");

/// The private keys in `samples/config.json`, without `0x`.
pub(crate) const PRIVATE_KEYS: [&str; 2] = [
    "ae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c",
    "dc9fe5d1ea1825f9e0f1315ba0c9ad65b177cd117915ded07c2a537a12f0ae678795a62ac96d6d04",
];

/// Their public keys, as the exchange lists them.
pub(crate) const PUBLIC_KEYS: [&str; 2] = [
    "822362bc30bd2705928e2ff830dcb1ecee3e66df909cabe4084272f3d00ac539f66b09a94cb60db6",
    "46c0e3739a8f6bb89d9211e5c2e6181da24d1982bf1da9a9e71fe50b5b40f6eb6f8885cf42a07e78",
];

/// The account indices in `samples/config.json`.
pub(crate) const ACCOUNTS: [&str; 2] = ["5", "281474976710600"];

/// The first slot in `samples/auth-tokens.json`, which covers 28 days from there.
pub(crate) const FIRST_SLOT: u64 = 1_795_219_200;

/// The token that the official signer made for `ACCOUNTS[account]` in the slot that starts at `slot`.
pub(crate) fn sample_token(account: usize, slot: u64) -> String {
    let tokens: serde_json::Value = serde_json::from_str(SAMPLE_TOKENS).unwrap();
    tokens[ACCOUNTS[account]][slot.to_string()].as_str().unwrap().to_owned()
}

/// `text` with every signature (160 hexadecimal digits in a row) replaced by one word.
pub(crate) fn mask_signatures(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let taken = digits.max(first.len_utf8());
        masked.push_str(if digits == 160 { "SIGNATURE" } else { &rest[..taken] });
        rest = &rest[taken..];
    }
    masked
}

/// A temporary folder with the sample files in it, in which `keyward` runs.
pub(crate) struct Workbench {
    folder: TempDir,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.write_private("config.json", SAMPLE_CONFIG);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Writes a file that others cannot read, so that nothing warns of it.
    pub(crate) fn write_private(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write(name, content);
        fs::set_permissions(self.path(name), Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `keyward ARGUMENTS`, the arguments separated by white space.
    pub(crate) fn keyward(&self, arguments: &str) -> Run {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        self.command(BINARY, &arguments)
    }

    /// Any program in this folder.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Run {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder()).env_remove("NUM_DAYS");
        Run { command, input: Vec::new() }
    }
}

/// A Python to run: the one that `KEYWARD_PYTHON` names, or any. In CI there must be one.
pub(crate) fn python(bench: &Workbench) -> Option<String> {
    if let Ok(named) = env::var("KEYWARD_PYTHON") {
        return Some(named);
    }
    let found = ["python3", "python"].into_iter().find(|name| {
        let version = bench.command("sh", &["-c", &format!("{name} --version")]).command.output();
        version.is_ok_and(|output| output.status.success())
    });
    assert!(found.is_some() || env::var_os("CI").is_none(), "CI needs Python");
    if found.is_none() {
        println!("NOT RUN: no Python");
    }
    found.map(str::to_owned)
}

/// A program about to be run.
pub(crate) struct Run {
    pub(crate) command: Command,
    input: Vec<u8>,
}

impl Run {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Runs it; the exit code must be `code`.
    ///
    /// Whatever it does: it ends within a minute, does not panic, and prints no private key of the
    /// samples.
    #[track_caller]
    pub(crate) fn exits(mut self, code: i32) -> Output {
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // A program that does not read its input closes the pipe: no error of this test.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(child.wait_with_output()));
        let output = receiver.recv_timeout(Duration::from_secs(60)).expect("ends within a minute").unwrap();
        let output = Output {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!output.stderr.contains("panicked"), "{output:?}");
        for key in PRIVATE_KEYS {
            assert!(!output.stdout.to_lowercase().contains(key), "{output:?}");
            assert!(!output.stderr.to_lowercase().contains(key), "{output:?}");
        }
        assert_eq!(output.code, Some(code), "{output:?}");
        output
    }

    /// Runs it, expecting success; gives standard output.
    #[track_caller]
    pub(crate) fn prints(self) -> String {
        self.exits(0).stdout
    }

    /// Runs it, expecting a refusal with exit code 1 and one line that is `error: MESSAGE`.
    #[track_caller]
    pub(crate) fn refuses(self, message: &str) {
        let output = self.exits(1);
        assert_eq!(output.stderr, format!("error: {message}\n"));
        assert_eq!(output.stdout, "");
    }

    /// Runs it, expecting exit code 2 and one line that begins with `error: MESSAGE`.
    #[track_caller]
    pub(crate) fn rejects_usage(self, message: &str) {
        let output = self.exits(2);
        assert!(output.stderr.starts_with(&format!("error: {message}")), "{}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
}

/// What a program has left behind.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}
