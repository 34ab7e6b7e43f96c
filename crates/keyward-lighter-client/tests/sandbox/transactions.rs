//! Transactions of every kind, under every nonce, as the official SDK's cases send them.

use std::num::NonZero;

use keyward_lighter::{
    Action, Attributes, BaseAmount, CancelAllOrders, CancelOrder, ChainId, ChangePubKey, EthereumKey, MarketIndex,
    ModifyOrder, Nonce, OrderIndex, SignedTransaction, SysRng, TimeInForce, TokenSigner, Transaction,
};
use tokio::task::JoinSet;

use crate::bench::{Bench, SDK_OWNER, account, code, main_account, slot, stranger, sub_account};

const CANCEL_ALL: Action = Action::CancelAllOrders(CancelAllOrders::Immediate);

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap()
}

async fn next_nonce(bench: &Bench, signer: &TokenSigner) -> u64 {
    bench.client.next_nonce(signer.account_index(), signer.api_key_index()).await.unwrap().as_u64()
}

#[tokio::test]
async fn every_kind_is_taken_with_the_hash_that_was_signed() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let (market_index, index) = (MarketIndex::new(0).unwrap(), OrderIndex::new(1).unwrap());
    let change = ModifyOrder {
        market_index,
        index,
        base_amount: BaseAmount::new(1000).unwrap(),
        price: NonZero::new(2001).unwrap(),
        trigger_price: None,
    };
    let actions = [
        bench.order(TimeInForce::PostOnly),
        bench.order(TimeInForce::GoodTillTime),
        Action::ModifyOrder(change),
        Action::CancelOrder(CancelOrder { market_index, index }),
        CANCEL_ALL,
    ];
    for (number, action) in (1..).zip(actions) {
        let signed = bench.sign(&signer, nonce(number), action);
        let sent = bench.client.send_tx(&signed).await.unwrap();
        assert_eq!(sent.tx_hash, signed.tx_hash_hex(bench.client.chain_id()), "{action:?}");
        assert!(sent.predicted_execution.is_some());
    }
    let batch: Vec<_> = (6..).zip(actions).map(|(number, action)| bench.sign(&signer, nonce(number), action)).collect();
    let sent = bench.client.send_tx_batch(&batch).await.unwrap();
    let hashes: Vec<_> = batch.iter().map(|signed| signed.tx_hash_hex(bench.client.chain_id())).collect();
    assert_eq!(sent.tx_hash, hashes);
    assert_eq!(next_nonce(&bench, &signer).await, 11);
}

#[tokio::test]
async fn the_lowest_and_the_highest_slot_take_a_key() {
    let bench = Bench::new().await;
    for index in [0, 3, 254] {
        let signer = bench.register(main_account(), slot(index)).await;
        bench.client.account_limits(main_account(), &bench.token(&signer)).await.unwrap();
    }
    assert_eq!(bench.client.api_keys(main_account(), None).await.unwrap().len(), 3);
}

#[tokio::test]
async fn of_equal_transactions_one_is_taken() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let signed = bench.cancel_all(&signer, 1);
    let mut posts = JoinSet::new();
    for _ in 0..8 {
        let client = bench.client.clone();
        posts.spawn(async move { client.send_tx(&signed).await });
    }
    let outcomes = posts.join_all().await;
    let (taken, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    assert!(refused.into_iter().all(|outcome| outcome.unwrap_err().is_invalid_nonce()));
    assert_eq!(next_nonce(&bench, &signer).await, 2);
}

#[tokio::test]
async fn a_skip_leaves_a_gap_does_not_go_back_and_ends_below_its_bound() {
    const BOUND: u64 = (1 << 47) - 1;
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let skip = |number| bench.sign_with(Attributes::SKIP_NONCE, &signer, nonce(number), CANCEL_ALL);
    for number in [1, 10, 1_795_219_200_000] {
        bench.client.send_tx(&skip(number)).await.unwrap();
        assert_eq!(next_nonce(&bench, &signer).await, number + 1);
    }
    for number in [11, BOUND] {
        assert!(bench.client.send_tx(&skip(number)).await.unwrap_err().is_invalid_nonce(), "{number}");
    }
    bench.client.send_tx(&skip(BOUND - 1)).await.unwrap();
    assert_eq!(code(bench.client.send_tx(&skip(BOUND)).await), 21104);
    // By one and one it goes on.
    for number in [BOUND, BOUND + 1] {
        bench.send_cancel_all(&signer, number).await.unwrap();
    }
    assert!(bench.send_cancel_all(&signer, Nonce::MAX.as_u64()).await.unwrap_err().is_invalid_nonce());
}

#[tokio::test]
async fn a_registration_may_skip_too() {
    let bench = Bench::new().await;
    let signer = stranger(main_account(), slot(253));
    let action = Action::ChangePubKey(ChangePubKey { public_key: *signer.verifying_key() });
    let signed = bench.sign_with(Attributes::SKIP_NONCE, &signer, nonce(100), action);
    let l1_message = signed.transaction().l1_message().unwrap();
    bench.client.send_tx(&signed.with_l1_signature(bench.owner.sign_message(&l1_message))).await.unwrap();
    assert_eq!(next_nonce(&bench, &signer).await, 101);
    bench.send_cancel_all(&signer, 101).await.unwrap();
}

#[tokio::test]
async fn one_bad_transaction_refuses_the_whole_batch() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let mut batch = [1, 2, 3].map(|number| bench.cancel_all(&signer, number)).to_vec();
    let good = batch.clone();
    batch[1] = bench.cancel_all(&stranger(main_account(), slot(253)), 2);
    assert_eq!(code(bench.client.send_tx_batch(&batch).await), 21120);
    assert_eq!(next_nonce(&bench, &signer).await, 1);
    bench.client.send_tx_batch(&good).await.unwrap();
    assert_eq!(code(bench.client.send_tx_batch(&[]).await), 20001);
}

#[tokio::test]
async fn a_key_change_that_may_not_be_leaves_no_trace() {
    let bench = Bench::of_the_sdk().await;
    let change = |signer: &TokenSigner, chain: ChainId, owner: &EthereumKey| -> SignedTransaction {
        let action = Action::ChangePubKey(ChangePubKey { public_key: *signer.verifying_key() });
        let (account, slot) = (signer.account_index(), signer.api_key_index());
        let expired_at = keyward_lighter::Clock::now_millis(&*bench.clock).saturating_add_millis(600_000);
        let unsigned = Transaction::new(account, slot, Nonce::ZERO, expired_at, Attributes::NONE, action).unwrap();
        let l1_signature = owner.sign_message(&unsigned.l1_message().unwrap());
        unsigned.sign(chain, signer.signing_key(), &mut SysRng).unwrap().with_l1_signature(l1_signature)
    };
    let other_owner = EthereumKey::parse(SDK_OWNER).unwrap();
    for (index, chain, owner, expected) in [
        (999, ChainId::MAINNET, &bench.owner, 21100),
        // Without collateral.
        (281_474_976_710_603, ChainId::MAINNET, &bench.owner, 21126),
        // The insurance fund.
        (281_474_976_710_601, ChainId::MAINNET, &bench.owner, 21511),
        (6, ChainId::TESTNET, &bench.owner, 21120),
        (6, ChainId::MAINNET, &other_owner, 21504),
    ] {
        let signer = stranger(account(index), slot(253));
        assert_eq!(code(bench.client.send_tx(&change(&signer, chain, owner)).await), expected, "account {index}");
        assert_eq!(next_nonce(&bench, &signer).await, 0);
        assert!(bench.client.public_key(account(index), slot(253)).await.unwrap().is_none());
    }
    let signer = stranger(account(6), slot(253));
    bench.client.send_tx(&change(&signer, ChainId::MAINNET, &bench.owner)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_and_many_tasks_share_one_client() {
    let bench = Bench::new().await;
    let mut posts = JoinSet::new();
    let mut signers = Vec::new();
    for account in [main_account(), sub_account()] {
        let signer = bench.register(account, slot(4)).await;
        // In any order: each is sent again until its turn has come.
        for number in 1..=20 {
            let (client, signed) = (bench.client.clone(), bench.cancel_all(&signer, number));
            posts.spawn(async move {
                loop {
                    match client.send_tx(&signed).await {
                        Ok(sent) => break sent.tx_hash,
                        Err(error) => assert!(error.is_invalid_nonce(), "{error:?}"),
                    }
                }
            });
        }
        signers.push(signer);
    }
    assert_eq!(posts.join_all().await.len(), 40);
    for signer in &signers {
        assert_eq!(next_nonce(&bench, signer).await, 21);
    }
}

/// The clock of the runtime stands still but for waits.
#[tokio::test(start_paused = true)]
async fn a_limit_to_the_rate_of_requests_is_kept_to() {
    let bench = Bench::with_rate_limit().await;
    for _ in 0..60 {
        bench.client.next_nonce(main_account(), slot(4)).await.unwrap();
    }
    let error = bench.client.next_nonce(main_account(), slot(4)).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_certain_refusal());
    let wait = error.retry_after().expect("the venue says when");
    assert_eq!(code::<()>(Err(error)), 23000);
    tokio::time::sleep(wait).await;
    bench.client.next_nonce(main_account(), slot(4)).await.unwrap();
}
