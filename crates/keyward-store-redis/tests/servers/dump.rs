//! No secret is stored.

use keyward_apikey::{GracePeriod, KeyAction, KeyProfile, RawKey, Revision};
use keyward_store::KeyOperations;
use keyward_test_servers::{Access, Durability, Redis, or_skip};
use redis::aio::MultiplexedConnection;

use crate::support::{NOW, bind, create, done, link_token, names, new_key, new_link, new_secret, open, operation, raw};

/// All that a server has, as text.
async fn dump(connection: &mut MultiplexedConnection) -> String {
    let mut dump = String::new();
    for name in names(connection, "*").await {
        let kind: String = redis::cmd("TYPE").arg(&name).query_async(connection).await.expect("an answer");
        let mut read = match kind.as_str() {
            "string" => redis::cmd("GET"),
            "hash" => redis::cmd("HGETALL"),
            "zset" => redis::cmd("ZRANGE"),
            other => panic!("a {other}"),
        };
        read.arg(&name);
        if kind == "zset" {
            read.arg(0).arg(-1);
        }
        let value: redis::Value = read.query_async(connection).await.expect("an answer");
        dump.push_str(&format!("{name} = {value:?}\n"));
    }
    dump
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_holds_no_key_and_no_link_token() {
    let Some(server) = or_skip(Redis::start(Durability::Synced, Access::Open)) else { return };
    let store = open(&server.url()).await;
    let mut secrets = Vec::new();
    for profile in [KeyProfile::Keyward, KeyProfile::OpenSvm, KeyProfile::Routstr] {
        let fresh = || RawKey::generate(profile, &mut getrandom::SysRng).expect("randomness");
        let (first, second, token) = (fresh(), fresh(), link_token());
        let (mut key, link) = (new_key("known"), new_link(&token));
        key.secret = new_secret(&first);
        key.link = Some(link);
        done(&store, &create(&key)).await;
        done(&store, &bind(link.digest, "wallet")).await;
        let rotate = KeyAction::Rotate {
            key: key.id,
            secret: new_secret(&second),
            expected: Revision::FIRST,
            grace: GracePeriod::MAX,
        };
        done(&store, &operation(rotate)).await;
        // What is refused leaves nothing either.
        let mut same = new_key("refused");
        same.secret = new_secret(&second);
        assert!(store.apply_key(&create(&same), NOW).await.expect("an answer").into_result().is_err());
        for raw in [&first, &second] {
            secrets.push(raw.expose_secret().to_owned());
        }
        secrets.push(token.expose_secret().to_owned());
    }
    let mut connection = raw(&server.url()).await;
    let dump = dump(&mut connection).await;
    assert!(dump.contains("hmac-sha256:test:") && dump.contains("known"), "the dump is no dump");
    for secret in secrets {
        // Nor any long part of it; what a key may show of itself is shorter.
        let parts =
            [secret.as_str(), &secret[secret.len() - 24..], &secret[secret.len() / 2 - 8..secret.len() / 2 + 8]];
        assert!(parts.iter().all(|part| !dump.contains(part)), "a secret is in the dump");
    }
}
