use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use keyward_lighter_sandbox::{ConnectionLimits, RateLimit};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::{
    NOW, PATIENCE, PREMIUM, Request, SLOT, STANDARD, Setup, World, change_pub_key, new_key, token, token_of,
    token_until,
};

/// A WebSocket client of the sandbox.
struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn open(world: &World) -> Self {
        let mut socket = Self::open_at(world, "/stream").await;
        let connected = socket.next().await;
        assert_eq!(connected["type"], "connected");
        assert_eq!(connected["session_id"].as_str().unwrap().len(), 36);
        socket
    }

    async fn open_at(world: &World, target: &str) -> Self {
        let stream = TcpStream::connect(world.address).await.unwrap();
        let (socket, _) = client_async(format!("ws://{}{target}", world.address), stream).await.unwrap();
        Self(socket)
    }

    async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        let message = timeout(PATIENCE, self.0.next()).await.expect("a message in time").unwrap().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.next().await
    }

    async fn subscribe(&mut self, channel: &str, auth: Option<&str>) -> Value {
        self.ask(&json!({ "type": "subscribe", "channel": channel, "auth": auth })).await
    }

    /// With what the server closes the socket.
    async fn closed(&mut self) -> CloseCode {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a close in time").unwrap().unwrap() {
                Message::Close(frame) => return frame.expect("a reason").code,
                Message::Text(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn error(code: u32, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

#[tokio::test]
async fn account_channels_are_opened_by_a_token() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    let auth = token(STANDARD);
    for (channel, named, body) in [
        ("account_all_orders/5", "account_all_orders:5", json!({ "orders": {} })),
        ("account_all_assets/5", "account_all_assets:5", json!({ "assets": {} })),
        ("account_all_positions/5", "account_all_positions:5", json!({ "positions": {}, "shares": [] })),
        ("account_orders/0/5", "account_orders:0:5", json!({ "account": 5, "nonce": 0, "orders": {} })),
        ("account_tx/5", "account_tx:5", json!({ "txs": [] })),
        ("notification/5", "notification:5", json!({ "notifs": [] })),
    ] {
        let mut expected = body;
        expected["channel"] = named.into();
        expected["type"] = format!("subscribed/{}", named.split(':').next().unwrap()).into();
        assert_eq!(socket.subscribe(channel, Some(&auth)).await, expected);
    }
    for channel in ["account_all_trades/5", "account_market/1/5"] {
        assert_eq!(socket.subscribe(channel, Some(&auth)).await["type"].as_str().unwrap()[..11], *"subscribed/");
    }
}

#[tokio::test]
async fn public_channels_need_none() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    for (channel, named) in [
        ("order_book/0", "order_book:0"),
        ("market_stats/all", "market_stats:all"),
        ("market_stats/2048", "market_stats:2048"),
        ("trade/1", "trade:1"),
        ("height", "height"),
        ("account_all/5", "account_all:5"),
        ("user_stats/5", "user_stats:5"),
    ] {
        let subscribed = socket.subscribe(channel, None).await;
        assert_eq!(subscribed["channel"], named);
    }
    // What the official SDK's client reads of it.
    assert_eq!(socket.ask(&json!({ "type": "unsubscribe", "channel": "order_book/0" })).await["type"], "unsubscribed");
    let book = socket.subscribe("order_book/0", None).await;
    assert_eq!((&book["order_book"]["asks"], &book["order_book"]["bids"]), (&json!([]), &json!([])));
    assert_eq!(socket.subscribe("user_stats/77777", None).await, error(29404, "not found"));
}

#[tokio::test]
async fn a_token_is_judged_when_it_subscribes_and_only_then() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    for (auth, code, message) in [
        (None, 20001, "invalid param : auth field is required: account_all_orders:5"),
        (Some(String::new()), 20001, "invalid param : auth field is required: account_all_orders:5"),
        (Some(token_until(STANDARD, NOW)), 20013, "invalid auth: expired token: account_all_orders:5"),
        (Some(token_until(STANDARD, NOW + 28_801)), 20013, "invalid auth: invalid deadline: account_all_orders:5"),
        (Some("x".to_owned()), 20013, "invalid auth: invalid auth string: account_all_orders:5"),
        (Some(token(PREMIUM)), 20013, "invalid auth: account mismatch: account_all_orders:5"),
    ] {
        assert_eq!(socket.subscribe("account_all_orders/5", auth.as_deref()).await, error(code, message));
    }
    let (read_only, _) = world.read_only_token(STANDARD, false).await;
    assert_eq!(socket.subscribe("account_all_orders/5", Some(&read_only)).await["orders"], json!({}));

    // A rotation: what is open stays open, the old key's token opens nothing more.
    let (old, new) = (token(STANDARD), new_key());
    let tx_info = change_pub_key(&new, STANDARD, SLOT, 1);
    assert_eq!(world.post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)]).await.code(), 200);
    let refused = socket.subscribe("account_tx/5", Some(&old)).await;
    assert_eq!(refused, error(20013, "invalid auth: invalid signature: account_tx:5"));
    assert_eq!(socket.subscribe("account_all_orders/5", Some(&old)).await["error"]["code"], 30003, "still open");
    let fresh = token_of(new, STANDARD, SLOT, NOW + 60);
    assert_eq!(socket.subscribe("account_tx/5", Some(&fresh)).await["txs"], json!([]));
}

#[tokio::test]
async fn a_channel_is_subscribed_to_once_and_left_once() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    assert_eq!(socket.subscribe("height", None).await["type"], "subscribed/height");
    assert_eq!(socket.subscribe("height", None).await, error(30003, "Already Subscribed to : height"));
    let leave = json!({ "type": "unsubscribe", "channel": "height" });
    assert_eq!(socket.ask(&leave).await, json!({ "type": "unsubscribed", "channel": "height" }));
    assert_eq!(socket.ask(&leave).await, error(30002, "Not Subscribed to : height"));
}

#[tokio::test]
async fn a_bad_message_is_answered_and_the_socket_stays_open() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    for (text, code, message) in [
        ("", 30000, "Invalid Json"),
        ("{", 30000, "Invalid Json"),
        ("nonsense", 30000, "Invalid Json"),
        ("[1,", 30000, "Invalid Json"),
        ("5", 30007, "Invalid Data"),
        (r#"["subscribe","height",null,null]"#, 30007, "Invalid Data"),
        (r#"{"type":5}"#, 30007, "Invalid Data"),
        (r#"{"type":"ping","type":"ping"}"#, 30007, "Invalid Data"),
        (r#"{"type":"subscribe"}"#, 30007, "Invalid Data"),
        (r#"{"type":"subscribe","channel":["height"]}"#, 30007, "Invalid Data"),
        (r#"{"type":"jsonapi/sendtx"}"#, 30007, "Invalid Data"),
        (r#"{"type":"jsonapi/sendtx","data":[1]}"#, 30007, "Invalid Data"),
        (r#"{"type":"jsonapi/sendtx","data":{"tx_type":"8","tx_info":{}}}"#, 30007, "Invalid Data"),
        (r#"{"type":"jsonapi/sendtx","data":{"id":{},"tx_type":8,"tx_info":{}}}"#, 30007, "Invalid Data"),
        (r#"{"type":"jsonapi/sendtxbatch","data":{"tx_types":[8],"tx_infos":[]}}"#, 30007, "Invalid Data"),
        ("{}", 30001, "Invalid Type"),
        (r#"{"type":"shout"}"#, 30001, "Invalid Type"),
        (r#"{"type":"subscribe","channel":"weather/5"}"#, 30005, "Invalid Channel:  (channel)"),
        (r#"{"type":"subscribe","channel":"height/5"}"#, 30005, "Invalid Channel:  (channel)"),
        (r#"{"type":"subscribe","channel":"order_book/x"}"#, 30005, "Invalid Channel:  (marketId)"),
        (r#"{"type":"subscribe","channel":"order_book/65536"}"#, 30005, "Invalid Channel:  (marketId)"),
        (r#"{"type":"subscribe","channel":"order_book/all"}"#, 30005, "Invalid Channel:  (marketId)"),
        (r#"{"type":"subscribe","channel":"account_tx"}"#, 30005, "Invalid Channel:  (accountId)"),
        (r#"{"type":"subscribe","channel":"account_tx/05"}"#, 30005, "Invalid Channel:  (accountId)"),
        (r#"{"type":"subscribe","channel":"account_orders/5"}"#, 30005, "Invalid Channel:  (accountId)"),
    ] {
        socket.send_text(text).await;
        assert_eq!(socket.next().await, error(code, message), "{text}");
    }
    socket.0.send(Message::binary(&b"{}"[..])).await.unwrap();
    assert_eq!(socket.next().await, error(30000, "Invalid Json"));
    assert_eq!(socket.ask(&json!({ "type": "ping" })).await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn transactions_are_taken_with_the_id_they_came_with() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    let info = |nonce| change_pub_key(&new_key(), STANDARD, 20, nonce);
    let object: Value = serde_json::from_str(&info(0)).unwrap();
    let message = json!({ "type": "jsonapi/sendtx", "data": { "id": "first", "tx_type": 8, "tx_info": object } });
    let sent = socket.ask(&message).await;
    assert_eq!((&sent["type"], &sent["id"], &sent["code"]), (&"jsonapi/sendtx".into(), &"first".into(), &200.into()));
    assert_eq!(sent["tx_hash"].as_str().unwrap().len(), 80);
    let refused = socket.ask(&message).await;
    assert_eq!(refused, json!({ "error": { "code": 21104, "message": "invalid nonce" }, "id": "first" }));
    let text = json!({ "type": "jsonapi/sendtx", "data": { "tx_type": 8, "tx_info": info(1) } });
    assert_eq!(socket.ask(&text).await, error(21501, "invalid tx info"), "an object, not its text");

    let infos = serde_json::to_string(&[info(1), info(2)]).unwrap();
    let data = json!({ "id": 7, "tx_types": "[8, 8]", "tx_infos": infos });
    let sent = socket.ask(&json!({ "type": "jsonapi/sendtxbatch", "data": data })).await;
    assert_eq!((&sent["type"], &sent["id"]), (&"jsonapi/sendtxbatch".into(), &7.into()), "{sent}");
    assert_eq!(sent["tx_hash"].as_array().unwrap().len(), 2);
    let many =
        json!({ "tx_types": format!("[{}]", ["8"; 51].join(",")), "tx_infos": json!(vec!["{}"; 51]).to_string() });
    let refused = socket.ask(&json!({ "type": "jsonapi/sendtxbatch", "data": many })).await;
    assert_eq!(refused, error(21514, "maximum 50 transactions allowed per batch"));
}

#[tokio::test]
async fn a_socket_for_reading_takes_no_transactions() {
    let world = World::start().await;
    let mut socket = Socket::open_at(&world, "/stream?readonly=true").await;
    socket.next().await;
    let message = json!({ "type": "jsonapi/sendtx", "data": { "id": "a", "tx_type": 8, "tx_info": {} } });
    assert_eq!(socket.ask(&message).await["error"]["code"], 30006);
    assert_eq!(socket.subscribe("height", None).await["height"], 0);
}

#[tokio::test]
async fn a_base_address_with_a_slash_leads_to_the_stream_too() {
    let world = World::start().await;
    let mut socket = Socket::open_at(&world, "//stream").await;
    assert_eq!(socket.next().await["type"], "connected");
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let world = World::start().await;
    let message = "invalid param : a WebSocket handshake is expected";
    assert_eq!(world.get("/stream").await.refusal(), (400, 20001, message));
    let old = Request::get("/stream").header("Connection", "Upgrade").header("Upgrade", "websocket");
    let old = old.header("Sec-WebSocket-Version", "8").header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(world.ask(old).await.refusal(), (400, 20001, message));
    assert_eq!(world.post("/stream", &[]).await.status, 405);
    assert_eq!(world.get("/stream?readonly=perhaps").await.status, 400);
}

#[tokio::test]
async fn a_silent_client_is_asked_for_a_sign_of_life_and_then_left() {
    let stream_idle_timeout = Duration::from_secs(2);
    let world = World::with_limits(ConnectionLimits { stream_idle_timeout, ..Default::default() }).await;
    let mut socket = Socket::open(&world).await;
    assert_eq!(socket.next().await, json!({ "type": "ping" }));
    socket.send(&json!({ "type": "pong" })).await;
    assert_eq!(socket.next().await, json!({ "type": "ping" }));
    assert_eq!(socket.closed().await, CloseCode::Policy);
}

#[tokio::test]
async fn a_message_that_comes_byte_by_byte_is_no_sign_of_life() {
    let stream_idle_timeout = Duration::from_millis(200);
    let world = World::with_limits(ConnectionLimits { stream_idle_timeout, ..Default::default() }).await;
    let mut socket = Socket::open_at(&world, "/stream").await;
    let wire = socket.0.get_mut();
    wire.write_all(&[0x81, 0x80 | 126, 0xff, 0xff, 0, 0, 0, 0]).await.unwrap();
    let dribble = async {
        while wire.write_all(b" ").await.is_ok() {
            tokio::time::sleep(stream_idle_timeout / 20).await;
        }
    };
    timeout(PATIENCE, dribble).await.expect("it is left");
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_the_socket() {
    let max_stream_message_bytes = 1000;
    let world = World::with_limits(ConnectionLimits { max_stream_message_bytes, ..Default::default() }).await;
    let mut socket = Socket::open(&world).await;
    socket.send_text(&" ".repeat(1000)).await;
    assert_eq!(socket.next().await, error(30000, "Invalid Json"));
    socket.send_text(&" ".repeat(1001)).await;
    assert_eq!(socket.closed().await, CloseCode::Size);
}

/// A frame with a mask of zeros: what it says stays as it is.
fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126).expect("a short frame");
    [&[first_byte, 0x80 | length, 0, 0, 0, 0][..], payload].concat()
}

const TEXT: u8 = 0x1;
const CONTINUATION: u8 = 0x0;
const PING: u8 = 0x9;
const FINAL: u8 = 0x80;

#[tokio::test]
async fn a_message_in_parts_is_one_message() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    let parts = [
        frame(TEXT, br#"{"type":"#),
        frame(FINAL | PING, b"between"),
        frame(CONTINUATION, b""),
        frame(CONTINUATION, br#""ping"#),
        frame(FINAL | CONTINUATION, br#""}"#),
    ];
    for part in parts {
        socket.0.get_mut().write_all(&part).await.unwrap();
    }
    let pong = timeout(PATIENCE, socket.0.next()).await.expect("an answer in time").unwrap().unwrap();
    assert_eq!(pong, Message::Pong("between".into()));
    assert_eq!(socket.next().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn a_message_in_parts_is_not_larger_than_one_in_a_piece() {
    let max_stream_message_bytes = 1000;
    let world = World::with_limits(ConnectionLimits { max_stream_message_bytes, ..Default::default() }).await;
    let mut socket = Socket::open(&world).await;
    let mut parts = frame(TEXT, &[b' '; 100]);
    parts.extend(frame(CONTINUATION, &[b' '; 100]).repeat(10));
    socket.0.get_mut().write_all(&parts).await.unwrap();
    assert_eq!(socket.closed().await, CloseCode::Size);
}

#[tokio::test]
async fn frames_that_break_the_protocol_close_their_socket_and_no_other() {
    let world = World::start().await;
    let mut other = Socket::open(&world).await;
    for (what, bytes, code) in [
        ("no mask", vec![FINAL | TEXT, 2, b'{', b'}'], CloseCode::Protocol),
        ("a reserved bit", frame(FINAL | 0x40 | TEXT, b"{}"), CloseCode::Protocol),
        ("an unknown kind", frame(FINAL | 0x3, b""), CloseCode::Protocol),
        ("the end of nothing", frame(FINAL | CONTINUATION, b"{}"), CloseCode::Protocol),
        ("two beginnings", [frame(TEXT, b"{"), frame(FINAL | TEXT, b"}")].concat(), CloseCode::Protocol),
        ("a ping in parts", frame(PING, b""), CloseCode::Protocol),
        ("no text", frame(FINAL | TEXT, b"\xff\xfe"), CloseCode::Invalid),
    ] {
        let mut socket = Socket::open(&world).await;
        socket.0.get_mut().write_all(&bytes).await.unwrap();
        assert_eq!(socket.closed().await, code, "{what}");
    }
    assert_eq!(other.ask(&json!({ "type": "ping" })).await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn a_socket_has_so_many_channels_and_no_more() {
    let world = World::with_limits(ConnectionLimits { max_subscriptions: 3, ..Default::default() }).await;
    let mut socket = Socket::open(&world).await;
    for market in 0..3 {
        assert!(socket.subscribe(&format!("trade/{market}"), None).await["error"].is_null());
    }
    assert_eq!(socket.subscribe("trade/3", None).await, error(23001, "Too Many Subscriptions!"));
    socket.ask(&json!({ "type": "unsubscribe", "channel": "trade/0" })).await;
    assert!(socket.subscribe("trade/3", None).await["error"].is_null());
}

#[tokio::test]
async fn sockets_are_half_of_all_connections_at_most() {
    let world = World::with_limits(ConnectionLimits { max_connections: Some(8), ..Default::default() }).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Socket::open(&world).await);
    }
    let stream = TcpStream::connect(world.address).await.unwrap();
    let refused = client_async(format!("ws://{}/stream", world.address), stream).await.unwrap_err();
    let tokio_tungstenite::tungstenite::Error::Http(response) = refused else { panic!("{refused:?}") };
    assert_eq!(response.status(), 429);
    assert_eq!(world.get("/info").await.status, 200);
    assert_eq!(open[0].ask(&json!({ "type": "ping" })).await, json!({ "type": "pong" }));
    open.pop().unwrap().0.close(None).await.unwrap();
}

#[tokio::test]
async fn an_idle_timeout_of_requests_does_not_end_a_socket() {
    let short = Duration::from_secs(1);
    let limits = ConnectionLimits { idle_timeout: short, head_timeout: short, ..Default::default() };
    let world = World::with_limits(limits).await;
    let mut socket = Socket::open(&world).await;
    // A connection that is only a connection comes and goes meanwhile.
    world.connect().await.end().await;
    assert_eq!(socket.ask(&json!({ "type": "ping" })).await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn a_shutdown_closes_sockets_with_the_reason() {
    let world = World::start().await;
    let mut socket = Socket::open(&world).await;
    let stopping = tokio::spawn(world.stop());
    assert_eq!(socket.closed().await, CloseCode::Away);
    stopping.await.unwrap();
}

#[tokio::test]
async fn messages_are_limited_and_transactions_counted_with_requests() {
    let world = World::with(Setup { rate_limit: RateLimit::Standard, ..Setup::default() }).await;
    let mut socket = Socket::open(&world).await;
    for _ in 0..200 {
        assert_eq!(socket.ask(&json!({ "type": "ping" })).await, json!({ "type": "pong" }));
    }
    assert_eq!(socket.ask(&json!({ "type": "ping" })).await, error(30009, "Too Many Websocket Messages!"));
    let message = json!({ "type": "jsonapi/sendtx", "data": { "id": "a", "tx_type": 8, "tx_info": {} } });
    for _ in 0..60 {
        assert_eq!(socket.ask(&message).await["error"]["code"], 21501);
    }
    assert_eq!(socket.ask(&message).await["error"]["code"], 23000);
    assert_eq!(world.get("/api/v1/apikeys?account_index=5").await.code(), 23000);
}

#[tokio::test]
async fn a_client_that_never_reads_is_left() {
    let stream_idle_timeout = Duration::from_millis(200);
    let world = World::with_limits(ConnectionLimits { stream_idle_timeout, ..Default::default() }).await;
    let mut socket = Socket::open(&world).await;
    // Until the server writes no more, and so reads no more, and gives up.
    while socket.0.send(Message::text(r#"{"type":"subscribe","channel":"weather/5"}"#)).await.is_ok() {}
    assert_eq!(world.get("/info").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_pings_whose_answers_are_not_read_takes_no_more_memory() {
    let world = World::start().await;
    let tcp = TcpSocket::new_v4().unwrap();
    tcp.set_recv_buffer_size(4096).unwrap();
    let stream = tcp.connect(world.address).await.unwrap();
    let (socket, _) = client_async(format!("ws://{}/stream", world.address), stream).await.unwrap();
    let mut socket = Socket(socket);
    assert_eq!(socket.next().await["type"], "connected");
    let ping = [&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[b'x'; 125]].concat();
    // 25 MB: more than the system keeps of answers that are not read.
    let (at_once, times) = (1000, 200);
    let pings = ping.repeat(at_once);
    for _ in 0..times {
        timeout(PATIENCE, socket.0.get_mut().write_all(&pings)).await.expect("they are read").unwrap();
    }
    socket.0.close(None).await.unwrap();
    let mut pongs = 0;
    while let Message::Pong(_) = timeout(PATIENCE, socket.0.next()).await.expect("an answer").unwrap().unwrap() {
        pongs += 1;
    }
    assert!(pongs < at_once * times, "every answer was kept");
}
