//! The servers, each in a process of its own: this program, run once more.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use axum::Router;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use keyward_lighter::SystemClock;
use keyward_lighter_sandbox::{Sandbox, Seed, Storage, Venue, VenueSettings};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// A server in another process, which ends with this value.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Runs this program with `arguments`; what it reads from its standard input is `input`.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(arguments: &[&str], input: &str) -> io::Result<Self> {
        let mut process =
            Command::new(env::current_exe()?).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = process.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{input}")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line)?;
        let address = line.trim_end().parse().map_err(|_| io::Error::other("the server did not start"))?;
        Ok(Self { process, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What all its threads together have used, where the system tells.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        // Clock ticks, of which Linux shows 100 a second whatever it counts by.
        const TICK: Duration = Duration::from_millis(10);
        let text = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name in parentheses may have anything in it; the fields after it are numbers, the 12th and 13th the time.
        let fields = text.rsplit_once(')')?.1.split_whitespace();
        let ticks: u32 = fields.skip(11).take(2).map_while(|field| field.parse::<u32>().ok()).sum();
        Some(TICK * ticks)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It runs until its standard input ends, also if this process is killed.
        drop(self.process.stdin.take());
        self.process.wait().expect("the server ends");
    }
}

/// Says where it listens, and returns when nobody needs it any more.
fn announce(address: SocketAddr) -> io::Result<()> {
    println!("{address}");
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

/// Serves a sandbox with the accounts that the first line of standard input names.
///
/// # Errors
/// The accounts make no sense, or no port is to be had.
pub(crate) async fn serve_sandbox() -> io::Result<()> {
    let mut seed = String::new();
    io::stdin().read_line(&mut seed)?;
    let seed = Seed::from_json(seed.as_bytes()).map_err(io::Error::other)?;
    let venue = Venue::open(VenueSettings::default(), seed, Storage::Memory, Arc::new(SystemClock));
    let sandbox = Sandbox::builder(Arc::new(venue.map_err(io::Error::other)?)).bind().await?;
    let address = sandbox.local_addr();
    let announced = spawn_blocking(move || announce(address));
    sandbox.run_until(async { drop(announced.await) }).await;
    Ok(())
}

/// Serves a handler that does nothing, over the same HTTP stack as the sandbox's.
///
/// # Errors
/// No port is to be had.
pub(crate) async fn serve_empty() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let service = TowerToHyperService::new(Router::new().route("/", get(async || "")));
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true)?;
            let connection =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service.clone());
            tokio::spawn(connection);
        }
        Ok::<_, io::Error>(())
    });
    spawn_blocking(move || announce(address)).await?
}
