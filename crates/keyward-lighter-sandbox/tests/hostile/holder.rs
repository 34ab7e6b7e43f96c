//! A process of its own that holds connections open: this test, run once more.
//!
//! A process may have only so many open files, so whoever holds ten thousand connections cannot be the server too.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use keyward_lighter_sandbox::raise_open_files_limit;

const SERVER: &str = "HOSTILE_SERVER";
const CONNECTIONS: &str = "HOSTILE_CONNECTIONS";

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: sandbox\r\n\r\n";

/// The other process; it ends with this value.
pub(crate) struct Holder {
    process: Child,
    /// Kept, as it has a few words to say in the end.
    _stdout: BufReader<ChildStdout>,
}

impl Holder {
    /// Starts the process and waits until it holds so many connections. A third says nothing, a third has begun a
    /// request, and a third has had an answer.
    pub(crate) fn start(server: SocketAddr, connections: usize) -> Self {
        let mut process = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "holder::hold", "--ignored", "--nocapture"])
            .env(SERVER, server.to_string())
            .env(CONNECTIONS, connections.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs again");
        let mut stdout = BufReader::new(process.stdout.take().expect("its output"));
        let held = stdout.by_ref().lines().map_while(Result::ok).any(|line| line == "held");
        assert!(held, "the other process could not open {connections} connections");
        Self { process, _stdout: stdout }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It waits for the end of its input.
        drop(self.process.stdin.take());
        self.process.wait().expect("the other process ends");
    }
}

#[test]
#[ignore = "what the other process runs"]
fn hold() {
    let variable = |name| env::var(name).expect("started by a test");
    let server: SocketAddr = variable(SERVER).parse().expect("an address");
    let connections = variable(CONNECTIONS).parse().expect("a number");
    raise_open_files_limit().expect("as many files as this process may have");
    let held: Vec<TcpStream> = (0..connections)
        .map(|number| {
            let mut stream = TcpStream::connect(server).expect("a connection");
            // The server may have hung up on it by now, where it does not take so many.
            match number % 3 {
                0 => {}
                1 => drop(stream.write_all(b"GET / HTTP/1.1\r\nhost: sand")),
                _ => drop(stream.write_all(GET).and_then(|()| stream.read(&mut [0; 1024]))),
            }
            stream
        })
        .collect();
    // The harness has begun a line.
    println!("\nheld");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the end of the input");
    drop(held);
}
