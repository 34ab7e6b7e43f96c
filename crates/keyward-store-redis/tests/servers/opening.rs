//! What is refused when a store is opened.

use std::error::Error;
use std::time::{Duration, Instant};

use keyward_store::{KeyStore, OpenError};
use keyward_store_redis::RedisStore;
use keyward_test_servers::{Access, Durability, Redis, RedisCluster, or_skip};
use redis::aio::MultiplexedConnection;

use crate::support::{open, raw};

async fn refusal(url: &str) -> OpenError {
    match RedisStore::open(url).await {
        Err(error) => error,
        Ok(_) => panic!("it opened"),
    }
}

async fn set(connection: &mut MultiplexedConnection, name: &str, value: &str) {
    let () = redis::cmd("CONFIG").arg("SET").arg(name).arg(value).query_async(connection).await.expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgets_is_refused_unless_that_is_asked_for() {
    let Some(server) = or_skip(Redis::start(Durability::Fast, Access::Open)) else { return };
    let url = server.url();
    for asked in ["", "?durability=synced", "?durability=asynchronous"] {
        let error = refusal(&format!("{url}{asked}")).await;
        assert!(matches!(error, OpenError::NotDurable(_)), "{asked}: {error:?}");
    }
    let volatile = open(&format!("{url}?durability=volatile")).await;
    assert_eq!(volatile.capabilities().durable, keyward_store::Durability::Volatile);

    let mut connection = raw(&url).await;
    set(&mut connection, "appendonly", "yes").await;
    set(&mut connection, "appendfsync", "everysec").await;
    assert!(matches!(refusal(&url).await, OpenError::NotDurable(_)));
    let asynchronous = open(&format!("{url}?durability=asynchronous")).await;
    assert_eq!(asynchronous.capabilities().durable, keyward_store::Durability::AsConfigured);

    set(&mut connection, "appendfsync", "always").await;
    assert_eq!(open(&url).await.capabilities().durable, keyward_store::Durability::AsConfigured);
    set(&mut connection, "no-appendfsync-on-rewrite", "yes").await;
    assert!(matches!(refusal(&url).await, OpenError::NotDurable(_)));
    set(&mut connection, "no-appendfsync-on-rewrite", "no").await;
    set(&mut connection, "maxmemory-policy", "allkeys-lru").await;
    for asked in ["", "?durability=asynchronous", "?durability=volatile"] {
        let error = refusal(&format!("{url}{asked}")).await;
        assert!(matches!(error, OpenError::NotDurable(_)), "an evicting server, {asked}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_have_to_be_asked_for() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let replica = Redis::start(Durability::Synced, Access::Open).expect("a second one");
    let mut connection = raw(&replica.url()).await;
    let port = server.url().rsplit_once(':').expect("a port").1.to_owned();
    let () = redis::cmd("REPLICAOF").arg("127.0.0.1").arg(port).query_async(&mut connection).await.expect("an answer");
    let mut master = raw(&server.url()).await;
    let start = Instant::now();
    loop {
        let info: String = redis::cmd("INFO").arg("replication").query_async(&mut master).await.expect("an answer");
        if info.contains("connected_slaves:1") {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no replica");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(matches!(refusal(&server.url()).await, OpenError::NotDurable(_)));
    open(&format!("{}?durability=asynchronous", server.url())).await;
    assert!(matches!(refusal(&replica.url()).await, OpenError::NotDurable(_)), "a replica itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_a_cluster_is_no_single_server() {
    let Some(cluster) = or_skip(RedisCluster::start(Durability::Fast, Access::Password)) else { return };
    let url = cluster.url();
    let one = url.split_once(',').expect("several").0.replace("redis+cluster", "redis");
    assert!(matches!(refusal(&one).await, OpenError::BadUrl(_)));
    assert!(matches!(refusal(&url).await, OpenError::NotDurable(_)), "it keeps nothing on disk");
    let single = Redis::start(Durability::Fast, Access::Password).expect("a single one");
    let as_cluster = single.url().replace("redis:", "redis+cluster:");
    assert!(matches!(refusal(&as_cluster).await, OpenError::BadUrl(_)), "the other way round");
    // One node is enough to find the others.
    let one = one.replace("redis:", "redis+cluster:");
    open(&format!("{one}?durability=volatile")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_server_that_is_not_there_are_errors_in_time() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Password)) else { return };
    let host = server.url().rsplit_once('@').expect("a password").1.to_owned();
    // Nobody answers there: a port that listens and says nothing, one that nobody listens on, an address without a host.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address").to_string();
    let urls = [
        format!("redis://:hunter2@{host}"),
        format!("redis://{host}"),
        format!("redis://:hunter2@{silent}"),
        "redis://:hunter2@127.0.0.1:1".to_owned(),
        "redis://:hunter2@192.0.2.1".to_owned(),
        "redis://:hunter2@no-such-host.invalid".to_owned(),
        format!("redis+cluster://:hunter2@{silent},127.0.0.1:1"),
        format!("redis+cluster://:hunter2@{host}"),
    ];
    for url in urls {
        let start = Instant::now();
        let error = refusal(&url).await;
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
        assert!(matches!(error, OpenError::Unreachable(_) | OpenError::Backend(_)), "{url}: {error:?}");
        let mut texts = vec![format!("{error:?}"), error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        assert!(texts.iter().all(|text| !text.contains("hunter2") && !text.contains("127.0.0.1")), "{texts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_another_version_are_left_alone() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let mut connection = raw(&server.url()).await;
    open(&server.url()).await;
    let version: String = redis::cmd("GET").arg("kw:schema").query_async(&mut connection).await.expect("an answer");
    assert_eq!(version, "1");
    let write = async |value: &str| {
        let mut connection = raw(&server.url()).await;
        let () = redis::cmd("SET").arg("kw:schema").arg(value).query_async(&mut connection).await.expect("an answer");
    };
    write("2").await;
    assert!(matches!(refusal(&server.url()).await, OpenError::WrongVersion { found: 2, known: 1 }));
    write("two").await;
    assert!(matches!(refusal(&server.url()).await, OpenError::Corrupt(_)));
    // Under another prefix there is another store.
    open(&format!("{}?prefix=other", server.url())).await;
}
