//! What the venue refuses, and with which code.

use keyward_lighter::{
    Action, AuthToken, BaseAmount, CreateOrder, MarketIndex, OrderFields, OrderType, Side, SigningKey,
    SubAccountAccess, SysRng, TimeInForce, TokenSigner,
};
use keyward_lighter::{Clock, Nonce};
use keyward_lighter_client::NewReadOnlyToken;

use crate::bench::{Bench, code, main_account, slot, sub_account};

#[tokio::test]
async fn transactions() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    for nonce in [0, 2] {
        let error = bench.send_cancel_all(&signer, nonce).await.unwrap_err();
        assert!(error.is_invalid_nonce() && error.is_certain_refusal(), "{nonce}");
    }
    let stranger = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), main_account(), slot(253));
    assert_eq!(code(bench.send_cancel_all(&stranger, 1).await), 21120);
    let empty = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), main_account(), slot(7));
    assert_eq!(code(bench.send_cancel_all(&empty, 0).await), 21108);
    let nobody = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), "99".parse().unwrap(), slot(7));
    assert_eq!(code(bench.send_cancel_all(&nobody, 0).await), 21100);

    let expired = bench.cancel_all(&signer, 1);
    bench.clock.advance_millis(600_001);
    assert_eq!(code(bench.client.send_tx(&expired).await), 21501);
    bench.send_cancel_all(&signer, 1).await.unwrap();
}

#[tokio::test]
async fn registrations() {
    let bench = Bench::new().await;
    let signer = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), main_account(), slot(253));
    let signed = bench.registration(&signer, Nonce::ZERO);
    let unsigned = bench.sign(&signer, Nonce::ZERO, *signed.transaction().action());
    assert_eq!(code(bench.client.send_tx(&unsigned).await), 21504);
    assert_eq!(code(bench.client.send_tx(&unsigned.with_l1_signature(bench.owner.sign_message("no"))).await), 21504);
    bench.client.send_tx(&signed).await.unwrap();
    assert_eq!(code(bench.client.send_tx(&signed).await), 21104);
}

#[tokio::test]
async fn batches() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let other = bench.register(main_account(), slot(7)).await;
    let batch = |nonces: &[u64]| nonces.iter().map(|&nonce| bench.cancel_all(&signer, nonce)).collect::<Vec<_>>();
    assert_eq!(code(bench.client.send_tx_batch(&batch(&[1, 3])).await), 21105);
    assert_eq!(code(bench.client.send_tx_batch(&batch(&[2, 3])).await), 21104);
    assert_eq!(
        code(bench.client.send_tx_batch(&[bench.cancel_all(&signer, 1), bench.cancel_all(&other, 2)]).await),
        21121
    );
    assert_eq!(code(bench.client.send_tx_batch(&batch(&(1..=51).collect::<Vec<_>>())).await), 21514);
    assert_eq!(bench.client.next_nonce(main_account(), slot(253)).await.unwrap().as_u64(), 1);
    bench.client.send_tx_batch(&batch(&(1..=50).collect::<Vec<_>>())).await.unwrap();
}

#[tokio::test]
async fn tokens_that_authorize_nothing() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let sign =
        |signer: &TokenSigner, secs| signer.sign(bench.clock.now().saturating_add_secs(secs), &mut SysRng).unwrap();
    let stranger = TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), main_account(), slot(253));
    for token in [sign(&signer, 0), sign(&signer, AuthToken::MAX_LIFETIME_SECS + 60), sign(&stranger, 600)] {
        assert_eq!(bench.probe(main_account(), token.expose_secret()).await, Some(20013));
    }
    assert_eq!(bench.probe(main_account(), "garbage").await, Some(20013));
    assert_eq!(bench.probe(main_account(), "ro:garbage").await, Some(20013));
    assert_eq!(bench.probe(main_account(), "").await, Some(20001));

    let token = bench.token(&signer);
    assert_eq!(bench.probe(sub_account(), token.expose_secret()).await, Some(20013));
    assert_eq!(bench.probe(main_account(), token.expose_secret()).await, None);
    bench.clock.advance_millis(600_000);
    assert_eq!(bench.probe(main_account(), token.expose_secret()).await, Some(20013));
}

#[tokio::test]
async fn read_only_tokens() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    let create = async |name: &str, secs: u64| {
        let new = NewReadOnlyToken {
            account_index: main_account(),
            name,
            expiry: bench.clock.now().saturating_add_secs(secs),
            sub_account_access: SubAccountAccess::Single,
        };
        bench.client.create_token(new, &token).await
    };
    const DAY: u64 = 86_400;
    assert_eq!(code(create("a", DAY - 60).await), 61001);
    assert_eq!(code(create("a", 3650 * DAY + 60).await), 61002);
    assert_eq!(code(create("", 2 * DAY).await), 61007);
    assert_eq!(code(create(&"a".repeat(51), 2 * DAY).await), 61008);
    assert_eq!(code(create("a+b", 2 * DAY).await), 61009);
    let first = create("a", 2 * DAY).await.unwrap();
    for _ in 1..10 {
        create("a", 2 * DAY).await.unwrap();
    }
    assert_eq!(code(create("a", 2 * DAY).await), 61003);

    let id = first.record().token_id;
    assert_eq!(code(bench.client.revoke_token(main_account(), id + 100, &token).await), 61005);
    // Whoever may only read may not manage.
    assert_eq!(code(bench.client.revoke_token(main_account(), id, &first).await), 20013);
    assert_eq!(code(bench.client.set_maker_only_api_keys(main_account(), &[], &first).await), 20013);
    bench.client.revoke_token(main_account(), id, &token).await.unwrap();
    assert_eq!(code(bench.client.revoke_token(main_account(), id, &token).await), 61006);
}

// The clock of the runtime stands still but for waits: the client tries again what is refused as too much.
#[tokio::test(start_paused = true)]
async fn maker_only_keys() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    assert_eq!(code(bench.client.set_maker_only_api_keys(main_account(), &[slot(3)], &token).await), 21110);
    assert_eq!(code(bench.client.set_maker_only_api_keys(main_account(), &[slot(4), slot(4)], &token).await), 20001);
    bench.client.set_maker_only_api_keys(main_account(), &[slot(253)], &token).await.unwrap();
    let error = bench.client.set_maker_only_api_keys(main_account(), &[], &token).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_certain_refusal());
    assert_eq!(code::<()>(Err(error)), 23000);

    let market_order = CreateOrder::new(OrderFields {
        market_index: MarketIndex::new(0).unwrap(),
        client_order_index: None,
        base_amount: BaseAmount::new(1).unwrap(),
        price: 1.try_into().unwrap(),
        side: Side::Bid,
        order_type: OrderType::Market,
        time_in_force: TimeInForce::ImmediateOrCancel,
        reduce_only: false,
        trigger_price: None,
        order_expiry: None,
    });
    let signed = bench.sign(&signer, Nonce::new(1).unwrap(), Action::CreateOrder(market_order.unwrap()));
    assert_eq!(code(bench.client.send_tx(&signed).await), 21511);
}
