//! Starts the servers that this machine has, prints the variables by which tests find them, and lets them run until
//! standard input ends. What tests do without a server of their own, one can do by hand:
//!
//! ```sh
//! cargo run -p keyward-test-servers
//! ```

#![forbid(unsafe_code)]

use std::error::Error as _;
use std::io;
use std::process::ExitCode;

use keyward_test_servers::{Access, Durability, Postgres, Redis, RedisCluster, ServerError};

fn main() -> ExitCode {
    let postgres = Postgres::start(Durability::Synced);
    let redis = Redis::start(Durability::Synced, Access::Password);
    let cluster = RedisCluster::start(Durability::Synced, Access::Password);
    let all = [
        show("KEYWARD_TEST_POSTGRES_URL", postgres.as_ref().map(Postgres::url)),
        show("KEYWARD_TEST_REDIS_URL", redis.as_ref().map(Redis::url)),
        show("KEYWARD_TEST_REDIS_CLUSTER_URL", cluster.as_ref().map(RedisCluster::url)),
    ];
    // Whatever is said is nothing to us; an unreadable input has ended.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    if all.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Whether there is one.
fn show(variable: &str, url: Result<String, &ServerError>) -> bool {
    match url {
        Ok(url) => println!("{variable}='{url}'"),
        Err(error) => {
            let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            eprintln!("{variable}: {error}{cause}");
            return false;
        }
    }
    true
}
