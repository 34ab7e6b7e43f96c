use std::time::Duration;

/// What one client may take of a [`Sandbox`](crate::Sandbox), so that none harms the others.
///
/// The defaults are generous for a well-behaved client: a batch of 50 transactions takes about 60 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections at a time. At the limit a new connection takes the place of the one that has let the
    /// server wait longest. `None`: three quarters of the files that the process may have open, 16,384 at most.
    pub max_connections: Option<usize>,
    /// How long the head of a request may take: the first one from the moment that the connection stands, a later
    /// one from its first byte.
    pub head_timeout: Duration,
    /// How long a request's body may take.
    pub body_timeout: Duration,
    /// How long a connection may lie idle between two requests.
    pub idle_timeout: Duration,
    /// The largest body of a request, in bytes. So much memory may each of `max_connections` take until
    /// `body_timeout`, all of them together that many times as much.
    pub max_body_bytes: usize,
    /// How long a WebSocket may be silent. After half of it the server asks for a sign of life, and a client that
    /// takes so long to read a message is left.
    pub stream_idle_timeout: Duration,
    /// The largest WebSocket message of a client, in bytes; likewise, for half of `max_connections`.
    pub max_stream_message_bytes: usize,
    /// The most channels that a WebSocket may be subscribed to: 100, as Lighter's documentation has it.
    pub max_subscriptions: usize,
    /// How long connections may take to end by themselves when the server shuts down.
    pub shutdown_grace: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            max_connections: None,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            max_body_bytes: 256 << 10,
            stream_idle_timeout: Duration::from_secs(120),
            max_stream_message_bytes: 256 << 10,
            max_subscriptions: 100,
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

impl ConnectionLimits {
    /// How often it is looked after connections that have let the server wait for too long.
    pub(crate) fn sweep_interval(&self) -> Duration {
        let shortest = self.head_timeout.min(self.idle_timeout);
        (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}
