use crate::support::{NOW, Request, STANDARD, World, token};

#[tokio::test]
async fn a_test_sets_and_advances_the_clock() {
    let world = World::start().await;
    let auth = token(STANDARD);
    let limits = "/api/v1/accountLimits?account_index=5";
    let shown = world.get("/__sandbox/clock").await;
    assert_eq!(shown.body, serde_json::json!({ "code": 200, "clock": format!("fixed:{NOW}"), "now_ms": NOW * 1000 }));
    let shown = world.post("/__sandbox/clock", &[("advance_ms", "3599999")]).await;
    assert_eq!(shown.body["now_ms"], NOW * 1000 + 3_599_999);
    assert_eq!(world.get_as(&auth, limits).await.code(), 200);
    world.ask(Request::multipart("/__sandbox/clock", &[("advance_ms", "1")])).await;
    assert_eq!(world.get_as(&auth, limits).await.message(), "invalid auth: expired token");
    let set = world.post("/__sandbox/clock", &[("clock", &format!("fixed:{}", NOW + 1))]).await;
    assert_eq!(set.body["now_ms"], (NOW + 1) * 1000);
    assert_eq!(world.get_as(&auth, limits).await.code(), 200);
    let running = world.post("/__sandbox/clock", &[("clock", "system")]).await;
    assert_eq!(running.body["clock"], "system");
}

#[tokio::test]
async fn a_bad_setting_of_the_clock_changes_nothing() {
    let world = World::start().await;
    for form in [
        &[][..],
        &[("clock", "noon")],
        &[("clock", "fixed:-1")],
        &[("advance_ms", "-1")],
        &[("advance_ms", "soon")],
        &[("clock", "system"), ("advance_ms", "1")],
    ] {
        let refused = world.post("/__sandbox/clock", form).await;
        assert_eq!((refused.status, refused.code()), (400, 20001), "{form:?}");
    }
    assert_eq!(world.get("/").await.body["timestamp"], NOW);
}
