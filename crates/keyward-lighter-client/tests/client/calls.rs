//! What each call sends, and what it makes of a good answer.

use std::time::Duration;

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, EthereumAddress, SubAccountAccess, UnixMillis, UnixSeconds, public_key_hex,
};
use keyward_lighter_client::{AccountKind, AnswerError, Auth, Client, ClientError, Failure};
use keyward_nonce::NonceState;
use tokio::time::Instant;

use crate::sample::{NOW, account, key, new_token, now, read_only_text, slot, token, transaction};
use crate::scripted::{Request, Scripted, answer, answer_with};

const ADDRESS: &str = "0x3B4D794a66304F130a4Db8F2551B0070dfCf5ca7";

/// The answer to a call, and the request that was made for it.
async fn call<T>(body: &str, call: impl AsyncFnOnce(Client) -> Result<T, ClientError>) -> (T, Request) {
    let server = Scripted::new([answer(200, body)]).await;
    let result = call(server.client()).await.unwrap();
    (result, server.request())
}

fn account_json(index: u64, kind: u64) -> String {
    let address = ADDRESS.to_lowercase();
    format!(r#"{{"code":0,"index":{index},"account_type":{kind},"l1_address":"{address}","collateral":"1945.003244"}}"#)
}

#[tokio::test]
async fn accounts_of_an_address_come_page_by_page() {
    let page = |accounts: &str, cursor: &str| {
        answer(200, &format!(r#"{{"code":200,"l1_address":"{ADDRESS}","sub_accounts":[{accounts}]{cursor}}}"#))
    };
    let server = Scripted::new([
        page(&[account_json(5, 0), account_json(281474976710654, 1)].join(","), r#","next_cursor":"a/b c""#),
        page(&account_json(9, 77), r#","next_cursor":"""#),
    ])
    .await;
    let address: EthereumAddress = ADDRESS.parse().unwrap();
    let accounts = server.client().accounts_by_l1_address(&address).await.unwrap();
    assert_eq!(accounts.iter().map(|account| account.index.as_u64()).collect::<Vec<_>>(), [5, 281474976710654, 9]);
    let kinds: Vec<_> = accounts.iter().map(|account| account.kind).collect();
    assert_eq!(kinds, [AccountKind::Main, AccountKind::Sub, AccountKind::Other(77)]);
    assert!(accounts.iter().all(|account| account.l1_address == address && account.collateral == "1945.003244"));

    let [first, second] = <[_; 2]>::try_from(server.requests()).unwrap();
    let line = format!("GET /api/v1/accountsByL1Address?l1_address={ADDRESS}");
    assert_eq!(first.line, line);
    assert_eq!(second.line, format!("{line}&cursor=a%2Fb+c"));
    assert!(first.header("authorization").is_none());
}

#[tokio::test]
async fn pages_without_end_are_the_venues_fault() {
    let page = answer(200, r#"{"code":200,"sub_accounts":[],"next_cursor":"again"}"#);
    let server = Scripted::new(vec![page; 101]).await;
    let error = server.client().accounts_by_l1_address(&ADDRESS.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, ClientError::Failed(Failure::BadAnswer(AnswerError::Unexpected("next_cursor")))));
    assert_eq!(server.requests().len(), 100);
}

/// Each page comes in time; all together they do not.
#[tokio::test(start_paused = true)]
async fn all_pages_together_have_the_time_of_one_call() {
    let slow = answer_with(429, "retry-after: 3", r#"{"code":23000,"message":"Too Many Requests!"}"#);
    let page = answer(200, r#"{"code":200,"sub_accounts":[],"next_cursor":"again"}"#);
    let server = Scripted::new([slow.clone(), page.clone(), slow, page]).await;
    let client = server.builder().timeout(Duration::from_secs(5)).build().unwrap();
    let started = Instant::now();
    let error = client.accounts_by_l1_address(&ADDRESS.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, ClientError::Failed(Failure::TimedOut)), "{error:?}");
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn an_account_is_found_by_its_index() {
    let body = format!(r#"{{"code":200,"total":1,"accounts":[{}]}}"#, account_json(5, 0));
    let (found, request) = call(&body, async |client| client.account(account()).await).await;
    assert_eq!(found.index, account());
    assert_eq!(request.line, "GET /api/v1/account?by=index&value=5");

    let server = Scripted::new([answer(200, &body)]).await;
    let error = server.client().account(AccountIndex::new(6).unwrap()).await.unwrap_err();
    assert!(matches!(error, ClientError::Failed(Failure::BadAnswer(AnswerError::Unexpected("accounts")))));
}

#[tokio::test]
async fn keys_are_listed_with_their_nonces() {
    let public_key = public_key_hex(key().verifying_key());
    let entry = |slot: u8, nonce: u64, key: &str| {
        format!(
            r#"{{"account_index":5,"api_key_index":{slot},"nonce":{nonce},"public_key":"{key}","transaction_time":1}}"#
        )
    };
    let entries = [entry(253, 8, &public_key), entry(4, 1, &"0".repeat(80)), entry(5, 1 << 48, &public_key)];
    let body = format!(r#"{{"code":200,"api_keys":[{}]}}"#, entries.join(","));
    let (keys, request) = call(&body, async |client| client.api_keys(account(), None).await).await;
    assert_eq!(request.line, "GET /api/v1/apikeys?account_index=5&api_key_index=255");
    assert_eq!((keys[0].account_index, keys[0].api_key_index), (account(), slot()));
    assert_eq!(keys.iter().map(|key| key.nonce.as_u64()).collect::<Vec<_>>(), [8, 1, 1 << 48]);
    assert_eq!(keys[0].public_key.as_ref(), Some(key().verifying_key()));
    assert!(keys[1].public_key.is_none());
    assert_eq!(keys[2].nonce, NonceState::EXHAUSTED);

    let (_, request) = call(&body, async |client| client.api_keys(account(), Some(slot())).await).await;
    assert_eq!(request.line, "GET /api/v1/apikeys?account_index=5&api_key_index=253");
}

#[tokio::test]
async fn the_next_nonce_is_asked_for_without_auth() {
    let body = r#"{"code":200,"nonce":722}"#;
    let (nonce, request) = call(body, async |client| client.next_nonce(account(), slot()).await).await;
    assert_eq!(nonce, NonceState::new(722).unwrap());
    assert_eq!(request.line, "GET /api/v1/nextNonce?account_index=5&api_key_index=253");
    assert!(request.header("authorization").is_none());
}

#[tokio::test]
async fn a_transaction_is_sent_as_a_form() {
    let signed = transaction(7);
    let body = r#"{"code":200,"message":"{\"ratelimit\": \"x\"}","tx_hash":"ab","predicted_execution_time_ms":1795219200123,"volume_quota_remaining":3}"#;
    let (sent, request) = call(body, async |client| client.send_tx(&signed).await).await;
    assert_eq!(sent.tx_hash, "ab");
    assert_eq!(sent.predicted_execution, Some(UnixMillis::new(1_795_219_200_123).unwrap()));
    assert_eq!(request.line, "POST /api/v1/sendTx");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(decode(&request.body), [("tx_type", "16"), ("tx_info", &signed.to_tx_info())].map(owned));

    // What only informs may be missing, or be anything.
    for more in ["", r#","predicted_execution_time_ms":"soon""#, r#","predicted_execution_time_ms":-1.5"#] {
        let body = format!(r#"{{"code":200,"tx_hash":"ab"{more}}}"#);
        let (sent, _) = call(&body, async |client| client.send_tx(&signed).await).await;
        assert_eq!(sent.predicted_execution, None);
    }
}

#[tokio::test]
async fn a_batch_is_sent_as_json_in_a_form() {
    let batch = [transaction(7), transaction(8)];
    let body = r#"{"code":200,"tx_hash":["ab","cd"],"predicted_execution_time_ms":1}"#;
    let (sent, request) = call(body, async |client| client.send_tx_batch(&batch).await).await;
    assert_eq!(sent.tx_hash, ["ab", "cd"]);
    assert_eq!(request.line, "POST /api/v1/sendTxBatch");
    let [types, infos] = <[_; 2]>::try_from(decode(&request.body)).unwrap();
    assert_eq!(types, owned(("tx_types", "[16,16]")));
    assert_eq!(infos.0, "tx_infos");
    let infos: Vec<String> = serde_json::from_str(&infos.1).unwrap();
    assert_eq!(infos, batch.map(|signed| signed.to_tx_info()));
}

#[tokio::test]
async fn a_token_is_made_and_its_text_shown_once() {
    let text = read_only_text();
    let body = format!(
        r#"{{"code":200,"token_id":12,"api_token":"{text}","name":"my bot & co","account_index":5,"expiry":{},"sub_account_access":true,"revoked":false,"scopes":"read.*"}}"#,
        NOW + 100_000
    );
    let auth = token();
    let (issued, request) = call(&body, async |client| client.create_token(new_token(), &auth).await).await;
    assert_eq!(issued.expose_secret(), text);
    assert_eq!(issued.as_token().sub_account_access(), SubAccountAccess::All);
    let record = issued.record();
    assert_eq!((record.token_id, record.name.as_str(), record.account_index), (12, "my bot & co", account()));
    assert_eq!((record.sub_account_access, record.scopes.as_str()), (SubAccountAccess::All, "read.*"));
    assert!(record.is_live(now()) && !record.is_live(record.expiry));

    assert_eq!(request.line, "POST /api/v1/tokens/create");
    assert_eq!(request.header("authorization"), Some(auth.expose_secret()));
    assert_eq!(
        decode(&request.body),
        [
            ("name", "my bot & co"),
            ("account_index", "5"),
            ("expiry", "1795319200"),
            ("sub_account_access", "true"),
            ("scopes", "read.*"),
        ]
        .map(owned)
    );
}

#[tokio::test]
async fn a_text_that_is_no_read_only_token_is_refused_and_not_repeated() {
    let body = r#"{"code":200,"token_id":12,"api_token":"ro:s3cr3t","name":"a","account_index":5,"expiry":1,"sub_account_access":true,"revoked":false,"scopes":"read.*"}"#;
    let server = Scripted::new([answer(200, body)]).await;
    let error = server.client().create_token(new_token(), &token()).await.unwrap_err();
    assert!(matches!(error, ClientError::Unknown(Failure::BadAnswer(AnswerError::Unexpected("api_token")))));
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn tokens_are_listed_whether_live_or_not() {
    let token_json = |id: u64, revoked: bool| {
        format!(
            r#"{{"token_id":{id},"api_token":"","name":"a","account_index":5,"expiry":1795219201,"sub_account_access":false,"revoked":{revoked},"scopes":"read.*"}}"#
        )
    };
    let body = format!(r#"{{"code":200,"api_tokens":[{},{}]}}"#, token_json(1, false), token_json(2, true));
    let auth = token();
    let (tokens, request) = call(&body, async |client| client.tokens(account(), &auth).await).await;
    assert_eq!(request.line, "GET /api/v1/tokens?account_index=5");
    assert_eq!(request.header("authorization"), Some(auth.expose_secret()));
    assert_eq!(tokens.iter().map(|token| token.token_id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(tokens[0].sub_account_access, SubAccountAccess::Single);
    assert!(tokens[0].is_live(now()) && !tokens[1].is_live(now()));
    assert!(!tokens[0].is_live(UnixSeconds::new(NOW + 1).unwrap()));
}

#[tokio::test]
async fn a_token_is_revoked_by_its_number() {
    let body = r#"{"code":200,"token_id":12,"revoked":true}"#;
    let auth = token();
    let ((), request) = call(body, async |client| client.revoke_token(account(), 12, &auth).await).await;
    assert_eq!(request.line, "POST /api/v1/tokens/revoke");
    assert_eq!(decode(&request.body), [("token_id", "12"), ("account_index", "5")].map(owned));
}

#[tokio::test]
async fn maker_only_keys_are_listed_and_set_as_json() {
    let slots = [4, 254].map(|slot| ApiKeyIndex::new(slot).unwrap());
    let auth = token();
    let (found, request) = call(r#"{"code":200,"api_key_indexes":[4,254]}"#, async |client| {
        client.maker_only_api_keys(account(), &auth).await
    })
    .await;
    assert_eq!(found, slots);
    assert_eq!(request.line, "GET /api/v1/getMakerOnlyApiKeys?account_index=5");

    for (slots, text) in [(&slots[..], "[4,254]"), (&[], "[]")] {
        let ((), request) =
            call(r#"{"code":200}"#, async |client| client.set_maker_only_api_keys(account(), slots, &auth).await).await;
        assert_eq!(request.line, "POST /api/v1/setMakerOnlyApiKeys");
        assert_eq!(decode(&request.body), [("account_index", "5"), ("api_key_indexes", text)].map(owned));
        assert_eq!(request.header("authorization"), Some(auth.expose_secret()));
    }
}

#[tokio::test]
async fn limits_and_tier_take_a_token_of_any_kind() {
    let limits = r#"{"code":200,"max_llp_percentage":100,"user_tier":"standard","can_create_public_pool":false}"#;
    let signed = token();
    let read_only = read_only_text();
    for (auth, text) in [(Auth::from(&signed), signed.expose_secret()), (Auth::from(&read_only), &read_only)] {
        let (found, request) = call(limits, async |client| client.account_limits(account(), auth).await).await;
        assert_eq!(found.user_tier, "standard");
        assert_eq!(request.line, "GET /api/v1/accountLimits?account_index=5");
        assert_eq!(request.header("authorization"), Some(text));
    }

    let ((), request) = call(r#"{"code":200}"#, async |client| {
        client.change_account_tier(account(), "premium", signed.as_token()).await
    })
    .await;
    assert_eq!(request.line, "POST /api/v1/changeAccountTier");
    assert_eq!(decode(&request.body), [("account_index", "5"), ("new_tier", "premium")].map(owned));
}

#[tokio::test]
async fn a_text_that_no_header_may_have_is_not_sent() {
    let server = Scripted::new([]).await;
    for text in ["s3cr3t\n", "s3cr3t\r\nx: y", "s3cr3t\0"] {
        let error = server.client().account_limits(account(), text).await.unwrap_err();
        assert!(matches!(error, ClientError::Token(_)) && error.is_certain_refusal());
        assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    }
    assert!(server.requests().is_empty());
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The fields of an urlencoded form.
fn decode(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}
