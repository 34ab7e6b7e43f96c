//! Many tasks, one account: nothing is sent twice, nothing is left out.

use std::collections::HashSet;
use std::sync::Arc;

use keyward_lighter::{
    Action, ApiCode, Attributes, CancelAllOrders, ChangePubKey, SigningKey, SysRng, SystemClock, TokenSigner,
};
use keyward_lighter_client::{ClientError, SubmitError, Submitter};
use keyward_nonce::{NonceMode, SlotsError};
use tokio::task::JoinSet;

use crate::bench::{Bench, main_account, slot, sub_account};

const CANCEL: Action = Action::CancelAllOrders(CancelAllOrders::Immediate);

/// A copy of a signer's key: for another program that uses the same one.
fn copy(signer: &TokenSigner) -> TokenSigner {
    let key = SigningKey::from_bytes(&signer.signing_key().expose_secret()).unwrap();
    TokenSigner::new(key, signer.account_index(), signer.api_key_index())
}

async fn submitter(bench: &Bench, signers: Vec<TokenSigner>, mode: NonceMode) -> Arc<Submitter> {
    Arc::new(Submitter::new(bench.client.clone(), signers, mode, SystemClock).await.unwrap())
}

/// Submits `count` transactions at the same time, all of which must be taken, and returns their hashes.
async fn submit_all(submitters: &[Arc<Submitter>], count: usize) -> HashSet<String> {
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let submitter = Arc::clone(&submitters[index % submitters.len()]);
        tasks.spawn(async move { submitter.submit(CANCEL, Attributes::NONE).await.unwrap().tx_hash });
    }
    tasks.join_all().await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_transaction_of_many_tasks_is_taken_once_and_no_nonce_is_left_out() {
    let bench = Bench::new().await;
    let slots = [4, 5, 6];
    let mut signers = Vec::new();
    for index in slots {
        signers.push(bench.register(main_account(), slot(index)).await);
    }
    let submitter = submitter(&bench, signers, NonceMode::Sequential).await;
    assert_eq!(submit_all(&[submitter], 300).await.len(), 300);

    let mut used = 0;
    for index in slots {
        let next = bench.client.next_nonce(main_account(), slot(index)).await.unwrap().as_u64();
        assert!(next > 1, "every key had its turn");
        used += next - 1;
    }
    assert_eq!(used, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skipped_nonces_are_taken_too() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(4)).await;
    let submitter = submitter(&bench, vec![signer], NonceMode::Skip).await;
    assert_eq!(submit_all(&[submitter], 100).await.len(), 100);
    let next = bench.client.next_nonce(main_account(), slot(4)).await.unwrap().as_u64();
    assert!(next > 1_700_000_000_000, "{next} is a time in milliseconds");
}

#[tokio::test]
async fn another_program_with_the_same_key_costs_an_attempt_only() {
    let bench = Bench::new().await;
    for mode in [NonceMode::Sequential, NonceMode::Skip] {
        let signer = bench.register(main_account(), slot(4)).await;
        let ours = submitter(&bench, vec![copy(&signer)], mode).await;
        let theirs = submitter(&bench, vec![signer], mode).await;
        for _ in 0..10 {
            ours.submit(CANCEL, Attributes::NONE).await.unwrap();
            theirs.submit(CANCEL, Attributes::NONE).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_refused_transaction_leaves_its_nonce_to_the_next_one() {
    let bench = Bench::new().await;
    let old = bench.register(main_account(), slot(4)).await;
    let submitter = submitter(&bench, vec![copy(&old)], NonceMode::Sequential).await;
    // The key is replaced, and comes back.
    let new = bench.register(main_account(), slot(4)).await;
    drop(new);
    let error = submitter.submit(CANCEL, Attributes::NONE).await.unwrap_err();
    assert!(
        matches!(&error, SubmitError::Sent(error) if error.code() == Some(ApiCode::INVALID_SIGNATURE)),
        "{error:?}"
    );
    assert!(error.is_certain_refusal());
    let nonce = bench.client.next_nonce(main_account(), slot(4)).await.unwrap().next().unwrap();
    bench.client.send_tx(&bench.registration(&old, nonce)).await.unwrap();
    submitter.submit(CANCEL, Attributes::NONE).await.unwrap();
    assert_eq!(bench.client.next_nonce(main_account(), slot(4)).await.unwrap().as_u64(), 4);
}

#[tokio::test]
async fn what_makes_no_submitter_or_no_transaction_is_told() {
    let bench = Bench::new().await;
    let signer = |account, index| TokenSigner::new(SigningKey::generate(&mut SysRng).unwrap(), account, slot(index));
    let refused = async |signers| {
        Submitter::new(bench.client.clone(), signers, NonceMode::Sequential, SystemClock).await.unwrap_err()
    };
    assert!(matches!(refused(vec![]).await, SubmitError::Keys(SlotsError::Empty)));
    let twice = vec![signer(main_account(), 4), signer(main_account(), 4)];
    assert!(matches!(refused(twice).await, SubmitError::Keys(SlotsError::Repeated)));
    let several = vec![signer(main_account(), 4), signer(sub_account(), 4)];
    assert!(matches!(refused(several).await, SubmitError::SeveralAccounts));

    let registered = bench.register(main_account(), slot(4)).await;
    let change = Action::ChangePubKey(ChangePubKey { public_key: *registered.verifying_key() });
    let submitter = submitter(&bench, vec![registered], NonceMode::Sequential).await;
    assert!(matches!(submitter.submit(change, Attributes::NONE).await, Err(SubmitError::KeyChange)));
    assert_eq!(
        format!("{submitter:?}"),
        format!("Submitter {{ client: {:?}, account: AccountIndex(3), keys: 1, .. }}", bench.client)
    );
    let unknown = SubmitError::Sent(ClientError::Unknown(keyward_lighter_client::Failure::TimedOut));
    assert!(!unknown.is_certain_refusal());
}
