use keyward_lighter_sandbox::ClockSetting;

use crate::support::{
    NOW, PREMIUM, Request, SLOT, STANDARD, World, change_pub_key, new_key, token, token_of, token_until,
};

#[tokio::test]
async fn reads_and_writes_without_a_token_are_told_so_in_different_words() {
    let world = World::start().await;
    for path in ["accountLimits", "accountActiveOrders", "tokens", "getMakerOnlyApiKeys"] {
        let refused = world.get(&format!("/api/v1/{path}?account_index=5")).await;
        let message = "invalid param : auth query param and Authorization header are empty";
        assert_eq!(refused.refusal(), (400, 20001, message), "{path}");
    }
    for path in ["tokens/create", "tokens/revoke", "setMakerOnlyApiKeys", "changeAccountTier"] {
        let refused = world.post(&format!("/api/v1/{path}"), &[("account_index", "5")]).await;
        assert_eq!(refused.refusal(), (401, 20013, "invalid auth"), "{path}");
    }
}

#[tokio::test]
async fn a_token_is_refused_for_the_reason_that_applies() {
    let world = World::start().await;
    let good = token(STANDARD);
    let upper_case = good.to_uppercase();
    for (auth, message) in [
        (token_until(STANDARD, NOW), "expired token"),
        (token_until(STANDARD, NOW + 28_801), "invalid deadline"),
        ("Bearer x".to_owned(), "invalid auth string"),
        (format!("Bearer {good}"), "invalid auth string"),
        (upper_case, "invalid auth string"),
        (token_of(new_key(), STANDARD, SLOT, NOW + 60), "invalid signature"),
        (token_of(new_key(), STANDARD, 11, NOW + 60), "api key not found"),
        (token(PREMIUM), "account mismatch"),
    ] {
        let refused = world.get_as(&auth, "/api/v1/accountLimits?account_index=5").await;
        assert_eq!(refused.refusal(), (401, 20013, format!("invalid auth: {message}").as_str()));
    }
    let at_the_edge = token_until(STANDARD, NOW + 28_800);
    assert_eq!(world.get_as(&at_the_edge, "/api/v1/accountLimits?account_index=5").await.code(), 200);
    world.clock.set(ClockSetting::Fixed(keyward_lighter::UnixSeconds::new(NOW - 1).unwrap().into()));
    assert_eq!(world.get_as(&at_the_edge, "/api/v1/accountLimits?account_index=5").await.code(), 20013);
}

#[tokio::test]
async fn look_ups_that_find_nothing_have_their_codes() {
    let world = World::start().await;
    let nobody = "0x0000000000000000000000000000000000000001";
    for (target, refusal) in [
        (format!("/api/v1/accountsByL1Address?l1_address={nobody}"), (400, 21100, "account not found")),
        (format!("/api/v1/account?by=l1_address&value={nobody}"), (400, 21100, "account not found")),
        ("/api/v1/account?by=index&value=77777".to_owned(), (400, 29404, "not found")),
        ("/api/v1/account?by=index&value=-1".to_owned(), (400, 21102, "invalid account index")),
        ("/api/v1/apikeys?account_index=77777".to_owned(), (400, 21109, "api key not found")),
        ("/api/v1/apikeys?account_index=5&api_key_index=11".to_owned(), (400, 21109, "api key not found")),
        ("/api/v1/apikeys?account_index=281474976710655".to_owned(), (400, 21102, "invalid account index")),
        ("/api/v1/nextNonce?account_index=5&api_key_index=255".to_owned(), (400, 21110, "invalid api key index")),
    ] {
        assert_eq!(world.get(&target).await.refusal(), refusal, "{target}");
    }
    let refused = world.get("/api/v1/accountsByL1Address?l1_address=0x12").await;
    assert_eq!((refused.status, refused.code()), (400, 20001));
}

#[tokio::test]
async fn transactions_that_do_not_hold_have_their_codes() {
    let world = World::start().await;
    let good = change_pub_key(&new_key(), STANDARD, SLOT, 1);
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        good.replace(from, to)
    };
    for (tx_type, tx_info, code) in [
        ("99", good.clone(), 21505),
        ("300", good.clone(), 21505),
        ("-1", good.clone(), 21505),
        ("8", "{".to_owned(), 21501),
        ("8", with("\"AccountIndex\":5", "\"AccountIndex\":77777"), 21100),
        ("8", with("\"ApiKeyIndex\":10", "\"ApiKeyIndex\":255"), 21110),
        ("8", with("\"Nonce\":1,", "\"Nonce\":2,"), 21104),
        ("8", change_pub_key(&new_key(), PREMIUM, SLOT, 1), 21504),
        ("14", good.clone(), 21501),
    ] {
        let refused = world.post("/api/v1/sendTx", &[("tx_type", tx_type), ("tx_info", &tx_info)]).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{tx_type} {:?}", refused.body);
        assert!(!refused.message().is_empty());
    }
    let batch = |types: &str, infos: &[&String]| (types.to_owned(), serde_json::to_string(infos).unwrap());
    let other_slot = change_pub_key(&new_key(), STANDARD, 11, 0);
    let many = vec![&good; 51];
    for ((tx_types, tx_infos), code) in [
        (batch("[8]", &[&good, &good]), 21513),
        (batch(&format!("[{}]", ["8"; 51].join(",")), &many), 21514),
        (batch("[8,8]", &[&good, &other_slot]), 21121),
        (batch("[8,8]", &[&good, &good]), 21105),
        (("8".to_owned(), "[]".to_owned()), 20001),
    ] {
        let form = [("tx_types", tx_types.as_str()), ("tx_infos", tx_infos.as_str())];
        let refused = world.post("/api/v1/sendTxBatch", &form).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{:?}", refused.body);
    }
    assert_eq!(world.post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &good)]).await.code(), 200, "untouched");
}

#[tokio::test]
async fn read_only_tokens_that_may_not_be_made_have_their_codes() {
    let world = World::start().await;
    let long = "n".repeat(51);
    let (early, late, good) = (NOW + 86_399, NOW + 315_360_001, NOW + 86_400);
    for (name, expiry, scopes, code) in [
        ("t", early, None, 61001),
        ("t", late, None, 61002),
        ("t", good, Some("write.*"), 61004),
        ("", good, None, 61007),
        (&long, good, None, 61008),
        ("a/b", good, None, 61009),
    ] {
        let expiry = expiry.to_string();
        let mut form = vec![("name", name), ("account_index", "5"), ("expiry", &expiry), ("sub_account_access", "0")];
        form.extend(scopes.map(|scopes| ("scopes", scopes)));
        let refused = world.post_as(&token(STANDARD), "/api/v1/tokens/create", &form).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{:?}", refused.body);
    }
    for _ in 0..10 {
        world.read_only_token(STANDARD, false).await;
    }
    let expiry = good.to_string();
    let form = [("name", "t"), ("account_index", "5"), ("expiry", &expiry), ("sub_account_access", "0")];
    assert_eq!(world.post_as(&token(STANDARD), "/api/v1/tokens/create", &form).await.code(), 61003);
    let form = [("token_id", "1"), ("account_index", "7")];
    assert_eq!(world.post_as(&token(PREMIUM), "/api/v1/tokens/revoke", &form).await.code(), 61005);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_json_too() {
    let world = World::start().await;
    for target in ["/api/v2/info", "/api/v1", "/api/v1/apikeys/", "/nothing?auth=secret", "/%00"] {
        assert_eq!(world.get(target).await.refusal(), (404, 29404, "not found"), "{target}");
    }
    for line in ["OPTIONS *", "CONNECT sandbox:80", "GET http://sandbox/nothing"] {
        let mut wire = world.connect().await;
        wire.send(format!("{line} HTTP/1.1\r\nHost: sandbox\r\n\r\n").as_bytes()).await;
        assert_eq!(wire.response().await.unwrap().refusal(), (404, 29404, "not found"), "{line}");
    }
    let refused = world.post("/api/v1/apikeys", &[("account_index", "5")]).await;
    assert_eq!(refused.refusal(), (405, 20001, "invalid param : this path takes another method"));
    assert_eq!(world.get("/api/v1/sendTx").await.status, 405);
    let text = Request::get("/info").to_text().replace("GET ", "DELETE ");
    let mut wire = world.connect().await;
    wire.send(text.as_bytes()).await;
    assert_eq!(wire.response().await.unwrap().status, 405);
}
