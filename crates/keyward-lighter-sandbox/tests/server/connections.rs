use std::time::Duration;

use keyward_lighter_sandbox::{ConnectionLimits, raise_open_files_limit};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Request, World};

/// A time-out short enough for a test to wait for, where nothing has to come within it.
const SHORT: Duration = Duration::from_millis(100);

fn info() -> String {
    Request::get("/info").to_text()
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    for _ in 0..100 {
        wire.send(info().as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    let (status, nothing) = (Request::get("/").to_text(), Request::get("/nothing").to_text());
    wire.send(format!("{status}{nothing}{status}{}", &info()[..10]).as_bytes()).await;
    for expected in [200, 404, 200] {
        assert_eq!(wire.response().await.unwrap().status, expected);
    }
    wire.send(&info().as_bytes()[10..]).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_client_that_has_closed_its_side_gets_its_answers_and_then_the_end() {
    let world = World::start().await;
    let form = Request::post("/api/v1/sendTx", &[("tx_type", "8")]).to_text();
    for (text, statuses) in [(info(), &[200][..]), (form.clone(), &[400]), (info() + &form + &info(), &[200, 400, 200])]
    {
        let mut wire = world.connect().await;
        wire.send(text.as_bytes()).await;
        wire.0.shutdown().await.unwrap();
        for &status in statuses {
            assert_eq!(wire.response().await.expect("an answer").status, status);
        }
        assert_eq!(wire.end().await, b"");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let world = World::with_limits(ConnectionLimits { idle_timeout: SHORT, ..Default::default() }).await;
    let mut wire = world.connect().await;
    wire.send(info().as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
    assert_eq!(wire.end().await, b"");
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed() {
    let world = World::with_limits(ConnectionLimits { head_timeout: SHORT, ..Default::default() }).await;
    let mut wire = world.connect().await;
    assert_eq!(wire.end().await, b"");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_cut_off() {
    let world = World::with_limits(ConnectionLimits { head_timeout: SHORT, ..Default::default() }).await;
    let mut wire = world.connect().await;
    let mut bytes = b"GET /info HTTP/1.1\r\nHost: sandbox\r\nX-Filler: ".iter().chain(std::iter::repeat(&b'x'));
    // Each byte is well within the time-out; all of them are not, and there is no end to them.
    while wire.0.write_all(&[*bytes.next().unwrap()]).await.is_ok() {
        tokio::time::sleep(SHORT / 20).await;
    }
    assert_eq!(wire.end().await, b"");
}

#[tokio::test]
async fn the_head_of_a_later_request_has_no_more_time_than_that_of_the_first() {
    let head_timeout = Duration::from_secs(1);
    let world = World::with_limits(ConnectionLimits { head_timeout, ..Default::default() }).await;
    let mut wire = world.connect().await;
    wire.send(info().as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
    // The connection could be idle for more than a minute, but this is the beginning of a request.
    wire.send(b"GET /info").await;
    assert_eq!(wire.end().await, b"");
}

#[tokio::test]
async fn a_newcomer_takes_the_place_of_one_that_only_waits() {
    let world = World::with_limits(ConnectionLimits { max_connections: Some(8), ..Default::default() }).await;
    let mut known = world.connect().await;
    known.send(info().as_bytes()).await;
    assert_eq!(known.response().await.unwrap().status, 200);
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(world.connect().await);
        // Who asks for something is served, however many only wait.
        assert_eq!(world.get("/info").await.status, 200);
    }
    assert_eq!(waiting[0].end().await, b"", "the first that waited had to go");
    known.send(info().as_bytes()).await;
    assert_eq!(known.response().await.unwrap().status, 200, "who has asked before goes last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_harm_nobody() {
    // Both ends of each connection are this process's files.
    let files = raise_open_files_limit().unwrap();
    let count = usize::try_from(files / 4).unwrap_or(usize::MAX).min(2500);
    let world = World::start().await;
    let mut idle = Vec::new();
    for _ in 0..count {
        idle.push(world.connect().await);
    }
    for _ in 0..100 {
        assert_eq!(world.get("/info").await.status, 200);
    }
    // And a tenth as many places as connections.
    let world = World::with_limits(ConnectionLimits { max_connections: Some(count / 10), ..Default::default() }).await;
    idle.clear();
    for number in 0..count {
        idle.push(world.connect().await);
        if number % 50 == 0 {
            assert_eq!(world.get("/info").await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_shutdown_closes_idle_connections_and_finishes_answers() {
    let world = World::start().await;
    let mut idle = world.connect().await;
    idle.send(info().as_bytes()).await;
    assert_eq!(idle.response().await.unwrap().status, 200);
    let mut asking = world.connect().await;
    let request = Request::post("/api/v1/sendTx", &[("tx_type", "8")]).to_text();
    // So that the server has begun with it: it asks for the body.
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    asking.send(format!("{head}\r\nExpect: 100-continue\r\n\r\n").as_bytes()).await;
    assert_eq!(asking.response().await.unwrap().status, 100);

    let stopping = tokio::spawn(world.stop());
    assert_eq!(idle.end().await, b"");
    asking.send(body.as_bytes()).await;
    let answer = asking.response().await.unwrap();
    assert_eq!(answer.refusal(), (400, 20001, "invalid param : tx_info is required"));
    assert_eq!(asking.end().await, b"");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_those_that_never_end() {
    let world = World::with_limits(ConnectionLimits { shutdown_grace: SHORT, ..Default::default() }).await;
    let mut asking = world.connect().await;
    asking
        .send(b"POST /api/v1/sendTx HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        .await;
    assert_eq!(asking.response().await.unwrap().status, 100);
    world.stop().await;
    assert_eq!(asking.end().await, b"");
}

#[tokio::test]
async fn a_stopped_sandbox_leaves_its_port_to_the_next_one() {
    let world = World::start().await;
    let mut wire = world.connect().await;
    wire.send(info().as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
    let port = world.address.port();
    let venue = world.venue.clone();
    world.stop().await;
    let next = keyward_lighter_sandbox::Sandbox::builder(venue).port(port).bind().await.unwrap();
    assert_eq!(next.local_addr().port(), port);
}
