//! What is tried again, when, and what never is. The clock of the runtime stands still but for waits.

use std::time::Duration;

use keyward_lighter::ApiCode;
use keyward_lighter_client::{Client, ClientError, Failure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::sample::{account, new_token, slot, token, transaction};
use crate::scripted::{Scripted, Step, answer, answer_with, read_request, refusal};

const NONCE: &str = r#"{"code":200,"nonce":7}"#;
const SENT: &str = r#"{"code":200,"tx_hash":"ab"}"#;

fn too_many(headers: &str) -> Step {
    answer_with(429, headers, r#"{"code":23000,"message":"Too Many Requests!"}"#)
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_after_what_may_pass() {
    for step in [
        too_many("x: y"),
        refusal(200, 23000, "Too Many Requests!"),
        answer_with(429, "content-type: text/html", "<html>slow down</html>"),
        refusal(500, 29500, "internal server error"),
        refusal(400, 29501, "process timeout"),
        answer_with(502, "content-type: text/html", "<html>bad gateway</html>"),
        Step::HangUp,
        Step::Say(b"HTTP/1.1 200 .\r\ncontent-length: 100\r\n\r\n{\"code\":200".to_vec()),
        Step::Say(b"not http at all\r\n\r\n".to_vec()),
    ] {
        let server = Scripted::new([step.clone(), answer(200, NONCE)]).await;
        let nonce = server.client().next_nonce(account(), slot()).await;
        assert_eq!(nonce.unwrap().as_u64(), 7, "{step:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_is_not_tried_again_after_what_stays() {
    for step in [refusal(400, 21100, "account not found"), refusal(401, 20013, "invalid auth"), answer(200, "[]")] {
        let server = Scripted::new([step, answer(200, NONCE)]).await;
        assert!(server.client().next_nonce(account(), slot()).await.is_err());
        server.request();
    }
}

#[tokio::test(start_paused = true)]
async fn the_venue_is_not_asked_before_the_time_it_names() {
    let server = Scripted::new([too_many("retry-after: 7"), answer(200, NONCE)]).await;
    server.client().next_nonce(account(), slot()).await.unwrap();
    let [first, second] = <[_; 2]>::try_from(server.requests()).unwrap();
    assert!(second.at - first.at >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_calls_time_is_left_to_the_caller() {
    for status in [429, 503] {
        let server = Scripted::new([answer_with(status, "retry-after: 60", r#"{"code":23000,"message":"no"}"#)]).await;
        let started = Instant::now();
        let error = server.client().next_nonce(account(), slot()).await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
        assert_eq!(started.elapsed(), Duration::ZERO);
        server.request();
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_may_be_named_as_a_date_of_the_venues_clock() {
    let headers = "date: Wed, 21 Oct 2015 07:28:00 GMT\nretry-after: Wed, 21 Oct 2015 07:28:07 GMT";
    let server = Scripted::new([too_many(headers), answer(200, NONCE)]).await;
    server.client().next_nonce(account(), slot()).await.unwrap();
    let [first, second] = <[_; 2]>::try_from(server.requests()).unwrap();
    assert!(second.at - first.at >= Duration::from_secs(7));

    let server = Scripted::new([too_many(&headers.replace("28:07", "29:00"))]).await;
    let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    server.request();
}

/// Also after failures that have made the pauses long.
#[tokio::test(start_paused = true)]
async fn a_time_beyond_all_measure_is_told() {
    let endless = too_many(&format!("retry-after: {}", u64::MAX));
    let server = Scripted::new([Step::HangUp, Step::HangUp, Step::HangUp, Step::HangUp, endless]).await;
    let error = server.client().next_nonce(account(), slot()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(u64::MAX)));
}

#[tokio::test(start_paused = true)]
async fn a_retry_time_that_is_none_does_not_count() {
    for text in ["Wed, 21 Oct", "-1", "soon", ""] {
        let server = Scripted::new([too_many(&format!("retry-after: {text}")), answer(200, NONCE)]).await;
        server.client().next_nonce(account(), slot()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_end_and_the_last_failure_is_told() {
    let server = Scripted::new(vec![refusal(500, 29500, "internal server error"); 100]).await;
    let error = server.client().next_nonce(account(), slot()).await.unwrap_err();
    assert!(matches!(&error, ClientError::Failed(Failure::ServerFault(fault)) if fault.http_status == 500));
    assert_eq!(error.code(), Some(ApiCode::INTERNAL_SERVER_ERROR));
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    let server = Scripted::new([Step::Silence, Step::Silence]).await;
    let client = server.builder().timeout(Duration::from_secs(5)).build().unwrap();
    let started = Instant::now();
    let error = client.next_nonce(account(), slot()).await.unwrap_err();
    assert!(matches!(error, ClientError::Failed(Failure::TimedOut)), "{error:?}");
    assert_eq!(started.elapsed().as_secs(), 5);
    let error = client.send_tx(&transaction(0)).await.unwrap_err();
    assert!(matches!(error, ClientError::Unknown(Failure::TimedOut)), "{error:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_been_executed_is_not_made_again() {
    for step in [
        Step::HangUp,
        Step::Say(b"HTTP/1.1 200 .\r\ncontent-length: 100\r\n\r\n{\"code\":200".to_vec()),
        refusal(500, 29500, "internal server error"),
        refusal(400, 29501, "process timeout"),
        refusal(500, 21104, "invalid nonce"),
        refusal(429, 29500, "internal server error"),
        answer_with(502, "content-type: text/html", "<html>bad gateway</html>"),
    ] {
        let server = Scripted::new([step.clone(), answer(200, SENT)]).await;
        let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert!(matches!(error, ClientError::Unknown(_)), "{step:?}: {error:?}");
        assert!(!error.is_certain_refusal());
        server.request();

        let server = Scripted::new([step, answer(200, SENT)]).await;
        let error = server.client().create_token(new_token(), &token()).await.unwrap_err();
        assert!(matches!(error, ClientError::Unknown(_)), "{error:?}");
        server.request();
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_surely_not_executed_is_made_again_word_for_word() {
    for step in
        [too_many("retry-after: 1"), refusal(200, 23000, "Too Many Requests!"), answer_with(429, "x: y", "<html>")]
    {
        let server = Scripted::new([step, answer(200, SENT)]).await;
        assert_eq!(server.client().send_tx(&transaction(3)).await.unwrap().tx_hash, "ab");
        let [first, second] = <[_; 2]>::try_from(server.requests()).unwrap();
        assert_eq!((first.line, first.body), (second.line, second.body));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_a_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let started = Instant::now();
    let error = client.send_tx(&transaction(0)).await.unwrap_err();
    assert!(matches!(error, ClientError::NotSent(Failure::Connection(_))), "{error:?}");
    assert!(error.is_certain_refusal());
    assert!(error.to_string().contains("refused"), "{error}");
    // It was tried again in the meantime.
    assert!(started.elapsed() > Duration::from_secs(3));
}

/// The client cannot see whether it was the connection or the venue that had enough.
#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_on_a_kept_connection_is_not_made_again() {
    let kept = format!("HTTP/1.1 200 .\r\ncontent-length: {}\r\n\r\n{SENT}", SENT.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let venue = tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        read_request(&mut connection).await.unwrap();
        connection.write_all(kept.as_bytes()).await.unwrap();
        read_request(&mut connection).await.unwrap();
        // Taken, and gone without a word.
        drop(connection);
        listener
    });
    client.send_tx(&transaction(0)).await.unwrap();
    let error = client.send_tx(&transaction(1)).await.unwrap_err();
    assert!(matches!(error, ClientError::Unknown(Failure::Connection(_))), "{error:?}");
    let listener = venue.await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(60), listener.accept()).await.is_err(), "made again");
}

#[tokio::test]
async fn no_end_at_all_is_a_time_too() {
    let server = Scripted::new([answer(200, NONCE)]).await;
    let client = server.builder().timeout(Duration::MAX).connect_timeout(Duration::MAX).build().unwrap();
    client.next_nonce(account(), slot()).await.unwrap();
    assert!(client.stream().await.is_err());
}

#[tokio::test]
async fn a_kept_connection_that_the_venue_has_closed_is_no_obstacle_to_a_write() {
    let kept = Step::Say(format!("HTTP/1.1 200 .\r\ncontent-length: {}\r\n\r\n{SENT}", SENT.len()).into());
    let server = Scripted::new(vec![kept; 20]).await;
    let client = server.client();
    for _ in 0..20 {
        client.send_tx(&transaction(0)).await.unwrap();
    }
    assert_eq!(server.requests().len(), 20);
}
