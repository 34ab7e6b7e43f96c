use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keyward_lighter::ChainId;
use keyward_lighter_sandbox::{
    ClockSetting, NotFoundStatus, RateLimit, SandboxClock, Seed, SeedAccount, Storage, Venue, VenueSettings,
    raise_open_files_limit,
};
use tokio::runtime::Builder;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;
use crate::input::read_file;
use crate::output::Results;

/// The largest seed that is read; an account takes some 100 bytes.
const MAX_SEED_BYTES: u64 = 64 << 20;

/// Run a venue on this machine, with the part of Lighter's API that is about keys and tokens
///
/// Signatures, nonces and deadlines are checked for real. It listens on 127.0.0.1 until it is interrupted,
/// and prints the shell commands that lead clients to it.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --seed and --account there are two premium accounts of an Ethereum key that the whole world knows, which is \
printed too. A seed is JSON: {\"accounts\": [{\"l1_address\": \"0x…\", \"index\": 5, \"tier\": \"premium\"}]}; all \
members but l1_address can be left out: account_type, index, name, collateral, tier, api_keys. An owner's first \
account is the main account, the others are sub-accounts.

Example:
  keyward lighter sandbox --port 18080 --state sandbox.db")]
pub(super) struct Sandbox {
    /// The port of 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 18080)]
    port: u16,
    /// Keep the state in this file, where it survives a kill; else it ends with the process
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The accounts to begin with, as JSON
    #[arg(long, value_name = "FILE", conflicts_with = "accounts")]
    seed: Option<PathBuf>,
    /// An account to begin with; may be given more than once
    #[arg(long = "account", value_name = "ADDRESS[:INDEX]")]
    accounts: Vec<SeedAccount>,
    /// The chain that transactions are signed for; the official SDK takes 304 for a venue that it does not know
    #[arg(long, value_name = "ID", default_value_t = ChainId::MAINNET)]
    chain_id: ChainId,
    /// How long a new key takes to come into force, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    execution_delay_ms: u64,
    /// The HTTP status with which an account or key is not found: 400, or 200 as the live venue has been seen to do
    #[arg(long, value_name = "STATUS", value_parser = not_found_status, default_value = "400")]
    not_found_status: NotFoundStatus,
    /// The limits to the rate of requests: `standard` for those of the venue, or `off`
    #[arg(long, value_name = "LIMITS", value_parser = rate_limit, default_value = "off")]
    rate_limit: RateLimit,
    /// What the venue's clock shows: `system`, `fixed:UNIX` or `offset:SECONDS`; a client can set it
    #[arg(long, value_name = "CLOCK", default_value_t = ClockSetting::SYSTEM)]
    clock: ClockSetting,
    /// Log to standard error what is at least so important: `error`, `warn`, `info` (requests), `debug`, `trace`
    #[arg(long, value_name = "LEVEL")]
    log: Option<Level>,
}

impl Sandbox {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(level) = self.log {
            log(level);
        }
        // With fewer connections it runs all the same.
        let _ = raise_open_files_limit();
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::of("runtime", error))?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Failure> {
        let clock = Arc::new(SandboxClock::new(self.clock));
        let venue = self.open(Arc::clone(&clock))?;
        let interrupt = interruption().map_err(|error| Failure::of("signals", error))?;
        let sandbox = keyward_lighter_sandbox::Sandbox::builder(Arc::new(venue))
            .port(self.port)
            .clock(clock)
            .rate_limit(self.rate_limit)
            .bind()
            .await
            .map_err(|error| Failure::of(format_args!("127.0.0.1:{}", self.port), error))?;
        self.print_exports(&sandbox.base_url())?;
        sandbox.run_until(interrupt).await;
        Ok(())
    }

    fn open(&self, clock: Arc<SandboxClock>) -> Result<Venue, Failure> {
        let settings = VenueSettings {
            chain_id: self.chain_id,
            not_found_status: self.not_found_status,
            execution_delay_ms: self.execution_delay_ms,
            ..VenueSettings::default()
        };
        let (storage, name) = match &self.state {
            Some(path) => (Storage::File(path.clone()), path.display().to_string()),
            None => (Storage::Memory, "sandbox".to_owned()),
        };
        Venue::open(settings, self.seed()?, storage, clock).map_err(|error| Failure::of(name, error))
    }

    fn seed(&self) -> Result<Seed, Failure> {
        match &self.seed {
            Some(path) => {
                let text = read_file(path, MAX_SEED_BYTES)?;
                Seed::from_json(&text).map_err(|error| Failure::of(path.display(), error))
            }
            None if self.accounts.is_empty() => Ok(Seed::example()),
            None => Seed::new(self.accounts.iter().cloned()).map_err(|error| Failure::of("--account", error)),
        }
    }

    fn print_exports(&self, base_url: &str) -> Result<(), Failure> {
        let mut results = Results::new();
        results.line(format_args!("export LIGHTER_URL={base_url}"))?;
        if self.seed.is_none() && self.accounts.is_empty() {
            results.line(format_args!("export ETH_PRIVATE_KEY={}", Seed::EXAMPLE_L1_KEY))?;
        }
        results.line(format_args!("# chain id {}; interrupt to end", self.chain_id))?;
        results.flush()
    }
}

/// Resolves when the process is asked to end.
#[cfg(unix)]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn interruption() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without the signal there is only the kill.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Our own events alone: other crates may log what they are handed.
fn log(level: Level) {
    let ours = Targets::new().with_target("keyward", level);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(io::stderr);
    tracing_subscriber::registry().with(lines).with(ours).init();
}

fn not_found_status(text: &str) -> Result<NotFoundStatus, &'static str> {
    match text {
        "400" => Ok(NotFoundStatus::BadRequest),
        "200" => Ok(NotFoundStatus::Ok),
        _ => Err("it is 400 or 200"),
    }
}

fn rate_limit(text: &str) -> Result<RateLimit, &'static str> {
    match text {
        "off" => Ok(RateLimit::Off),
        "standard" => Ok(RateLimit::Standard),
        _ => Err("it is `off` or `standard`"),
    }
}
