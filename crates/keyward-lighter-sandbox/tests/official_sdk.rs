//! The official Python SDK, unmodified, against the sandbox: each file in `tests/sdk` is a set of `unittest` cases.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::{env, future};

use keyward_lighter_sandbox::{NotFoundStatus, RateLimit, Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings};
use tokio::process::Command;
use tokio::time::timeout;

/// Far more than any file takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn life_of_a_key() {
    passes("lifecycle.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces() {
    passes("nonces.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals() {
    passes("refusals.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_tokens() {
    passes("read_only_tokens.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn maker_only_keys() {
    passes("maker_only.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream() {
    passes("stream.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clock() {
    passes("clock.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_of_the_guide() {
    passes("guide.py", &start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_with_http_status_200() {
    let settings = VenueSettings { not_found_status: NotFoundStatus::Ok, ..VenueSettings::default() };
    passes("not_found_200.py", &start_with(settings, RateLimit::Off).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn key_that_comes_into_force_later() {
    let settings = VenueSettings { execution_delay_ms: 120_000, ..VenueSettings::default() };
    passes("execution_delay.py", &start_with(settings, RateLimit::Off).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit() {
    passes("rate_limit.py", &start_with(VenueSettings::default(), RateLimit::Standard).await).await;
}

/// Starts a sandbox as it is by default; its address. It ends with the test.
async fn start() -> String {
    start_with(VenueSettings::default(), RateLimit::Off).await
}

async fn start_with(settings: VenueSettings, rate_limit: RateLimit) -> String {
    let seed = Seed::from_json(include_bytes!("sdk/seed.json")).expect("a seed");
    let clock = Arc::new(SandboxClock::default());
    let venue = Venue::open(settings, seed, Storage::Memory, clock.clone()).expect("a venue");
    let builder = Sandbox::builder(Arc::new(venue)).clock(clock).rate_limit(rate_limit);
    let sandbox = builder.bind().await.expect("a free port");
    let base_url = sandbox.base_url();
    tokio::spawn(sandbox.run_until(future::pending()));
    base_url
}

/// Runs the cases of `file` against the sandbox at `url`, if there is a Python with the SDK.
async fn passes(file: &str, url: &str) {
    let Some(python) = env::var_os("KEYWARD_PYTHON") else {
        let required = env::var_os("KEYWARD_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "KEYWARD_REQUIRE_PEERS is 1, but KEYWARD_PYTHON is not set");
        println!("NOT RUN: no Python with the official SDK");
        return;
    };
    let mut cases = Command::new(python);
    // `-B`: the sources are to stay as they are.
    cases.args(["-B", file]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk"));
    cases.env("SANDBOX_URL", url).env("NO_PROXY", "*").stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, cases.output()).await.expect("the cases end").expect("Python runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file}:\n{text}");
    assert!(text.contains("\nRan ") && !text.contains("\nRan 0 "), "{file}: no case was run:\n{text}");
}
