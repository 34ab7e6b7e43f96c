//! The servers of one run, for the stores' tests.

use std::error::Error as _;
use std::process::Command;

use keyward_test_servers::{Access, Durability, Postgres, Redis, RedisCluster, ServerError};

use crate::debian;
use crate::step::Stop;

/// The package that starts them, and whose tests are a suite of their own.
pub(crate) const PACKAGE: &str = "keyward-test-servers";

/// Names a Qdrant server to test against. None is started here.
pub(crate) const QDRANT_URL: &str = "KEYWARD_TEST_QDRANT_URL";

/// Servers with an address each, as far as this machine has them. They end with this value, and with this process.
pub(crate) struct Servers {
    postgres: Result<Postgres, ServerError>,
    redis: Result<Redis, ServerError>,
    cluster: Result<RedisCluster, ServerError>,
}

impl Servers {
    /// Starts them, installed first where they are missing and this user may.
    pub(crate) fn start() -> Self {
        Self {
            postgres: or_install("postgresql", || Postgres::start(Durability::Synced)),
            redis: or_install("redis-server", || Redis::start(Durability::Synced, Access::Password)),
            cluster: or_install("redis-server", || RedisCluster::start(Durability::Synced, Access::Password)),
        }
    }

    /// Tells a command's tests where they are. An address that the caller has given for one that is not here stays.
    pub(crate) fn export(&self, command: &mut Command) {
        let urls = [
            ("KEYWARD_TEST_POSTGRES_URL", self.postgres.as_ref().map(Postgres::url)),
            ("KEYWARD_TEST_REDIS_URL", self.redis.as_ref().map(Redis::url)),
            ("KEYWARD_TEST_REDIS_CLUSTER_URL", self.cluster.as_ref().map(RedisCluster::url)),
        ];
        for (name, url) in urls {
            if let Ok(url) = url {
                command.env(name, url);
            }
        }
    }

    /// Whether all are there; else which are not, and why.
    pub(crate) fn are_all_here(&self) -> Result<(), Stop> {
        self.errors().try_for_each(|error| Err(stop(error)))
    }

    /// Why those that are not there are not.
    pub(crate) fn missing(&self) -> impl Iterator<Item = String> {
        self.errors().map(|error| stop(error).reason().to_owned())
    }

    fn errors(&self) -> impl Iterator<Item = &ServerError> {
        [self.postgres.as_ref().err(), self.redis.as_ref().err(), self.cluster.as_ref().err()].into_iter().flatten()
    }
}

fn or_install<T>(package: &str, start: impl Fn() -> Result<T, ServerError>) -> Result<T, ServerError> {
    match start() {
        Err(ServerError::Missing(_)) if cfg!(target_os = "linux") && debian::install(&[package]) => start(),
        result => result,
    }
}

/// One that this machine has and that does not come up has failed.
fn stop(error: &ServerError) -> Stop {
    let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    match error {
        ServerError::Missing(what) => Stop::NotRun(what.clone()),
        _ => Stop::Failed(format!("{error}{cause}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(first: ServerError) -> Servers {
        let missing = || ServerError::Missing("no `redis-server`".to_owned());
        Servers { postgres: Err(first), redis: Err(missing()), cluster: Err(missing()) }
    }

    #[test]
    fn what_is_missing_is_not_run_and_what_does_not_come_up_has_failed() {
        let missing = servers(ServerError::Missing("no PostgreSQL".to_owned())).are_all_here();
        assert!(matches!(missing, Err(Stop::NotRun(reason)) if reason == "no PostgreSQL"));
        let broken = servers(ServerError::Ended { program: "postgres", log: "FATAL".to_owned() }).are_all_here();
        assert!(matches!(broken, Err(Stop::Failed(reason)) if reason.contains("FATAL")));
    }

    #[test]
    fn what_is_not_here_is_not_exported() {
        let mut command = Command::new("true");
        servers(ServerError::Missing("no PostgreSQL".to_owned())).export(&mut command);
        assert_eq!(command.get_envs().count(), 0);
    }
}
