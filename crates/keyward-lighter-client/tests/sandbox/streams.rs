use keyward_lighter::{ApiCode, Clock, SysRng, SystemClock};
use keyward_lighter_client::{Stream, StreamError, TokenSource};

use crate::bench::{Bench, main_account, slot, sub_account};

async fn refused(stream: &mut Stream, channel: &str, token: Option<&str>) -> ApiCode {
    match stream.subscribe(channel, token.map(Into::into)).await {
        Err(StreamError::Refused { code, .. }) => code,
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_private_channel_takes_a_token_and_a_public_one_none() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    let channel = format!("account_all_orders/{}", main_account());
    let mut stream = bench.client.stream().await.unwrap();

    assert_eq!(refused(&mut stream, &channel, None).await, ApiCode::INVALID_PARAM);
    assert_eq!(refused(&mut stream, &channel, Some("garbage")).await, ApiCode::INVALID_AUTH);
    let now = bench.clock.now();
    let expired = signer.sign(now, &mut SysRng).unwrap();
    assert_eq!(refused(&mut stream, &channel, Some(expired.expose_secret())).await, ApiCode::INVALID_AUTH);
    let early = signer.sign(now.saturating_add_secs(9 * 60 * 60), &mut SysRng).unwrap();
    assert_eq!(refused(&mut stream, &channel, Some(early.expose_secret())).await, ApiCode::INVALID_AUTH);
    let other = format!("account_all_orders/{}", sub_account());
    assert_eq!(refused(&mut stream, &other, Some(token.expose_secret())).await, ApiCode::INVALID_AUTH);
    assert_eq!(refused(&mut stream, "no_such_channel/5", None).await, ApiCode::WS_INVALID_CHANNEL);

    let snapshot = stream.subscribe(&channel, Some((&token).into())).await.unwrap();
    assert_eq!(snapshot.kind(), "subscribed/account_all_orders");
    assert_eq!(refused(&mut stream, &channel, Some(token.expose_secret())).await, ApiCode::WS_ALREADY_SUBSCRIBED);
    stream.subscribe("height", None).await.unwrap();

    stream.unsubscribe(&channel).await.unwrap();
    let source = TokenSource::from_signer(signer, SystemClock);
    stream.subscribe(&channel, Some((&source).into())).await.unwrap();
    stream.close().await.unwrap();
}

#[tokio::test]
async fn a_rotated_keys_token_subscribes_to_nothing_new() {
    let bench = Bench::new().await;
    let old = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&old);
    let mut stream = bench.client.stream().await.unwrap();
    let channels = ["account_all_orders", "account_all_trades"].map(|name| format!("{name}/{}", main_account()));
    stream.subscribe(&channels[0], Some((&token).into())).await.unwrap();
    let new = bench.register(main_account(), slot(253)).await;
    assert_eq!(refused(&mut stream, &channels[1], Some(token.expose_secret())).await, ApiCode::INVALID_AUTH);
    stream.subscribe(&channels[1], Some((&bench.token(&new)).into())).await.unwrap();
}
