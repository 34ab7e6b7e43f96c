//! Every class of answer, and what the client makes of it.

use keyward_lighter::ApiCode;
use keyward_lighter_client::{AnswerError, ClientError, Failure};

use crate::sample::{account, new_token, slot, token, transaction};
use crate::scripted::{Scripted, Step, answer, answer_with, refusal};

#[tokio::test]
async fn a_refusal_is_one_whatever_the_http_status() {
    for status in [200, 201, 400, 401, 404, 418] {
        let server = Scripted::new([refusal(status, 21100, "account not found")]).await;
        let error = server.client().account(account()).await.unwrap_err();
        let ClientError::Refused(found) = &error else { panic!("{error:?}") };
        assert_eq!((found.code, found.http_status), (ApiCode::ACCOUNT_NOT_FOUND, status));
        assert_eq!(found.message, "account not found");
        assert!(error.is_not_found() && error.is_certain_refusal() && !error.is_invalid_nonce());
        assert_eq!(error.to_string(), "the venue refused with code 21100: account not found");
        server.request();
    }
}

#[tokio::test]
async fn what_a_refusal_is_about_follows_from_its_code() {
    for (status, code) in [(400, 21104), (200, 21104)] {
        let server = Scripted::new([refusal(status, code, "invalid nonce")]).await;
        let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert!(error.is_invalid_nonce() && error.is_certain_refusal() && !error.is_not_found());
    }
    for code in [21100, 21109, 29404] {
        let server = Scripted::new([refusal(400, code, "not found")]).await;
        assert!(server.client().api_keys(account(), None).await.unwrap_err().is_not_found());
    }
    let server = Scripted::new([refusal(401, 20013, "invalid auth: expired token")]).await;
    let error = server.client().account_limits(account(), &token()).await.unwrap_err();
    assert!(error.is_invalid_auth() && !error.is_rate_limited());
    assert_eq!(error.code(), Some(ApiCode::INVALID_AUTH));
}

#[tokio::test]
async fn a_refusal_needs_no_words() {
    for body in [r#"{"code":21104}"#, r#"{"code":21104,"message":null}"#, r#"{"code":21104,"message":5}"#] {
        let server = Scripted::new([answer(400, body)]).await;
        let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().message, "");
    }
}

#[tokio::test]
async fn the_venues_words_are_cut_and_cleaned() {
    let token = token();
    let words = format!("{}\\u001b[31mno {}\\n{}", "\\u0000", token.expose_secret(), "x ".repeat(1000));
    let server = Scripted::new([refusal(401, 20013, &words)]).await;
    let error = server.client().account_limits(account(), &token).await.unwrap_err();
    let message = &error.refusal().unwrap().message;
    assert!(message.starts_with("[31mno (token)x x x "), "{message}");
    assert_eq!(message.chars().count(), 300);
}

#[tokio::test]
async fn a_part_of_a_token_is_not_repeated_either() {
    let token = token();
    let signature = token.expose_secret().rsplit(':').next().unwrap();
    for (words, shown) in [
        (format!("no: {signature}."), "no: …."),
        (format!("no: {}", signature.to_uppercase()), "no: …"),
        (format!("no: {}\\u0000{}", &signature[..80], &signature[80..]), "no: …"),
        (format!("é{}é", &signature[..64]), "é…é"),
        (format!("no: {}", &signature[..63]), &format!("no: {}", &signature[..63])),
    ] {
        let server = Scripted::new([refusal(401, 20013, &words)]).await;
        let error = server.client().account_limits(account(), &token).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().message, shown);
    }
}

/// The body says that it was done, the status that it was not.
#[tokio::test]
async fn a_success_with_the_status_of_a_failure_is_neither() {
    for status in [301, 400, 403, 404, 429, 500, 503] {
        let strange = answer(status, r#"{"code":200,"tx_hash":"ab","nonce":7}"#);
        let server = Scripted::new([strange.clone(), answer(200, r#"{"code":200,"tx_hash":"ab"}"#)]).await;
        let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert!(
            matches!(error, ClientError::Unknown(Failure::NotTheApi { http_status }) if http_status == status),
            "{error:?}"
        );
        assert!(!error.is_certain_refusal());
        server.request();

        let server = Scripted::new([strange, answer(400, r#"{"code":20001}"#)]).await;
        assert!(server.client().next_nonce(account(), slot()).await.is_err());
    }
}

#[tokio::test]
async fn a_success_says_so_by_its_code() {
    for (body, error) in [
        (r#"{"nonce":7}"#, AnswerError::Missing("code")),
        (r#"{"code":null,"nonce":7}"#, AnswerError::Missing("code")),
        (r#"{"code":"200","nonce":7}"#, AnswerError::Unexpected("code")),
        (r#"{"code":-1,"nonce":7}"#, AnswerError::Unexpected("code")),
        (r#"[200]"#, AnswerError::NotAnObject),
        (r#""#, AnswerError::NotAnObject),
        (r#"{"code":200,"nonce":7"#, AnswerError::NotAnObject),
        (r#"<html>welcome</html>"#, AnswerError::NotAnObject),
    ] {
        let server = Scripted::new([answer(200, body)]).await;
        let found = server.client().next_nonce(account(), slot()).await.unwrap_err();
        assert!(matches!(&found, ClientError::Failed(Failure::BadAnswer(it)) if *it == error), "{body}: {found:?}");
        server.request();
    }
}

#[tokio::test]
async fn a_member_that_is_not_as_documented_is_named_and_not_repeated() {
    let entry = r#"{"account_index":5,"api_key_index":253,"nonce":1,"public_key":"822362bc30bd2705928e2ff830dcb1ecee3e66df909cabe4084272f3d00ac539f66b09a94cb60db6"}"#;
    let body = |entry: &str| format!(r#"{{"code":200,"api_keys":[{entry}],"unknown":{{"a":[1]}}}}"#);
    let good = Scripted::new([answer(200, &body(entry))]).await;
    assert_eq!(good.client().api_keys(account(), None).await.unwrap().len(), 1);

    for (from, to, error) in [
        (r#""nonce":1"#, r#""nonce":"s3cr3t""#, AnswerError::Unexpected("nonce")),
        (r#""nonce":1"#, r#""nonce":-1"#, AnswerError::Unexpected("nonce")),
        (r#""nonce":1"#, r#""nonce":281474976710657"#, AnswerError::Unexpected("nonce")),
        (r#""nonce":1"#, r#""nonsense":1"#, AnswerError::Missing("nonce")),
        (r#"_index":253"#, r#"_index":255"#, AnswerError::Unexpected("api_key_index")),
        (r#"_index":253"#, r#"_index":256"#, AnswerError::Unexpected("api_key_index")),
        (r#"_index":5"#, r#"_index":281474976710655"#, AnswerError::Unexpected("account_index")),
        ("822362", "s3cr3t", AnswerError::Unexpected("public_key")),
        ("822362", "8223", AnswerError::Unexpected("public_key")),
        (entry, r#""s3cr3t""#, AnswerError::Unexpected("api_keys")),
    ] {
        let server = Scripted::new([answer(200, &body(&entry.replacen(from, to, 1)))]).await;
        let found = server.client().api_keys(account(), None).await.unwrap_err();
        assert!(matches!(&found, ClientError::Failed(Failure::BadAnswer(it)) if *it == error), "{to}: {found:?}");
        assert!(!format!("{found} {found:?}").contains("s3cr3t"));
    }
}

#[tokio::test]
async fn a_write_that_succeeded_with_a_strange_answer_may_have_been_executed() {
    for body in [r#"{"code":200}"#, "<html>", r#"{"message":"well done"}"#] {
        let server = Scripted::new([answer(200, body)]).await;
        let error = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert!(matches!(error, ClientError::Unknown(Failure::BadAnswer(_))), "{error:?}");
        assert!(!error.is_certain_refusal());
        server.request();
    }
}

#[tokio::test]
async fn a_firewalls_page_is_a_refusal_in_front_of_the_api() {
    for status in [403, 405] {
        let page = answer_with(status, "content-type: text/html", "<html>Access denied</html>");
        let server = Scripted::new([page.clone(), page]).await;
        let read = server.client().status().await.unwrap_err();
        assert!(matches!(read, ClientError::Blocked { http_status, .. } if http_status == status), "{read:?}");
        let write = server.client().send_tx(&transaction(0)).await.unwrap_err();
        assert!(matches!(write, ClientError::Blocked { .. }) && write.is_certain_refusal());
        // Going on asking is what firewalls punish.
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Scripted::new([answer(200, r#"{"code":200,"nonce":7}"#)]).await;
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}/api/v1/nextNonce", target.base_url());
        let redirect = answer_with(status, &location, "");
        let server = Scripted::new([redirect.clone(), redirect]).await;
        let error = server.client().next_nonce(account(), slot()).await.unwrap_err();
        assert!(matches!(error, ClientError::Failed(Failure::NotTheApi { http_status }) if http_status == status));
        let error = server.client().create_token(new_token(), &token()).await.unwrap_err();
        assert!(matches!(error, ClientError::Unknown(Failure::NotTheApi { .. })));
        assert_eq!(server.requests().len(), 2);
    }
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_limit() {
    const MAX: usize = 8 << 20;
    let mut just_fits = r#"{"code":200,"nonce":7}"#.to_owned();
    just_fits.extend(std::iter::repeat_n(' ', MAX - just_fits.len()));
    let server = Scripted::new([answer(200, &just_fits)]).await;
    assert!(server.client().next_nonce(account(), slot()).await.is_ok());

    let head = "HTTP/1.1 200 .\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", MAX / 2, "x".repeat(MAX / 2));
    let endless = Step::Say([head, &chunk, &chunk, &chunk].concat().into());
    for step in [answer(200, &format!("{just_fits} ")), endless] {
        let server = Scripted::new([step]).await;
        let error = server.client().next_nonce(account(), slot()).await.unwrap_err();
        let ClientError::Failed(Failure::BadAnswer(error)) = error else { panic!("{error:?}") };
        assert_eq!(error, AnswerError::TooLarge { max: MAX });
    }
}

#[tokio::test]
async fn only_the_two_calls_about_the_venue_itself_answer_without_a_code() {
    let status = r#"{"status":1,"network_id":1,"timestamp":1795219200}"#;
    let info = r#"{"contract_address":"0x3B4D794A66304F130A4DB8F2551B0070DFCF5CA7"}"#;
    let server = Scripted::new([answer(200, status), answer(200, info), refusal(200, 23001, "no")]).await;
    let client = server.client();
    assert_eq!(client.status().await.unwrap().network_id, 1);
    let address = client.contract_address().await.unwrap();
    assert_eq!(address.to_string().to_lowercase(), "0x3b4d794a66304f130a4db8f2551b0070dfcf5ca7");
    assert_eq!(client.status().await.unwrap_err().code(), Some(ApiCode::new(23001)));
}
