use std::time::Duration;

use keyward_lighter_sandbox::ConnectionLimits;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Request, STANDARD, World, change_pub_key, new_key};

const TOO_LARGE: (u16, u64, &str) = (413, 20001, "invalid param : the body is too large");

async fn is_well(world: &World) {
    assert_eq!(world.get("/info").await.status, 200);
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_refused() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    let request = Request::post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &"x".repeat(1 << 20))]);
    wire.send(request.to_text().as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().refusal(), TOO_LARGE);
    // It was read to its end, so the connection is still good.
    wire.send(Request::get("/info").to_text().as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
}

#[tokio::test]
async fn the_largest_body_is_taken() {
    let max_body_bytes = 1000;
    let world = World::with_limits(ConnectionLimits { max_body_bytes, ..Default::default() }).await;
    let body = |length: usize| format!("tx_type=8&x={}", "x".repeat(length - 12));
    let ask = |length| Request::with_body("/api/v1/sendTx", "application/x-www-form-urlencoded", body(length));
    let read = world.ask(ask(max_body_bytes)).await;
    assert_eq!(read.refusal(), (400, 20001, "invalid param : tx_info is required"));
    assert_eq!(world.ask(ask(max_body_bytes + 1)).await.refusal(), TOO_LARGE);
}

#[tokio::test]
async fn a_body_without_end_is_refused_and_its_connection_closed() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    wire.send(b"POST /api/v1/sendTx HTTP/1.1\r\nHost: s\r\nContent-Length: 1000000000000\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().refusal(), TOO_LARGE);
    wire.end().await;
    is_well(&world).await;
}

const CHUNKED: &str = "POST /api/v1/sendTx HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\
                       Content-Type: application/x-www-form-urlencoded\r\n\r\n";

#[tokio::test]
async fn chunked_bodies_are_taken_up_to_the_same_size() {
    let world = World::start().await;
    let tx_info = change_pub_key(&new_key(), STANDARD, 20, 0);
    let mut form = form_urlencoded::Serializer::new(String::new());
    let form = form.append_pair("tx_type", "8").append_pair("tx_info", &tx_info).finish();
    let mut wire = world.connect().await;
    wire.send(CHUNKED.as_bytes()).await;
    for byte in form.bytes() {
        wire.send(format!("1\r\n{}\r\n", char::from(byte)).as_bytes()).await;
    }
    wire.send(b"0\r\n\r\n").await;
    let sent = wire.response().await.unwrap();
    assert_eq!(sent.code(), 200, "{:?}", sent.body);

    wire.send(CHUNKED.as_bytes()).await;
    for _ in 0..1024 {
        wire.send(format!("400\r\n{}\r\n", "x".repeat(1024)).as_bytes()).await;
    }
    wire.send(b"0\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().refusal(), TOO_LARGE);
    is_well(&world).await;
}

#[tokio::test]
async fn after_a_body_with_a_length_and_chunks_nothing_more_is_read() {
    let world = World::start().await;
    for lengths in
        ["Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3"]
    {
        let mut wire = world.connect().await;
        let next = Request::get("/info").to_text();
        let text = format!("POST /api/v1/sendTx HTTP/1.1\r\nHost: s\r\n{lengths}\r\n\r\n0\r\n\r\n{next}");
        wire.send(text.as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().refusal(), (400, 20001, "invalid param : tx_type is required"));
        assert_eq!(wire.end().await, b"", "who reads by the length would see another request");
    }
}

#[tokio::test]
async fn malformed_chunks_are_refused() {
    let world = World::start().await;
    for chunks in ["zz\r\n", "5\r\nhello!", "fffffffffffffffff\r\n", "-1\r\n"] {
        let mut wire = world.connect().await;
        wire.send(format!("{CHUNKED}{chunks}").as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().refusal(), (400, 20001, "invalid param : the body is malformed"));
        wire.end().await;
    }
    is_well(&world).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let body_timeout = Duration::from_millis(50);
    let world = World::with_limits(ConnectionLimits { body_timeout, ..Default::default() }).await;
    for body in ["", "tx_type=8"] {
        let mut wire = world.connect().await;
        wire.send(format!("POST /api/v1/sendTx HTTP/1.1\r\nHost: s\r\nContent-Length: 10\r\n\r\n{body}").as_bytes())
            .await;
        let refused = wire.response().await.unwrap();
        assert_eq!(refused.refusal(), (408, 20001, "invalid param : the body takes too long"));
        wire.end().await;
    }
    is_well(&world).await;
}

#[tokio::test]
async fn what_is_no_http_is_answered_400_and_closed() {
    let world = World::start().await;
    for garbage in [
        "\0\x01\x02\x03\r\n\r\n",
        "hello\r\n\r\n",
        "GET\r\n\r\n",
        "GET /info HTTP/9.9\r\nHost: s\r\n\r\n",
        "GET /info HTTP/1.1\r\nHost s\r\n\r\n",
        "GET /in fo HTTP/1.1\r\nHost: s\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: identity\r\n\r\n",
        "\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03\r\n\r\n",
    ] {
        let mut wire = world.connect().await;
        wire.send(garbage.as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().status, 400, "{garbage:?}");
        assert_eq!(wire.end().await, b"");
    }
    is_well(&world).await;
}

#[tokio::test]
async fn a_huge_head_is_refused() {
    let world = World::start().await;
    for (head, status) in [
        (format!("GET /info HTTP/1.1\r\nHost: s\r\nX: {}\r\n\r\n", "x".repeat(100_000)), 431),
        (format!("GET /info HTTP/1.1\r\nHost: s\r\n{}\r\n", "X: y\r\n".repeat(200)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: s\r\n\r\n", "x".repeat(100_000)), 414),
    ] {
        let mut wire = world.connect().await;
        wire.send(head.as_bytes()).await;
        // A client that has more to send than the server reads may find the connection reset before the answer.
        if let Some(answer) = wire.response().await {
            assert!([status, 431].contains(&answer.status), "{}", answer.status);
        }
        wire.end().await;
    }
    is_well(&world).await;
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let world = World::start().await;
    for head in ["GET /info HTTP/1.1\r\n\r\n", "GET /info HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"] {
        let mut wire = world.connect().await;
        wire.send(head.as_bytes()).await;
        let refused = wire.response().await.unwrap();
        assert_eq!(refused.refusal(), (400, 20001, "invalid param : one Host header is required"));
    }
    let mut wire = world.connect().await;
    wire.send(b"GET /info HTTP/1.0\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().status, 200, "HTTP/1.0 knows no hosts");
    assert_eq!(wire.end().await, b"");
}

#[tokio::test]
async fn what_stands_for_a_token_matters_only_where_one_is_needed() {
    let world = World::start().await;
    for (path, expected) in [
        ("/info", None),
        ("/api/v1/nextNonce?account_index=5&api_key_index=3", None),
        ("/api/v1/accountLimits?account_index=5", Some((401, 20013, "invalid auth: invalid auth string"))),
    ] {
        let mut wire = world.connect().await;
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: s\r\nAuthorization: ").as_bytes()).await;
        wire.send(b"\xff\xfe\r\n\r\n").await;
        let answer = wire.response().await.unwrap();
        match expected {
            Some(refusal) => assert_eq!(answer.refusal(), refusal),
            None => assert_eq!(answer.status, 200),
        }
    }
}

#[tokio::test]
async fn a_get_with_a_body_is_answered() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    let text = "GET /info HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{{{{";
    wire.send(text.as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_request_that_breaks_off_anywhere_harms_nobody() {
    let world = World::start().await;
    let tx_info = change_pub_key(&new_key(), STANDARD, 20, 0);
    let text = Request::multipart("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).to_text();
    for length in (0..text.len()).step_by(7) {
        let mut wire = world.connect().await;
        wire.send(&text.as_bytes()[..length]).await;
    }
    is_well(&world).await;
    let nonce = world.get("/api/v1/nextNonce?account_index=5&api_key_index=20").await;
    assert_eq!(nonce.body["nonce"], 0, "none of them was a whole transaction");
}

#[tokio::test]
async fn a_client_that_never_reads_is_left() {
    let short = Duration::from_secs(1);
    let limits = ConnectionLimits { idle_timeout: short, head_timeout: short, ..Default::default() };
    let world = World::with_limits(limits).await;
    let mut wire = world.connect().await;
    let request = Request::get("/info").to_text().repeat(100);
    // Until the server writes no more, and so reads no more, and gives up.
    while wire.0.write_all(request.as_bytes()).await.is_ok() {}
    is_well(&world).await;
}
