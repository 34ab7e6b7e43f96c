//! A key's whole life, as the venue and its clients play it.

use keyward_lighter::{ApiCode, Clock, SubAccountAccess, TokenSigner};
use keyward_lighter_client::{AccountKind, NewReadOnlyToken, TokenSource};
use keyward_lighter_sandbox::{NotFoundStatus, Seed};
use keyward_nonce::NonceState;

use crate::bench::{Bench, main_account, slot, sub_account};

#[tokio::test]
async fn the_venue_says_what_it_is() {
    let bench = Bench::new().await;
    let status = bench.client.status().await.unwrap();
    assert_eq!(status.status, 1);
    assert!(status.timestamp <= bench.clock.now());
    bench.client.contract_address().await.unwrap();
}

#[tokio::test]
async fn accounts_are_found_by_owner_and_by_index() {
    for not_found in [NotFoundStatus::BadRequest, NotFoundStatus::Ok] {
        let bench = Bench::with_not_found(not_found).await;
        let accounts = bench.client.accounts_by_l1_address(&Seed::EXAMPLE_L1_ADDRESS).await.unwrap();
        let found: Vec<_> = accounts.iter().map(|account| (account.index, account.kind)).collect();
        assert_eq!(found, [(main_account(), AccountKind::Main), (sub_account(), AccountKind::Sub)]);
        assert!(accounts.iter().all(|account| account.l1_address == Seed::EXAMPLE_L1_ADDRESS));
        assert_eq!(bench.client.account(sub_account()).await.unwrap(), accounts[1]);

        let stranger = "0x000000000000000000000000000000000000dead".parse().unwrap();
        let error = bench.client.accounts_by_l1_address(&stranger).await.unwrap_err();
        assert!(error.is_not_found() && error.code() == Some(ApiCode::ACCOUNT_NOT_FOUND));
        let error = bench.client.account("99".parse().unwrap()).await.unwrap_err();
        assert!(error.is_not_found() && error.code() == Some(ApiCode::NOT_FOUND));
        let error = bench.client.api_keys(main_account(), None).await.unwrap_err();
        assert!(error.is_not_found() && error.code() == Some(ApiCode::API_KEY_NOT_FOUND));
    }
}

#[tokio::test]
async fn keys_are_registered_for_two_accounts_and_used() {
    let bench = Bench::new().await;
    for account in [main_account(), sub_account()] {
        assert_eq!(bench.client.next_nonce(account, slot(253)).await.unwrap(), NonceState::NEW);
        let signer = bench.register(account, slot(253)).await;

        let keys = bench.client.api_keys(account, None).await.unwrap();
        assert_eq!(bench.client.api_keys(account, Some(slot(253))).await.unwrap(), keys);
        assert_eq!(keys.len(), 1);
        assert_eq!((keys[0].account_index, keys[0].api_key_index), (account, slot(253)));
        assert_eq!(keys[0].public_key.as_ref(), Some(signer.verifying_key()));
        assert_eq!(keys[0].nonce, NonceState::new(1).unwrap());

        let signed = bench.cancel_all(&signer, 1);
        let sent = bench.client.send_tx(&signed).await.unwrap();
        assert_eq!(sent.tx_hash, signed.tx_hash_hex(bench.client.chain_id()));
        let batch = [2, 3, 4].map(|nonce| bench.cancel_all(&signer, nonce));
        let sent = bench.client.send_tx_batch(&batch).await.unwrap();
        assert_eq!(sent.tx_hash, batch.map(|signed| signed.tx_hash_hex(bench.client.chain_id())));
        assert_eq!(bench.client.next_nonce(account, slot(253)).await.unwrap(), NonceState::new(5).unwrap());

        let limits = bench.client.account_limits(account, &bench.token(&signer)).await.unwrap();
        assert_eq!(limits.user_tier, "premium");
    }
}

fn new_token(bench: &Bench, signer: &TokenSigner) -> NewReadOnlyToken<'static> {
    NewReadOnlyToken {
        account_index: signer.account_index(),
        name: "my dashboard v1.0",
        expiry: bench.clock.now().saturating_add_secs(2 * 86_400),
        sub_account_access: SubAccountAccess::Single,
    }
}

#[tokio::test]
async fn a_read_only_token_is_made_used_listed_and_revoked() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    let single = bench.client.create_token(new_token(&bench, &signer), &token).await.unwrap();
    let all = NewReadOnlyToken { sub_account_access: SubAccountAccess::All, ..new_token(&bench, &signer) };
    let all = bench.client.create_token(all, &token).await.unwrap();
    assert_eq!(all.as_token().sub_account_access(), SubAccountAccess::All);
    assert_eq!(single.as_token().expiry(), single.record().expiry);

    bench.client.account_limits(main_account(), &single).await.unwrap();
    bench.client.account_limits(main_account(), single.as_token()).await.unwrap();
    bench.client.account_limits(sub_account(), &all).await.unwrap();
    assert!(bench.client.account_limits(sub_account(), &single).await.unwrap_err().is_invalid_auth());

    let listed = bench.client.tokens(main_account(), &token).await.unwrap();
    assert_eq!(listed, [single.record().clone(), all.record().clone()]);
    bench.client.revoke_token(main_account(), single.record().token_id, &token).await.unwrap();
    let listed = bench.client.tokens(main_account(), &token).await.unwrap();
    let live: Vec<_> = listed.iter().map(|record| record.is_live(bench.clock.now())).collect();
    assert_eq!(live, [false, true]);
    assert!(bench.client.account_limits(main_account(), &single).await.unwrap_err().is_invalid_auth());
}

#[tokio::test]
async fn a_rotation_kills_the_old_keys_tokens_at_once_and_nothing_else() {
    let bench = Bench::new().await;
    let old = bench.register(main_account(), slot(253)).await;
    let old_token = bench.token(&old);
    let read_only = bench.client.create_token(new_token(&bench, &old), &old_token).await.unwrap();
    bench.client.account_limits(main_account(), &old_token).await.unwrap();

    let new = bench.register(main_account(), slot(253)).await;
    assert!(bench.client.account_limits(main_account(), &old_token).await.unwrap_err().is_invalid_auth());
    assert_eq!(bench.client.next_nonce(main_account(), slot(253)).await.unwrap(), NonceState::new(2).unwrap());
    let error = bench.send_cancel_all(&old, 2).await.unwrap_err();
    assert_eq!(error.code(), Some(ApiCode::INVALID_SIGNATURE));
    bench.send_cancel_all(&new, 2).await.unwrap();

    bench.client.account_limits(main_account(), &read_only).await.unwrap();
    let listed = bench.client.tokens(main_account(), &bench.token(&new)).await.unwrap();
    assert_eq!(listed, [read_only.record().clone()]);
}

#[tokio::test]
async fn maker_only_keys_are_set_listed_and_lifted() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    assert_eq!(bench.client.maker_only_api_keys(main_account(), &token).await.unwrap(), []);
    let slots = [slot(4), slot(253)];
    bench.client.set_maker_only_api_keys(main_account(), &slots, &token).await.unwrap();
    assert_eq!(bench.client.maker_only_api_keys(main_account(), &token).await.unwrap(), slots);
    // It may take orders off the book.
    bench.send_cancel_all(&signer, 1).await.unwrap();

    bench.clock.advance_millis(3_600_000);
    let token = bench.token(&signer);
    bench.client.set_maker_only_api_keys(main_account(), &[], &token).await.unwrap();
    assert_eq!(bench.client.maker_only_api_keys(main_account(), &token).await.unwrap(), []);
}

#[tokio::test]
async fn a_tier_is_changed() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    bench.client.change_account_tier(main_account(), "standard", &token).await.unwrap();
    assert_eq!(bench.client.account_limits(main_account(), &token).await.unwrap().user_tier, "standard");
}

#[tokio::test]
async fn a_source_of_tokens_authorizes_every_call() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let source = TokenSource::from_signer(signer, keyward_lighter::SystemClock);
    bench.client.account_limits(main_account(), &source).await.unwrap();
    assert_eq!(bench.client.tokens(main_account(), &source).await.unwrap(), []);
}
