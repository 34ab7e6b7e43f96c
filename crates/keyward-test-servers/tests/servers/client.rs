//! The servers' own clients.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::{env, thread};

use keyward_test_servers::ServerError;

/// Finds a client on the path.
pub(crate) fn find(name: &str) -> Result<PathBuf, ServerError> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| ServerError::Missing(format!("no `{name}` on the path")))
}

/// What a client prints when it is told this.
pub(crate) fn ask(mut client: Command, text: &str) -> String {
    client.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = client.spawn().expect("the client starts");
    child.stdin.take().expect("an input").write_all(text.as_bytes()).expect("the client listens");
    let output = child.wait_with_output().expect("the client ends");
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// A client that is told one thing after the other, without an end.
pub(crate) struct Load {
    child: Child,
    told: thread::JoinHandle<()>,
    lines: Receiver<String>,
}

impl Load {
    /// Tells the client `tell(1)`, `tell(2)`, … until it does not listen any more.
    pub(crate) fn start(mut client: Command, tell: impl Fn(u32) -> String + Send + 'static) -> Self {
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = client.spawn().expect("the client starts");
        let mut input: ChildStdin = child.stdin.take().expect("an input");
        let output = child.stdout.take().expect("an output");
        let told = thread::spawn(move || {
            let mut number = 1;
            while input.write_all(tell(number).as_bytes()).is_ok() {
                number += 1;
            }
        });
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, told, lines }
    }

    /// Waits until the client has printed so many lines.
    pub(crate) fn await_lines(&self, count: usize) -> Vec<String> {
        self.lines.iter().take(count).collect()
    }

    /// Ends the client; all that it printed since.
    pub(crate) fn end(mut self) -> Vec<String> {
        let _ = self.child.kill();
        self.child.wait().expect("the client ends");
        self.told.join().expect("told");
        self.lines.iter().collect()
    }
}
