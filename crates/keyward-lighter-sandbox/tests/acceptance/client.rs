//! This project's client goes through what the SDK goes through in `tests/sdk`.

use keyward_lighter::{
    AccountIndex, Action, ApiCode, ApiKeyIndex, Attributes, CancelOrder, ChainId, ChangePubKey, Clock, EthereumKey,
    MarketIndex, Nonce, OrderIndex, SigningKey, SubAccountAccess, SysRng, SystemClock, TokenSigner, Transaction,
};
use keyward_lighter_client::{Client, ClientError, NewReadOnlyToken, StreamError, TokenSource};
use keyward_lighter_sandbox::{NotFoundStatus, RateLimit, Seed, SeedAccount, VenueSettings};
use keyward_nonce::NonceState;

use crate::sandbox::{OWNER, start, start_seeded, start_with};

const DAY: u64 = 24 * 60 * 60;

fn owner() -> EthereumKey {
    EthereumKey::parse(OWNER).expect("a key")
}

fn slot(number: u8) -> ApiKeyIndex {
    ApiKeyIndex::new(number).expect("a slot")
}

fn new_signer(account: AccountIndex, slot: ApiKeyIndex) -> TokenSigner {
    TokenSigner::new(SigningKey::generate(&mut SysRng).expect("randomness"), account, slot)
}

fn transaction(signer: &TokenSigner, nonce: u64, action: Action) -> Transaction {
    let in_10_minutes = SystemClock.now_millis().saturating_add_millis(600_000);
    let nonce = Nonce::new(nonce).expect("a nonce");
    let (account, slot) = (signer.account_index(), signer.api_key_index());
    Transaction::new(account, slot, nonce, in_10_minutes, Attributes::NONE, action).expect("a transaction")
}

fn cancel() -> Action {
    Action::CancelOrder(CancelOrder {
        market_index: MarketIndex::new(0).expect("a market"),
        index: OrderIndex::new(1).expect("an order"),
    })
}

/// Puts the signer's key into its slot.
async fn register(client: &Client, signer: &TokenSigner, nonce: u64) -> Result<(), ClientError> {
    let change = transaction(signer, nonce, Action::ChangePubKey(ChangePubKey { public_key: *signer.verifying_key() }));
    let text = change.l1_message().expect("a change of keys has a text");
    let signed = change.sign(client.chain_id(), signer.signing_key(), &mut SysRng).expect("randomness");
    let sent = client.send_tx(&signed.with_l1_signature(owner().sign_message(&text))).await?;
    assert_eq!(sent.tx_hash, signed.tx_hash_hex(client.chain_id()));
    Ok(())
}

#[tokio::test]
async fn the_life_of_a_key() {
    let client = Client::new(&start().await).expect("a client");
    assert_eq!(client.status().await.expect("a status").status, 1);
    client.contract_address().await.expect("an address");

    let accounts = client.accounts_by_l1_address(&owner().address()).await.expect("accounts");
    let indices: Vec<u64> = accounts.iter().map(|account| account.index.as_u64()).collect();
    assert_eq!(indices, [5, 281_474_976_710_654]);

    let mut sources = Vec::new();
    for account in accounts {
        assert_eq!(client.account(account.index).await.expect("an account"), account);
        let signer = new_signer(account.index, slot(253));
        let unknown = client.api_keys(account.index, Some(slot(253))).await.expect_err("no key yet");
        assert!(unknown.is_not_found(), "{unknown}");
        assert_eq!(client.next_nonce(account.index, slot(253)).await.expect("a nonce"), NonceState::NEW);
        register(&client, &signer, 0).await.expect("a new key");

        let keys = client.api_keys(account.index, None).await.expect("keys");
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].public_key.as_ref(), Some(signer.verifying_key()));
        assert_eq!(keys[0].nonce, NonceState::new(1).expect("a nonce"));

        let sign = |nonce| {
            let cancel = transaction(&signer, nonce, cancel());
            cancel.sign(client.chain_id(), signer.signing_key(), &mut SysRng).expect("randomness")
        };
        client.send_tx(&sign(1)).await.expect("an order");
        let batch = [sign(2), sign(3), sign(4)];
        let sent = client.send_tx_batch(&batch).await.expect("a batch");
        assert_eq!(sent.tx_hash, batch.map(|signed| signed.tx_hash_hex(client.chain_id())));
        let repeated = client.send_tx(&sign(4)).await.expect_err("a nonce twice");
        assert!(repeated.is_invalid_nonce() && repeated.is_certain_refusal(), "{repeated}");

        let source = TokenSource::from_signer(signer, SystemClock);
        client.account_limits(account.index, &source).await.expect("a gated read");
        sources.push((account.index, source));
    }

    let (main, source) = &sources[0];
    let (sub, _) = &sources[1];
    let foreign = client.account_limits(*sub, source).await.expect_err("another account's token");
    assert!(foreign.is_invalid_auth(), "{foreign}");

    let new = NewReadOnlyToken {
        account_index: *main,
        name: "dashboard",
        expiry: SystemClock.now().saturating_add_secs(2 * DAY),
        sub_account_access: SubAccountAccess::All,
    };
    let read_only = client.create_token(new, source).await.expect("a read-only token");
    for account in [*main, *sub] {
        client.account_limits(account, &read_only).await.expect("a gated read");
    }
    let forbidden = client.create_token(new, &read_only).await.expect_err("made by a read-only token");
    assert!(forbidden.is_invalid_auth(), "{forbidden}");

    client.set_maker_only_api_keys(*main, &[slot(4), slot(5)], source).await.expect("a list");
    assert_eq!(client.maker_only_api_keys(*main, source).await.expect("a list"), [slot(4), slot(5)]);
    let too_soon = client.set_maker_only_api_keys(*main, &[], source).await.expect_err("twice in an hour");
    assert!(too_soon.is_rate_limited(), "{too_soon}");

    // The key is rotated: its tokens end, the nonce goes on, the read-only token stays until it is revoked.
    let old_token = source.token().expect("a token");
    let signer = new_signer(*main, slot(253));
    register(&client, &signer, 5).await.expect("a rotation");
    let dead = client.account_limits(*main, &*old_token).await.expect_err("the token of the old key");
    assert!(dead.is_invalid_auth(), "{dead}");
    let source = TokenSource::from_signer(signer, SystemClock);
    let listed = client.tokens(*main, &source).await.expect("tokens");
    assert_eq!(listed.iter().map(|record| record.token_id).collect::<Vec<_>>(), [read_only.record().token_id]);
    client.account_limits(*main, &read_only).await.expect("it survives");
    client.revoke_token(*main, read_only.record().token_id, &source).await.expect("revoked");
    let revoked = client.account_limits(*main, &read_only).await.expect_err("it is revoked");
    assert!(revoked.is_invalid_auth(), "{revoked}");
}

#[tokio::test]
async fn a_stream_takes_tokens_and_survives_refusals() {
    let client = Client::new(&start().await).expect("a client");
    let account = AccountIndex::new(5).expect("an account");
    let signer = new_signer(account, slot(253));
    register(&client, &signer, 0).await.expect("a new key");
    let source = TokenSource::from_signer(signer, SystemClock);

    let mut stream = client.stream().await.expect("a stream");
    let refused = stream.subscribe("account_all_orders/5", None).await.expect_err("no token");
    assert!(matches!(refused, StreamError::Refused { code: ApiCode::INVALID_PARAM, .. }), "{refused}");
    let refused = stream.subscribe("account_all_orders/281474976710654", Some((&source).into())).await;
    let refused = refused.expect_err("another account's token");
    assert!(matches!(refused, StreamError::Refused { code: ApiCode::INVALID_AUTH, .. }), "{refused}");
    let subscribed = stream.subscribe("account_all_orders/5", Some((&source).into())).await.expect("a subscription");
    assert_eq!(subscribed.channel(), Some("account_all_orders:5"));
    stream.close().await.expect("an end");
}

fn owners_account_0() -> Seed {
    let account = SeedAccount { index: AccountIndex::new(0).ok(), ..SeedAccount::new(owner().address()) };
    Seed::new([account]).expect("a seed")
}

/// The official signer refuses this account; the exchange has it, and so does the documentation's example config.
#[tokio::test]
async fn account_0_is_an_account_like_any_other() {
    let client = Client::new(&start_seeded(owners_account_0()).await).expect("a client");
    let account = AccountIndex::new(0).expect("an account");
    let signer = new_signer(account, slot(253));
    register(&client, &signer, 0).await.expect("a new key");
    client.account_limits(account, &TokenSource::from_signer(signer, SystemClock)).await.expect("a gated read");
}

#[tokio::test]
async fn transactions_are_for_one_chain() {
    let settings = VenueSettings { chain_id: ChainId::TESTNET, ..VenueSettings::default() };
    let url = start_with(settings, RateLimit::Off).await;
    let signer = new_signer(AccountIndex::new(5).expect("an account"), slot(253));
    let of_main = Client::new(&url).expect("a client");
    let refused = register(&of_main, &signer, 0).await.expect_err("signed for another chain");
    assert_eq!(refused.code(), Some(ApiCode::INVALID_SIGNATURE), "{refused}");
    let of_test = Client::builder(&url).chain_id(ChainId::TESTNET).build().expect("a client");
    register(&of_test, &signer, 0).await.expect("a new key");
}

#[tokio::test]
async fn not_found_is_told_by_the_code_whatever_the_http_status() {
    for not_found_status in [NotFoundStatus::BadRequest, NotFoundStatus::Ok] {
        let settings = VenueSettings { not_found_status, ..VenueSettings::default() };
        let client = Client::new(&start_with(settings, RateLimit::Off).await).expect("a client");
        let stranger = EthereumKey::parse(&format!("0x{}", "33".repeat(32))).expect("a key");
        let nobody = AccountIndex::new(999).expect("an account");
        let errors = [
            client.accounts_by_l1_address(&stranger.address()).await.expect_err("no accounts"),
            client.account(nobody).await.expect_err("no account"),
            client.api_keys(nobody, None).await.expect_err("no keys"),
        ];
        for error in errors {
            assert!(error.is_not_found(), "{not_found_status:?}: {error}");
        }
    }
}
