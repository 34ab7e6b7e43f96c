//! The code in `docs/guides/from-the-python-sdk.md` does what it says.
//!
//! Every block of Rust in the guide stands in this file, and every block of Python in the sandbox's `tests/sdk/guide.py`, where
//! the tests run them: that is what [`every_block_of_the_guide_is_run`] looks after.

use std::convert::Infallible;
use std::error::Error;

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, BaseAmount, CancelAllOrders, Clock, CreateOrder, MarketIndex,
    OrderExpiry, OrderFields, OrderIndex, OrderType, Side, SubAccountAccess, SysRng, SystemClock, TimeInForce,
    TokenSigner, Transaction, parse_private_key, private_key_text,
};
use keyward_lighter_client::{Client, NewReadOnlyToken, PendingKey, PendingKeys, Registration, Submitter, TokenSource};
use keyward_nonce::{NonceAllocator, NonceMode, NonceState};

use crate::bench::{Bench, main_account, slot};

/// Keeps keys no longer than the program lives: enough for a test, and for nothing else.
#[derive(Default)]
struct InMemory {
    pending: Option<PendingKey>,
    finished: Option<TokenSigner>,
}

impl PendingKeys for &mut InMemory {
    type Error = Infallible;

    fn load(&mut self, _: AccountIndex, _: ApiKeyIndex) -> Result<Option<PendingKey>, Infallible> {
        Ok(self.pending.take())
    }

    fn store(&mut self, _: &PendingKey) -> Result<(), Infallible> {
        Ok(())
    }

    fn finish(&mut self, key: PendingKey) -> Result<(), Infallible> {
        self.finished = Some(key.signer);
        Ok(())
    }
}

#[tokio::test]
async fn rust_of_the_guide() -> Result<(), Box<dyn Error>> {
    let Bench { client, owner, .. } = Bench::new().await;
    let (url, account, slot) = (client.base_url(), main_account(), slot(253));

    let mut kept = InMemory::default();
    let keys = &mut kept;
    let mut registration = Registration::new(&client, keys);
    let registered = registration.register(account, slot, &owner).await?;
    assert!(!registered.replaces_key);
    let signer = kept.finished.expect("a registered key");
    let private_key = private_key_text(signer.signing_key());
    let private_key = private_key.as_str();

    let client = Client::new(url)?;
    let account = client.accounts_by_l1_address(&owner.address()).await?[0].index;
    let signer = TokenSigner::new(parse_private_key(private_key)?, account, slot);
    let entries = client.api_keys(account, Some(slot)).await?;
    let is_in_force = entries[0].public_key.as_ref() == Some(signer.verifying_key());
    assert!(is_in_force);

    let token = signer.sign(SystemClock.now().saturating_add_secs(10 * 60), &mut SysRng)?;
    let limits = client.account_limits(account, &token).await?;
    assert_eq!(limits.user_tier, "premium");

    let tokens = TokenSource::from_signer(signer, SystemClock);
    let limits = client.account_limits(account, &tokens).await?;
    assert_eq!(limits.user_tier, "premium");

    let signer = TokenSigner::new(parse_private_key(private_key)?, account, slot);
    let submitter = Submitter::new(client.clone(), vec![signer], NonceMode::Sequential, SystemClock).await?;
    let in_28_days = SystemClock.now_millis().saturating_add_millis(28 * 24 * 60 * 60 * 1000);
    let order = CreateOrder::new(OrderFields {
        market_index: MarketIndex::new(0)?,
        client_order_index: Some(OrderIndex::new(1)?),
        base_amount: BaseAmount::new(1_000)?,
        price: 405_000.try_into()?,
        side: Side::Ask,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::PostOnly,
        reduce_only: false,
        trigger_price: None,
        order_expiry: Some(OrderExpiry::new(in_28_days)?),
    })?;
    let sent = submitter.submit(Action::CreateOrder(order), Attributes::NONE).await?;
    assert_eq!(sent.tx_hash.len(), 80);

    let key = parse_private_key(private_key)?;
    let nonces = NonceAllocator::new([(slot, client.next_nonce(account, slot).await?)], NonceMode::Sequential)?;
    let action = Action::CancelAllOrders(CancelAllOrders::Immediate);
    let now = SystemClock.now_millis();
    let lease = nonces.allocate(now)?;
    let expires = now.saturating_add_millis(10 * 60 * 1000);
    let transaction = Transaction::new(account, lease.api_key(), lease.nonce(), expires, Attributes::NONE, action)?;
    match client.send_tx(&transaction.sign(client.chain_id(), &key, &mut SysRng)?).await {
        Ok(_) => lease.accepted(),
        Err(error) if error.is_invalid_nonce() => lease.refused_invalid_nonce(),
        Err(error) if error.is_certain_refusal() => lease.refused(),
        Err(_) => lease.unknown(),
    }
    assert_eq!(client.next_nonce(account, slot).await?, NonceState::new(3)?);

    nonces.allocate(now)?.unknown();
    assert_eq!(nonces.stale_slots(), [slot]);
    for slot in nonces.stale_slots() {
        let resync = nonces.begin_resync(slot)?;
        resync.finish(client.next_nonce(account, slot).await?);
    }
    assert_eq!(nonces.stale_slots(), []);

    let new = NewReadOnlyToken {
        account_index: account,
        name: "dashboard",
        expiry: SystemClock.now().saturating_add_secs(30 * 24 * 60 * 60),
        sub_account_access: SubAccountAccess::Single,
    };
    let made = client.create_token(new, &tokens).await?;
    let listed = client.tokens(account, &tokens).await?;
    let limits = client.account_limits(account, &made).await?;
    client.revoke_token(account, made.record().token_id, &tokens).await?;
    assert_eq!((listed.len(), limits.user_tier.as_str()), (1, "premium"));

    client.set_maker_only_api_keys(account, &[slot], &tokens).await?;
    let listed = client.maker_only_api_keys(account, &tokens).await?;
    assert_eq!(listed, [slot]);

    let mut stream = client.stream().await?;
    let message = stream.subscribe(&format!("account_all_orders/{account}"), Some((&tokens).into())).await?;
    assert_eq!(message.kind(), "subscribed/account_all_orders");
    Ok(())
}

const PYTHON: &str = include_str!("../../../keyward-lighter-sandbox/tests/sdk/guide.py");

#[test]
fn every_block_of_the_guide_is_run() {
    let guide = include_str!("../../../../docs/guides/from-the-python-sdk.md");
    for (language, run) in [("rust", include_str!("guide.rs")), ("python", PYTHON)] {
        let run = without_space(run);
        let opening = format!("```{language}\n");
        let blocks: Vec<_> =
            guide.split(&opening).skip(1).map(|rest| rest.split_once("```").expect("an end").0).collect();
        assert!(blocks.len() >= 7, "{language}: {} blocks", blocks.len());
        for block in blocks {
            assert!(run.contains(&without_space(block)), "not run: {block}");
        }
    }
}

/// How lines are broken and indented differs from place to place.
fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}
