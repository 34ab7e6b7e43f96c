//! What the log says of a day in the sandbox, at every level: what was asked for, and no secret.

#[path = "server/support.rs"]
#[expect(dead_code, reason = "the tests of the server need the rest")]
mod support;

use std::io;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use support::{NOW, Request, SLOT, STANDARD, Setup, World, change_pub_key, key, new_key, token, token_of, token_until};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_logged_at_any_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For all threads; this is the only test of its process.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let storage = Some(keyward_lighter_sandbox::Storage::File(folder.path().join("state.redb")));
    let world = World::with(Setup { storage, ..Setup::default() }).await;
    let (new, limits) = (new_key(), "/api/v1/accountLimits?account_index=5");
    let (good, expired) = (token(STANDARD), token_until(STANDARD, NOW));
    let (read_only, _) = world.read_only_token(STANDARD, false).await;
    let tx_info = change_pub_key(&new, STANDARD, SLOT, 1);

    // Done and refused; in the header, the query, the form, a path, a method; by REST and by WebSocket.
    for auth in [&good, &expired, &read_only] {
        world.get_as(auth, limits).await;
        world.get(&format!("{limits}&auth={auth}")).await;
        world.get(&format!("/api/v1/accountLimits?account_index={auth}&account_index={auth}")).await;
        world.post("/api/v1/tokens/revoke", &[("account_index", "5"), ("token_id", auth), ("auth", auth)]).await;
        world.ask(Request::multipart("/api/v1/tokens/create", &[("auth", auth), ("name", auth)])).await;
        world.get(&format!("/{auth}")).await;
        let mut wire = world.connect().await;
        wire.send(format!("{} / HTTP/1.1\r\nHost: s\r\n\r\n", auth.replace(':', "-")).as_bytes()).await;
        wire.response().await;
        let mut wire = world.connect().await;
        wire.send(format!("GET {limits} HTTP/1.1\r\nauthorization {auth}\r\n\r\n").as_bytes()).await;
        wire.response().await;
    }
    let stream = TcpStream::connect(world.address).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://{}/stream", world.address), stream).await.unwrap();
    let object: serde_json::Value = serde_json::from_str(&tx_info).unwrap();
    for message in [
        json!({ "type": "subscribe", "channel": "account_tx/5", "auth": good }),
        json!({ "type": "subscribe", "channel": "account_all_orders/5", "auth": expired }),
        json!({ "type": "subscribe", "channel": read_only }),
        json!({ "type": good }),
        json!({ "type": "jsonapi/sendtx", "data": { "tx_type": 8, "tx_info": object } }),
    ] {
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    socket.next().await.unwrap().unwrap();
    world.post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).await;
    let fresh = token_of(new_copy(&new), STANDARD, SLOT, NOW + 60);
    world.get_as(&fresh, limits).await;
    world.stop().await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // What is there, so that what is not there means something.
    for expected in [
        r#"method="GET" path="/api/v1/accountLimits" status=200 code=200"#,
        r#"method="GET" path="/api/v1/accountLimits" status=401 code=20013"#,
        r#"method="POST" path="/api/v1/sendTx" status=400 code=21104"#,
        r#"method="GET" path="/stream" status=101 code=0"#,
        r#"method="GET" path="unknown" status=404 code=29404"#,
        r#"method="other" path="unknown""#,
    ] {
        assert!(log.contains(expected), "{expected} in\n{log}");
    }
    let signature = |token: &str| token.rsplit(':').next().unwrap().to_owned();
    let l1_signature = object["L1Sig"].as_str().unwrap().trim_start_matches("0x").to_owned();
    let secrets = [
        signature(&good),
        signature(&expired),
        signature(&read_only),
        signature(&fresh),
        object["Sig"].as_str().unwrap().to_owned(),
        l1_signature,
        keyward_lighter::private_key_text(&new).trim_start_matches("0x").to_owned(),
        keyward_lighter::private_key_text(&key(STANDARD)).trim_start_matches("0x").to_owned(),
        keyward_lighter_sandbox::Seed::EXAMPLE_L1_KEY.trim_start_matches("0x").to_owned(),
    ];
    for secret in secrets {
        // Any part of it that is long enough to be one.
        for part in secret.as_bytes().chunks_exact(16) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!log.to_lowercase().contains(&part.to_lowercase()), "{part} in\n{log}");
        }
    }
}

fn new_copy(key: &keyward_lighter::SigningKey) -> keyward_lighter::SigningKey {
    keyward_lighter::SigningKey::from_bytes(&key.expose_secret()).unwrap()
}
