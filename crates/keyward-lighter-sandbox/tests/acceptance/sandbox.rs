//! A sandbox for one test, by default with the accounts of `tests/sdk/seed.json`.

use std::future;
use std::sync::Arc;

use keyward_lighter_sandbox::{RateLimit, Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings};

/// The owner of accounts 5 and 281474976710654. A throw-away key: 32 equal bytes.
pub(crate) const OWNER: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

/// Starts one as it is by default; its address. It ends with the test.
pub(crate) async fn start() -> String {
    start_with(VenueSettings::default(), RateLimit::Off).await
}

/// Starts one with these settings.
pub(crate) async fn start_with(settings: VenueSettings, rate_limit: RateLimit) -> String {
    let seed = Seed::from_json(include_bytes!("../sdk/seed.json")).expect("a seed");
    run(settings, rate_limit, seed).await
}

/// Starts one with these accounts.
pub(crate) async fn start_seeded(seed: Seed) -> String {
    run(VenueSettings::default(), RateLimit::Off, seed).await
}

async fn run(settings: VenueSettings, rate_limit: RateLimit, seed: Seed) -> String {
    let clock = Arc::new(SandboxClock::default());
    let venue = Venue::open(settings, seed, Storage::Memory, clock.clone()).expect("a venue");
    let builder = Sandbox::builder(Arc::new(venue)).clock(clock).rate_limit(rate_limit);
    let sandbox = builder.bind().await.expect("a free port");
    let base_url = sandbox.base_url();
    tokio::spawn(sandbox.run_until(future::pending()));
    base_url
}
