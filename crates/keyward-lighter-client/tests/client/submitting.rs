//! A submitter's books, where the venue does not answer as it should.

use std::time::Duration;

use keyward_lighter::{Action, Attributes, CancelAllOrders, SystemClock};
use keyward_lighter_client::{ClientError, SubmitError, Submitter};
use keyward_nonce::NonceMode;

use crate::sample::signer;
use crate::scripted::{Scripted, Step, answer, answer_with, refusal};

const CANCEL: Action = Action::CancelAllOrders(CancelAllOrders::Immediate);
const SENT: &str = r#"{"code":200,"tx_hash":"ab"}"#;

fn nonce(next: u64) -> Step {
    answer(200, &format!(r#"{{"code":200,"nonce":{next}}}"#))
}

async fn submitter(server: &Scripted, mode: NonceMode) -> Submitter {
    Submitter::new(server.client(), vec![signer()], mode, SystemClock).await.unwrap()
}

/// What was asked of the venue: `?` for the next nonce, else the nonce that was sent.
fn asked(server: &Scripted) -> Vec<String> {
    let asked = |line: &str, body: &str| match line {
        "POST /api/v1/sendTx" => {
            let info =
                form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "tx_info").unwrap().1.into_owned();
            info.split_once(r#""Nonce":"#).unwrap().1.split_once(',').unwrap().0.to_owned()
        }
        _ => "?".to_owned(),
    };
    server.requests().iter().map(|request| asked(&request.line, &request.body)).collect()
}

#[tokio::test]
async fn after_a_lost_answer_the_venue_is_asked_first() {
    for (lost, next) in [(Step::HangUp, 8), (refusal(500, 29500, "internal server error"), 7)] {
        let server = Scripted::new([nonce(7), lost, nonce(next), answer(200, SENT), answer(200, SENT)]).await;
        let submitter = submitter(&server, NonceMode::Sequential).await;
        let error = submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err();
        assert!(matches!(error, SubmitError::Sent(ClientError::Unknown(_))) && !error.is_certain_refusal());
        submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
        submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
        assert_eq!(asked(&server), ["?", "7", "?", &next.to_string(), &(next + 1).to_string()]);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_submission_that_was_dropped_the_venue_is_asked_first() {
    let server = Scripted::new([nonce(7), Step::Silence, nonce(8), answer(200, SENT)]).await;
    let submitter = submitter(&server, NonceMode::Sequential).await;
    let dropped = tokio::time::timeout(Duration::from_secs(1), submitter.submit(CANCEL, Attributes::NONE)).await;
    assert!(dropped.is_err());
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
    assert_eq!(asked(&server), ["?", "7", "?", "8"]);
}

#[tokio::test]
async fn an_invalid_nonce_is_put_right_and_the_transaction_sent_under_the_next_one() {
    let invalid = refusal(400, 21104, "invalid nonce");
    let server = Scripted::new([nonce(7), invalid, nonce(20), answer(200, SENT)]).await;
    submitter(&server, NonceMode::Sequential).await.submit(CANCEL, Attributes::NONE).await.unwrap();
    assert_eq!(asked(&server), ["?", "7", "?", "20"]);
}

#[tokio::test]
async fn attempts_end_when_every_nonce_is_invalid() {
    let steps = (0..10).flat_map(|next| [nonce(next), refusal(400, 21104, "invalid nonce")]);
    let server = Scripted::new(steps).await;
    let error = submitter(&server, NonceMode::Sequential).await.submit(CANCEL, Attributes::NONE).await.unwrap_err();
    assert!(matches!(&error, SubmitError::Sent(error) if error.is_invalid_nonce()) && error.is_certain_refusal());
    assert_eq!(asked(&server), ["?", "0", "?", "1", "?", "2", "?", "3", "?", "4"]);
}

#[tokio::test]
async fn a_nonce_that_was_surely_not_used_is_used_next() {
    let blocked = answer_with(403, "content-type: text/html", "<html>Access denied</html>");
    let server = Scripted::new([nonce(7), refusal(400, 21120, "invalid signature"), blocked, answer(200, SENT)]).await;
    let submitter = submitter(&server, NonceMode::Sequential).await;
    for _ in 0..2 {
        assert!(submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err().is_certain_refusal());
    }
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
    assert_eq!(asked(&server), ["?", "7", "7", "7"]);
}

#[tokio::test]
async fn without_an_answer_about_the_nonce_nothing_is_sent() {
    let no = refusal(400, 20001, "invalid param");
    let server = Scripted::new([nonce(7), Step::HangUp, no.clone(), no, nonce(7), answer(200, SENT)]).await;
    let submitter = submitter(&server, NonceMode::Sequential).await;
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err();
    for _ in 0..2 {
        let error = submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err();
        assert!(matches!(error, SubmitError::NoNonce(_)) && error.is_certain_refusal());
    }
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
    assert_eq!(asked(&server), ["?", "7", "?", "?", "?", "7"]);
}

#[tokio::test]
async fn in_skip_mode_a_lost_answer_costs_no_question() {
    let server = Scripted::new([nonce(7), Step::HangUp, answer(200, SENT)]).await;
    let submitter = submitter(&server, NonceMode::Skip).await;
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err();
    submitter.submit(CANCEL, Attributes::SKIP_NONCE).await.unwrap();
    let [first, second] = [1, 2].map(|index| asked(&server)[index].parse::<u64>().unwrap());
    assert!(1_700_000_000_000 < first && first < second);
    // The attribute says so to the venue.
    assert!(server.requests()[1..].iter().all(|request| request.body.contains("%7B%224%22%3A1%7D")));
}
