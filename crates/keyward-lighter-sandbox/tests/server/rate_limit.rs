use keyward_lighter_sandbox::RateLimit;

use crate::support::{PREMIUM, STANDARD, SUB, Setup, World, token};

const TOO_MANY: (u16, u64, &str) = (429, 23000, "Too Many Requests!");

async fn limited() -> World {
    World::with(Setup { rate_limit: RateLimit::Standard, ..Setup::default() }).await
}

#[tokio::test]
async fn without_a_token_an_address_asks_sixty_times_a_minute() {
    let world = limited().await;
    for _ in 0..60 {
        assert_eq!(world.get("/api/v1/nextNonce?account_index=5&api_key_index=10").await.code(), 200);
    }
    let refused = world.get("/api/v1/nextNonce?account_index=5&api_key_index=10").await;
    assert_eq!(refused.refusal(), TOO_MANY);
    let seconds: u64 = refused.header("retry-after").expect("when to come back").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(world.post("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", "{}")]).await.refusal(), TOO_MANY);
    assert_eq!(world.get("/info").await.status, 200, "not part of the API");
    assert_eq!(world.get("/__sandbox/clock").await.code(), 200, "nor is this");

    // A token is another purse, also where none is needed.
    let target = "/api/v1/apikeys?account_index=5";
    assert_eq!(world.get_as(&token(STANDARD), target).await.code(), 200);
    assert_eq!(world.get_as("1:5:10:bad", target).await.refusal(), TOO_MANY);
    assert_eq!(world.get_as("1:5:10:bad", "/api/v1/accountLimits?account_index=5").await.refusal(), TOO_MANY);
}

#[tokio::test]
async fn an_owner_has_one_purse_for_all_accounts_and_a_premium_one_counts_weight_alone() {
    let world = limited().await;
    let standard = token(STANDARD);
    for _ in 0..30 {
        assert_eq!(world.get_as(&standard, "/api/v1/accountLimits?account_index=5").await.code(), 200);
        let target = format!("/api/v1/accountLimits?account_index={SUB}");
        assert_eq!(world.get_as(&token(SUB), &target).await.code(), 200);
    }
    assert_eq!(world.get_as(&standard, "/api/v1/accountLimits?account_index=5").await.refusal(), TOO_MANY);
    // 80 times 300 is 24,000.
    let premium = token(PREMIUM);
    for _ in 0..80 {
        assert_eq!(world.get_as(&premium, "/api/v1/accountLimits?account_index=7").await.code(), 200);
    }
    assert_eq!(world.get_as(&premium, "/api/v1/accountLimits?account_index=7").await.refusal(), TOO_MANY);
}

#[tokio::test]
async fn heavy_requests_are_fewer() {
    let world = limited().await;
    world.read_only_token(STANDARD, false).await;
    // 23,000 of 24,000 are spent.
    assert_eq!(world.get_as(&token(STANDARD), "/api/v1/tokens?account_index=5").await.refusal(), TOO_MANY);
    assert_eq!(world.get_as(&token(STANDARD), "/api/v1/accountLimits?account_index=5").await.code(), 200);
}

#[tokio::test]
async fn without_the_option_there_is_no_limit() {
    let world = World::start().await;
    for _ in 0..100 {
        assert_eq!(world.get("/api/v1/apikeys?account_index=5").await.code(), 200);
    }
}
