//! The WebSocket against servers that play a script.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use keyward_lighter::ApiCode;
use keyward_lighter::FixedClock;
use keyward_lighter_client::{Client, Stream, StreamError, TokenSource};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::sample::{now, signer, token};
use crate::scripted::{Scripted, answer, answer_with, play, read_request};

const CONNECTED: (Option<&str>, &str) = (None, r#"{"session_id":"1b","type":"connected"}"#);

/// A venue that plays `script`, and a stream that is connected to it. The venue's end shows whether all went so.
async fn stream(script: Vec<(Option<String>, String)>) -> (Stream, JoinHandle<()>) {
    let (client, venue) = venue(script).await;
    (client.stream().await.unwrap(), venue)
}

async fn venue(script: Vec<(Option<String>, String)>) -> (Client, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let venue = tokio::spawn(async move {
        let script: Vec<_> = script.iter().map(|(expected, said)| (expected.as_deref(), said.as_str())).collect();
        play(listener.accept().await.unwrap().0, &script).await;
    });
    (Client::builder(&base_url).timeout(Duration::from_secs(5)).build().unwrap(), venue)
}

fn script(steps: &[(Option<&str>, &str)]) -> Vec<(Option<String>, String)> {
    [CONNECTED].iter().chain(steps).map(|(expected, said)| (expected.map(str::to_owned), (*said).to_owned())).collect()
}

#[tokio::test]
async fn a_channel_is_subscribed_to_with_a_token() {
    let token = token();
    let expected =
        format!(r#"{{"type":"subscribe","channel":"account_all_orders/5","auth":"{}"}}"#, token.expose_secret());
    let answer = r#"{"type":"subscribed/account_all_orders","channel":"account_all_orders:5","orders":{}}"#;
    let update = r#"{"type":"update/account_all_orders","channel":"account_all_orders:5","orders":{"1":[]}}"#;
    let leave = r#"{"type":"unsubscribe","channel":"account_all_orders/5"}"#;
    let (mut stream, venue) = stream(script(&[
        (Some(&expected), answer),
        (None, update),
        (Some(leave), r#"{"type":"unsubscribed","channel":"account_all_orders:5"}"#),
    ]))
    .await;

    let first = stream.subscribe("account_all_orders/5", Some((&token).into())).await.unwrap();
    assert_eq!((first.kind(), first.channel()), ("subscribed/account_all_orders", Some("account_all_orders:5")));
    assert_eq!(first.json(), answer);
    assert_eq!(stream.next().await.unwrap().unwrap().json(), update);
    stream.unsubscribe("account_all_orders/5").await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().kind(), "unsubscribed");
    stream.close().await.unwrap();
    venue.await.unwrap();
}

#[tokio::test]
async fn a_source_gives_the_token_to_subscribe_with() {
    let source = TokenSource::from_signer(signer(), FixedClock(now()));
    let token = source.token().unwrap();
    let expected = format!(r#"{{"type":"subscribe","channel":"a/5","auth":"{}"}}"#, token.expose_secret());
    let (mut stream, venue) = stream(script(&[(Some(&expected), r#"{"type":"subscribed/a","channel":"a:5"}"#)])).await;
    stream.subscribe("a/5", Some((&source).into())).await.unwrap();
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_public_channel_needs_none_and_what_comes_before_the_answer_is_kept() {
    let (mut stream, venue) = stream(script(&[
        (Some(r#"{"type":"subscribe","channel":"height"}"#), r#"{"type":"update/a","channel":"a:1"}"#),
        (None, r#"{"type":"subscribed/a","channel":"a:2"}"#),
        (None, r#"{"type":"ping"}"#),
        (Some(r#"{"type":"pong"}"#), r#"{"type":"subscribed/height","channel":"height"}"#),
        (None, r#"{"type":"update/height","channel":"height","height":7}"#),
    ]))
    .await;
    assert_eq!(stream.subscribe("height", None).await.unwrap().kind(), "subscribed/height");
    for (kind, channel) in [("update/a", "a:1"), ("subscribed/a", "a:2"), ("update/height", "height")] {
        let message = stream.next().await.unwrap().unwrap();
        assert_eq!((message.kind(), message.channel()), (kind, Some(channel)));
    }
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_refusal_leaves_the_stream_as_it_was() {
    let subscribe = r#"{"type":"subscribe","channel":"account_tx/5"}"#;
    let (mut stream, venue) = stream(script(&[
        (
            Some(subscribe),
            r#"{"error":{"code":20001,"message":"invalid param : auth field is required: account_tx:5"}}"#,
        ),
        (Some(subscribe), r#"{"type":"subscribed/account_tx","channel":"account_tx:5"}"#),
        (None, r#"{"error":{"code":30009,"message":"slow\u0007 down"}}"#),
        (None, r#"{"type":"update/account_tx","channel":"account_tx:5"}"#),
    ]))
    .await;
    let error = stream.subscribe("account_tx/5", None).await.unwrap_err();
    assert!(matches!(&error, StreamError::Refused { code: ApiCode::INVALID_PARAM, .. }), "{error:?}");
    assert!(error.to_string().contains("auth field is required"));
    stream.subscribe("account_tx/5", None).await.unwrap();
    let StreamError::Refused { code, message } = stream.next().await.unwrap_err() else { panic!() };
    assert_eq!((code.as_u32(), message.as_str()), (30009, "slow down"));
    assert_eq!(stream.next().await.unwrap().unwrap().kind(), "update/account_tx");
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_token_that_the_venue_repeats_in_a_refusal_is_left_out() {
    let token = token();
    let subscribe = format!(r#"{{"type":"subscribe","channel":"a/5","auth":"{}"}}"#, token.expose_secret());
    let refusal = format!(r#"{{"error":{{"code":30000,"message":"Invalid Json: {}"}}}}"#, token.expose_secret());
    let (mut stream, venue) = stream(script(&[(Some(&subscribe), &refusal)])).await;
    let error = stream.subscribe("a/5", Some((&token).into())).await.unwrap_err();
    assert_eq!(error.to_string(), "the venue refused with code 30000: Invalid Json: 1795219800:5:253:…");
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_silent_venue_is_sent_a_ping_and_then_given_up() {
    let (mut stream, venue) = stream(script(&[
        (Some(r#"{"type":"ping"}"#), r#"{"type":"pong"}"#),
        (Some(r#"{"type":"ping"}"#), r#"{"type":"update/a"}"#),
    ]))
    .await;
    let started = Instant::now();
    assert_eq!(stream.next().await.unwrap().unwrap().kind(), "update/a");
    assert_eq!(started.elapsed().as_secs(), 60);
    assert!(matches!(stream.next().await, Err(StreamError::TimedOut)));
    assert_eq!(started.elapsed().as_secs(), 95);
    assert!(stream.next().await.unwrap().is_none());
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_ping_of_the_protocol_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let venue = tokio::spawn(async move {
        let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        socket.send(Message::text(CONNECTED.1)).await.unwrap();
        socket.send(Message::Ping("are you there".into())).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("are you there".into()));
        socket.close(None).await.unwrap();
    });
    let mut stream = Client::new(&base_url).unwrap().stream().await.unwrap();
    assert!(stream.next().await.unwrap().is_none());
    assert!(stream.next().await.unwrap().is_none());
    assert!(matches!(stream.subscribe("height", None).await, Err(StreamError::Closed)));
    venue.await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_not_as_documented_ends_the_stream() {
    for text in ["[]", "hello", r#"{"channel":"a"}"#, r#"{"type":5}"#, r#"{"type":"a","channel":5}"#, r#"{"error":5}"#]
    {
        let (mut stream, venue) = stream(script(&[(None, text)])).await;
        assert!(matches!(stream.next().await, Err(StreamError::BadMessage(_))), "{text}");
        assert!(stream.next().await.unwrap().is_none());
        drop(stream);
        venue.await.unwrap();
    }
}

#[tokio::test]
async fn a_message_beyond_all_measure_ends_the_stream() {
    let text = format!(r#"{{"type":"a","padding":"{}"}}"#, "x".repeat(9 << 20));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        socket.send(Message::text(CONNECTED.1)).await.unwrap();
        // The client hangs up in the middle.
        let _ = socket.send(Message::text(text)).await;
    });
    let mut stream = Client::new(&base_url).unwrap().stream().await.unwrap();
    assert!(matches!(stream.next().await, Err(StreamError::Broken(_))));
}

#[tokio::test]
async fn no_more_is_kept_than_a_limit_while_an_answer_is_waited_for() {
    let long = format!(r#"{{"type":"a","padding":"{}"}}"#, "x".repeat(7 << 20));
    let mut script = script(&[]);
    script.push((Some(r#"{"type":"subscribe","channel":"height"}"#.to_owned()), long.clone()));
    script.extend([(None, long.clone()), (None, long)]);
    let (mut stream, _venue) = stream(script).await;
    assert!(matches!(stream.subscribe("height", None).await, Err(StreamError::TooMuchWaiting)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_ends_the_stream() {
    let (mut stream, venue) =
        stream(script(&[(Some(r#"{"type":"subscribe","channel":"height"}"#), r#"{"type":"update/a"}"#)])).await;
    assert!(matches!(stream.subscribe("height", None).await, Err(StreamError::TimedOut)));
    assert!(matches!(stream.unsubscribe("height").await, Err(StreamError::Closed)));
    // What came before is not lost.
    assert_eq!(stream.next().await.unwrap().unwrap().kind(), "update/a");
    assert!(stream.next().await.unwrap().is_none());
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_request_leaves_no_stream_out_of_step() {
    let (mut stream, venue) = stream(script(&[])).await;
    tokio::select! {
        biased;
        outcome = stream.subscribe("height", None) => panic!("{outcome:?}"),
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    assert!(matches!(stream.subscribe("height", None).await, Err(StreamError::Closed)));
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_cancelled_wait_loses_nothing() {
    let (mut stream, venue) =
        stream(script(&[(None, r#"{"type":"ping"}"#), (Some(r#"{"type":"pong"}"#), r#"{"type":"update/a"}"#)])).await;
    // Dropped each time that it has to wait.
    let message = loop {
        tokio::select! {
            biased;
            message = stream.next() => break message.unwrap().unwrap(),
            () = tokio::task::yield_now() => {}
        }
    };
    assert_eq!(message.kind(), "update/a");
    drop(stream);
    venue.await.unwrap();
}

#[tokio::test]
async fn a_server_that_opens_no_stream_is_told_by_its_status() {
    for status in [401, 404, 429, 503] {
        let server = Scripted::new([answer(status, "{}")]).await;
        let error = server.client().stream().await.unwrap_err();
        assert!(matches!(error, StreamError::Handshake { http_status } if http_status == status), "{error:?}");
        assert_eq!(server.request().line, "GET /stream");
    }
}

#[tokio::test]
async fn a_stream_is_not_redirected() {
    let elsewhere = Scripted::new([]).await;
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}/stream", elsewhere.base_url());
        let server = Scripted::new([answer_with(status, &location, "")]).await;
        let error = server.client().stream().await.unwrap_err();
        assert!(matches!(error, StreamError::Handshake { http_status } if http_status == status), "{error:?}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn opening_a_stream_ends_in_time() {
    // Not even the handshake is answered; or it is, and no word comes after it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let venue = tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        read_request(&mut connection).await.unwrap();
        let silent = listener.accept().await.unwrap().0;
        play(silent, &[]).await;
        drop(connection);
    });
    let client = Client::builder(&base_url).timeout(Duration::from_secs(5)).build().unwrap();
    for _ in 0..2 {
        let started = Instant::now();
        assert!(matches!(client.stream().await, Err(StreamError::TimedOut)));
        assert_eq!(started.elapsed().as_secs(), 5);
    }
    venue.await.unwrap();
}

#[tokio::test]
async fn without_a_server_there_is_no_stream() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert!(matches!(client.stream().await, Err(StreamError::Connect(_))));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let source = TokenSource::from_file("/nowhere/auth-tokens.json", None, 0, FixedClock(now()));
    let (mut stream, venue) = stream(script(&[(
        Some(r#"{"type":"subscribe","channel":"height"}"#),
        r#"{"type":"subscribed/height","channel":"height"}"#,
    )]))
    .await;
    let error = stream.subscribe("account_tx/5", Some((&source).into())).await.unwrap_err();
    assert!(matches!(error, StreamError::Token(_)), "{error:?}");
    stream.subscribe("height", None).await.unwrap();
    drop(stream);
    venue.await.unwrap();
}
