//! No token and no key in what is logged. Alone in its program: which logs are heard is a matter of the whole of it.

#[expect(dead_code, reason = "shared with the other tests")]
#[path = "../client/sample.rs"]
mod sample;
#[expect(dead_code, reason = "shared with the other tests")]
#[path = "../client/scripted.rs"]
mod scripted;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::thread;

use keyward_lighter::FixedClock;
use keyward_lighter_client::{Client, TokenSource};
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;

use crate::sample::{NOW, account, new_token, now, read_only_text, signer};
use crate::scripted::{Scripted, Step, answer, play, refusal};

/// The thread of the venue's end of a stream.
const VENUE: &str = "venue";

/// Everything that is logged, by whichever way.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
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

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // What the other side logs of what it receives is its own affair.
        if thread::current().name() == Some(VENUE) {
            return;
        }
        let text = format!("{} {}\n", record.target(), record.args());
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn nothing_secret_is_logged_at_any_level() {
    let log = Log::default();
    // The other crates' logs.
    log::set_boxed_logger(Box::new(log.clone())).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let read_only = read_only_text();
    let issued = format!(
        r#"{{"code":200,"token_id":12,"api_token":"{read_only}","name":"a","account_index":5,"expiry":{},"sub_account_access":true,"revoked":false,"scopes":"read.*"}}"#,
        NOW + 100_000
    );
    let source = TokenSource::from_signer(signer(), FixedClock(now()));
    let signed = source.token().unwrap();
    let echo = refusal(401, 20013, &format!("invalid auth: {}", signed.expose_secret()));
    let server = Scripted::new([answer(200, &issued), echo, answer(200, "[]"), Step::HangUp]).await;
    let client = server.client();
    client.create_token(new_token(), &source).await.unwrap();
    for _ in 0..3 {
        client.revoke_token(account(), 12, &source).await.unwrap_err();
    }

    let subscribe = format!(r#"{{"type":"subscribe","channel":"a/5","auth":"{}"}}"#, signed.expose_secret());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let subscription = async {
        let mut stream = Client::new(&base_url).unwrap().stream().await.unwrap();
        stream.subscribe("a/5", Some((&source).into())).await.unwrap();
        stream.close().await.unwrap();
    };
    let listener = listener.into_std().unwrap();
    let venue = thread::Builder::new().name(VENUE.to_owned());
    let venue = venue.spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let answer = (Some(subscribe.as_str()), r#"{"type":"subscribed/a","channel":"a:5"}"#);
            play(listener.accept().await.unwrap().0, &[(None, r#"{"type":"connected"}"#), answer]).await;
        });
    });
    subscription.await;
    venue.unwrap().join().unwrap();

    let log = log.text();
    for line in ["lighter_call", "endpoint=\"/api/v1/tokens/create\"", "attempt=1", "status=401", "code=20013"] {
        assert!(log.contains(line), "{line} is not in:\n{log}");
    }
    assert!(log.contains("tungstenite"), "the other crates' logs are looked at too");
    let signature = signed.expose_secret().rsplit(':').next().unwrap();
    let random = read_only.rsplit(':').next().unwrap();
    for secret in [signature, random] {
        // A frame's payload is printed in digits.
        let digits: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!log.contains(secret) && !log.contains(&digits), "a token was logged");
    }
}
