use crate::support::{NOW, PREMIUM, Request, SLOT, STANDARD, SUB, World, key, token, token_until};

#[tokio::test]
async fn status_and_info_have_no_code() {
    let world = World::start().await;
    let status = world.get("/").await;
    assert_eq!(status.status, 200);
    assert_eq!(status.body, serde_json::json!({ "status": 1, "network_id": 1, "timestamp": NOW }));
    let info = world.get("/info").await;
    assert_eq!(info.body["contract_address"].as_str().unwrap().len(), 42);
}

#[tokio::test]
async fn accounts_are_found_by_owner_and_by_index() {
    let world = World::start().await;
    let accounts = world.get("/api/v1/accountsByL1Address?l1_address=0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266").await;
    assert_eq!((accounts.status, accounts.code()), (200, 200));
    let indices: Vec<_> =
        accounts.body["sub_accounts"].as_array().unwrap().iter().map(|account| account["index"].clone()).collect();
    assert_eq!(indices, [STANDARD, SUB]);

    let account = world.get("/api/v1/account?by=index&value=5&active_only=True").await;
    assert_eq!(account.body["accounts"][0]["account_index"], STANDARD);
    let address = account.body["accounts"][0]["l1_address"].as_str().unwrap();
    let accounts = world.get(&format!("/api/v1/account?by=l1_address&value={address}")).await;
    assert_eq!(accounts.body["total"], 2);
}

#[tokio::test]
async fn keys_and_nonces_are_public() {
    let world = World::start().await;
    let public_key = keyward_lighter::public_key_hex(key(STANDARD).verifying_key());
    for target in ["/api/v1/apikeys?account_index=5", "/api/v1/apikeys?account_index=5&api_key_index=10"] {
        let keys = world.get(target).await;
        assert_eq!(keys.code(), 200);
        assert_eq!(keys.body["api_keys"].as_array().unwrap().len(), 1);
        assert_eq!(keys.body["api_keys"][0]["public_key"], public_key.as_str());
    }
    let nonce = world.get(&format!("/api/v1/nextNonce?account_index=5&api_key_index={SLOT}")).await;
    assert_eq!(nonce.body, serde_json::json!({ "code": 200, "nonce": 1 }));
    let nonce = world.get("/api/v1/nextNonce?account_index=77777&api_key_index=3").await;
    assert_eq!(nonce.body["nonce"], 0);
}

#[tokio::test]
async fn gated_reads_take_either_kind_of_token() {
    let world = World::start().await;
    let (read_only, _) = world.read_only_token(STANDARD, true).await;
    for token in [token(STANDARD), read_only.clone()] {
        let limits = world.get_as(&token, "/api/v1/accountLimits?account_index=5").await;
        assert_eq!((limits.code(), &limits.body["user_tier"]), (200, &"standard".into()));
        let orders = world.get_as(&token, "/api/v1/accountActiveOrders?account_index=5&market_id=255").await;
        assert_eq!(orders.body, serde_json::json!({ "code": 200, "orders": [] }));
        let tokens = world.get_as(&token, "/api/v1/tokens?account_index=5").await;
        assert_eq!((tokens.code(), &tokens.body["api_tokens"][0]["api_token"]), (200, &"".into()));
        let keys = world.get_as(&token, "/api/v1/getMakerOnlyApiKeys?account_index=5").await;
        assert_eq!(keys.body, serde_json::json!({ "code": 200, "api_key_indexes": [] }));
    }
    let of_sub = format!("/api/v1/accountLimits?account_index={SUB}");
    assert_eq!(world.get_as(&read_only, &of_sub).await.code(), 200);
    let refused = world.get_as(&token(STANDARD), &of_sub).await;
    assert_eq!(refused.refusal(), (401, 20013, "invalid auth: account mismatch"));
    let limits = world.get_as(&token(PREMIUM), "/api/v1/accountLimits?account_index=7").await;
    assert_eq!(limits.body["user_tier"], "premium");
}

#[tokio::test]
async fn the_header_counts_before_the_query_and_an_empty_one_is_none() {
    let world = World::start().await;
    let (good, expired) = (token(STANDARD), token_until(STANDARD, NOW));
    let target = |auth: &str| format!("/api/v1/accountLimits?account_index=5&auth={auth}");
    assert_eq!(world.get(&target(&good)).await.code(), 200);
    assert_eq!(world.get_as(&good, &target(&expired)).await.code(), 200);
    let refused = world.get_as(&expired, &target(&good)).await;
    assert_eq!(refused.refusal(), (401, 20013, "invalid auth: expired token"));
    assert_eq!(world.get_as("", &target(&good)).await.code(), 200);
    assert_eq!(world.get_as(&good, &target("")).await.code(), 200);
}

#[tokio::test]
async fn header_names_are_of_any_case() {
    let world = World::start().await;
    for name in ["authorization", "Authorization", "AUTHORIZATION"] {
        let request = Request::get("/api/v1/accountLimits?account_index=5").header(name, &token(STANDARD));
        assert_eq!(world.ask(request).await.code(), 200);
    }
}

#[tokio::test]
async fn a_base_address_may_end_with_a_slash() {
    let world = World::start().await;
    for target in ["//", "//info", "//api/v1/apikeys?account_index=5", "///api/v1/apikeys?account_index=5"] {
        assert_eq!(world.get(target).await.status, 200, "{target}");
    }
    let target = "//api/v1/accountLimits?account_index=5";
    assert_eq!(world.get_as(&token(STANDARD), target).await.code(), 200);
    assert_eq!(world.get("/api//v1/apikeys?account_index=5").await.status, 404);
}

#[tokio::test]
async fn an_account_that_is_not_found_can_come_with_status_200() {
    let settings = keyward_lighter_sandbox::VenueSettings {
        not_found_status: keyward_lighter_sandbox::NotFoundStatus::Ok,
        ..Default::default()
    };
    let world = World::with(crate::support::Setup { settings, ..Default::default() }).await;
    let target = "/api/v1/accountsByL1Address?l1_address=0x0000000000000000000000000000000000000001";
    assert_eq!(world.get(target).await.refusal(), (200, 21100, "account not found"));
}
