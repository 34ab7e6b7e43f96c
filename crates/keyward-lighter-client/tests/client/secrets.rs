//! No token and no key in errors or in debug prints.

use keyward_lighter::FixedClock;
use keyward_lighter_client::{Auth, Client, ClientError, TokenSource};

use crate::sample::{new_token, now, read_only_text, signer, token};
use crate::scripted::{Scripted, answer};

#[test]
fn debug_prints_hold_no_secret() {
    let client = Client::new("http://127.0.0.1:8080/").unwrap();
    assert_eq!(format!("{client:?}"), r#"Client { base_url: "http://127.0.0.1:8080", .. }"#);
    let builder = Client::builder("https://user:s3cr3t@host");
    assert!(!format!("{builder:?}").contains("s3cr3t"));

    let source = TokenSource::from_signer(signer(), FixedClock(now()));
    assert_eq!(format!("{source:?}"), "TokenSource { current: None, .. }");
    source.token().unwrap();
    assert_eq!(
        format!("{source:?}"),
        "TokenSource { current: Some(AuthTokenText { deadline: UnixSeconds(1795244400), account_index: \
         AccountIndex(5), api_key_index: ApiKeyIndex(253), .. }), .. }"
    );
    assert_eq!(format!("{:?}", Auth::from("s3cr3t")), "Auth(token)");
    assert_eq!(format!("{:?}", Auth::from(&source)), "Auth(source of tokens)");
}

#[tokio::test]
async fn an_issued_token_and_the_errors_around_it_hold_no_secret() {
    let read_only = read_only_text();
    let issued = |expiry: &str| {
        answer(
            200,
            &format!(
                r#"{{"code":200,"token_id":12,"api_token":"{read_only}","name":"a","account_index":5,"expiry":{expiry},"sub_account_access":true,"revoked":false,"scopes":"read.*"}}"#
            ),
        )
    };
    let server = Scripted::new([issued("1795319200"), issued("\"s3cr3t\"")]).await;
    let client = server.client();
    let token = token();
    let found = client.create_token(new_token(), &token).await.unwrap();
    assert_eq!(
        format!("{found:?}"),
        "IssuedToken { record: ReadOnlyTokenRecord { token_id: 12, name: \"a\", account_index: AccountIndex(5), \
         expiry: UnixSeconds(1795319200), sub_account_access: All, revoked: false, scopes: \"read.*\" }, .. }"
    );
    let error = client.create_token(new_token(), &token).await.unwrap_err();
    assert!(matches!(error, ClientError::Unknown(_)));
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
}
