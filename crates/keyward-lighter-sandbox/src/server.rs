mod connection;
mod connections;
mod limits;
mod open_files;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

pub(crate) use self::connections::{Connection, Phase};
pub use self::limits::ConnectionLimits;
pub use self::open_files::raise_open_files_limit;

use self::connections::Connections;
use crate::http::{App, router};
use crate::rate_limit::RateLimiter;
use crate::{RateLimit, SandboxClock, Venue};

/// How many connections the system may hold that have not been taken yet.
const BACKLOG: u32 = 4096;

/// How long to wait when the system has no file left for a connection.
const OUT_OF_FILES_PAUSE: Duration = Duration::from_millis(20);

/// A [`Venue`] on the network: Lighter's REST API and its WebSocket `/stream`, in plain HTTP on one port.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use keyward_lighter_sandbox::{Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Arc::new(SandboxClock::default());
/// let venue = Venue::open(VenueSettings::default(), Seed::example(), Storage::Memory, clock.clone())?;
/// let sandbox = Sandbox::builder(Arc::new(venue)).clock(clock).bind().await?;
/// println!("export BASE_URL={}", sandbox.base_url());
/// sandbox.run_until(std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    connections: Arc<Connections>,
}

/// What a [`Sandbox`] is made of.
pub struct SandboxBuilder {
    venue: Arc<Venue>,
    address: SocketAddr,
    clock: Option<Arc<SandboxClock>>,
    rate_limit: RateLimit,
    limits: ConnectionLimits,
}

impl Sandbox {
    /// A sandbox for `venue`: on a free port of 127.0.0.1, without a rate limit.
    pub fn builder(venue: Arc<Venue>) -> SandboxBuilder {
        SandboxBuilder {
            venue,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            clock: None,
            rate_limit: RateLimit::Off,
            limits: ConnectionLimits::default(),
        }
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The address to give to a client: `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until `shutdown` resolves, and then until all connections have ended, which takes
    /// [`shutdown_grace`](ConnectionLimits::shutdown_grace) at most. An answer that is under way is still sent, a
    /// WebSocket is closed properly.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, address: _, app, connections } = self;
        let grace = connections.limits().shutdown_grace;
        let (shutting_down, watched) = watch::channel(false);
        let router = router(&app);
        let mut served = JoinSet::new();
        {
            let accepting = accept(listener, &connections, |socket, admitted| {
                served.spawn(connection::serve(socket, admitted, Arc::clone(&app), router.clone(), watched.clone()));
                while served.try_join_next().is_some() {}
            });
            tokio::select! {
                () = shutdown => {}
                () = accepting => {}
                () = sweep(&connections) => {}
            }
        }
        shutting_down.send_replace(true);
        let all_ended = async { while served.join_next().await.is_some() {} };
        // Whatever is left after that ends with the set.
        let _ = tokio::time::timeout(grace, all_ended).await;
    }
}

impl SandboxBuilder {
    /// Listens on this port of 127.0.0.1; 0, the default, is a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.address = (Ipv4Addr::LOCALHOST, port).into();
        self
    }

    /// Listens on this address, which may be one that other machines reach. Nothing is encrypted, and whoever
    /// reaches it can set its clock.
    #[must_use]
    pub const fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Lets clients read and set this clock, which should be the venue's, at `/__sandbox/clock`. Without it there is
    /// no such path.
    #[must_use]
    pub fn clock(mut self, clock: Arc<SandboxClock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How many requests a client may make.
    #[must_use]
    pub const fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// What a client may take of the server.
    #[must_use]
    pub const fn limits(mut self, limits: ConnectionLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Takes the port; from now on connections wait to be served. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// - the address is taken, not this machine's, or needs a right that the process does not have
    pub async fn bind(self) -> io::Result<Sandbox> {
        let socket = if self.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A sandbox that is started again gets its port at once.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let max = self.limits.max_connections.unwrap_or_else(open_files::default_max_connections);
        let app = App::new(self.venue, self.clock, RateLimiter::new(self.rate_limit), self.limits, max.div_ceil(2));
        Ok(Sandbox { listener, address, app: Arc::new(app), connections: Connections::new(self.limits, max) })
    }
}

/// Takes connections and hands them to `serve`, forever.
async fn accept(
    listener: TcpListener,
    connections: &Arc<Connections>,
    mut serve: impl FnMut(TcpStream, connections::Admitted),
) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                // Answers are small and written at once. If it cannot be set, the connection is gone already.
                let _ = socket.set_nodelay(true);
                match connections.admit(peer.ip()) {
                    Some(admitted) => serve(socket, admitted),
                    None => tracing::warn!("a connection is refused: all others are being answered"),
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be taken");
                connections.make_room();
                tokio::time::sleep(OUT_OF_FILES_PAUSE).await;
            }
        }
    }
}

/// The client went away before its connection was taken.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

/// Closes what has waited for too long, forever.
async fn sweep(connections: &Connections) {
    let mut interval = tokio::time::interval(connections.limits().sweep_interval());
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        connections.sweep();
    }
}
