//! A database for one test: a server of its own, or one of the server that `KEYWARD_TEST_POSTGRES_URL` names.

use keyward_test_servers::{Durability, Postgres, or_skip};
use tokio_postgres::{Client, NoTls};

pub(crate) struct Database {
    url: String,
    /// Where it is one of a server that others use too: the server's URL, and the database's name there.
    of: Option<(String, String)>,
    /// Ends with the test.
    server: Option<Postgres>,
}

impl Database {
    /// An empty one; nothing on a machine without PostgreSQL.
    pub(crate) async fn create() -> Option<Self> {
        match std::env::var("KEYWARD_TEST_POSTGRES_URL") {
            Ok(server) => {
                let name = format!("keyward_test_{:016x}", getrandom::u64().expect("randomness"));
                connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("it is made");
                let (address, _) = server.rsplit_once('/').expect("a database in the URL");
                Some(Self { url: format!("{address}/{name}"), of: Some((server, name)), server: None })
            }
            Err(_) => {
                let started = tokio::task::spawn_blocking(|| Postgres::start(Durability::Synced));
                let server = or_skip(started.await.expect("no panic"))?;
                Some(Self { url: server.url(), of: None, server: Some(server) })
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Leaves nothing behind. All stores over it are closed.
    pub(crate) async fn remove(self) {
        if let Some((server, name)) = self.of {
            let admin = connect(&server).await;
            admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("it is removed");
        }
        drop(self.server);
    }
}

/// A connection past the store.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}
