//! How far a token reaches: to the second, the account and the thing done, as the official SDK's cases have it.

use keyward_lighter::{
    AccountIndex, Action, AuthToken, ChangePubKey, EthereumKey, Nonce, ReadOnlyToken, SubAccountAccess, SysRng,
    TimeInForce, TokenSigner, UnixMillis, UnixSeconds,
};
use keyward_lighter_client::{ClientError, IssuedToken, NewReadOnlyToken};
use keyward_lighter_sandbox::ClockSetting;

use crate::bench::{Bench, SDK_OWNER, account, code, main_account, slot, stranger, sub_account};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Any instant will do.
const NOW: u64 = 1_900_800_000;

fn secs(secs: u64) -> UnixSeconds {
    UnixSeconds::new(secs).unwrap()
}

impl Bench {
    fn stop_clock_at(&self, instant: u64) {
        self.clock.set(ClockSetting::Fixed(UnixMillis::from(secs(instant))));
    }

    async fn create(
        &self,
        signer: &TokenSigner,
        expiry: UnixSeconds,
        sub_account_access: SubAccountAccess,
    ) -> Result<IssuedToken, ClientError> {
        let new = NewReadOnlyToken { account_index: signer.account_index(), name: "reach", expiry, sub_account_access };
        self.client.create_token(new, &self.token(signer)).await
    }
}

#[tokio::test]
async fn a_token_is_taken_from_eight_hours_before_its_deadline_until_the_second_before_it() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = signer.sign(secs(NOW + AuthToken::MAX_LIFETIME_SECS), &mut SysRng).unwrap();
    for (instant, refusal) in [
        (NOW - 4 * HOUR, Some("invalid auth: invalid deadline")),
        (NOW - 1, Some("invalid auth: invalid deadline")),
        (NOW, None),
        (NOW + 8 * HOUR - 1, None),
        (NOW + 8 * HOUR, Some("invalid auth: expired token")),
    ] {
        bench.stop_clock_at(instant);
        let outcome = bench.client.account_limits(main_account(), &token).await;
        let found = outcome.as_ref().err().map(|error| error.refusal().unwrap().message.as_str());
        assert_eq!(found, refusal, "{instant}");
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_or_is_none_opens_nothing() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    let token = bench.token(&signer);
    let [deadline, account, index, signature] =
        <[_; 4]>::try_from(token.expose_secret().split(':').collect::<Vec<_>>()).unwrap();
    let later = deadline.parse::<u64>().unwrap() + 1;
    let flipped = format!("{}{}", if signature.starts_with('0') { '1' } else { '0' }, &signature[1..]);
    for (text, refusal) in [
        (format!("{later}:{account}:{index}:{signature}"), "invalid signature"),
        (format!("{deadline}:{account}:{index}:{flipped}"), "invalid signature"),
        (format!("{deadline}:{account}:{index}"), "invalid auth string"),
        (format!("{deadline}:{account}:{index}:{signature}:"), "invalid auth string"),
        (format!("Bearer {deadline}:{account}:{index}:{signature}"), "invalid auth string"),
        (format!("+{deadline}:{account}:{index}:{signature}"), "invalid auth string"),
        (format!("0{deadline}:{account}:{index}:{signature}"), "invalid auth string"),
        (format!("{deadline}:{account}:255:{signature}"), "invalid auth string"),
        (format!("{deadline}:{account}:{index}:{}", &signature[2..]), "invalid auth string"),
        (format!("{deadline}:{account}:{index}:{}", signature.to_uppercase()), "invalid auth string"),
        (format!("{deadline}:{account}:{index}:{}", "g".repeat(160)), "invalid auth string"),
        (bench.token(&stranger(main_account(), slot(7))).expose_secret().to_owned(), "api key not found"),
    ] {
        let error = bench.client.account_limits(main_account(), &text).await.unwrap_err();
        assert!(error.is_invalid_auth());
        assert_eq!(error.refusal().unwrap().message, format!("invalid auth: {refusal}"));
    }
    // Without a token a read lacks a parameter, and a write is not allowed.
    assert_eq!(code(bench.client.tokens(main_account(), "").await), 20001);
    assert_eq!(code(bench.client.change_account_tier(main_account(), "premium", "").await), 20013);
    assert_eq!(code(bench.client.revoke_token(main_account(), 1, "").await), 20013);
}

#[tokio::test]
async fn a_read_only_token_reads_its_accounts_and_changes_nothing() {
    let bench = Bench::of_the_sdk().await;
    // 5 has a sub-account, 6 is another owner's.
    let owner = Bench {
        client: bench.client.clone(),
        clock: bench.clock.clone(),
        owner: EthereumKey::parse(SDK_OWNER).unwrap(),
    };
    let (main, sub, other) = (account(5), sub_account(), account(6));
    let main_key = owner.register(main, slot(253)).await;
    let sub_key = owner.register(sub, slot(253)).await;
    let other_key = bench.register(other, slot(253)).await;
    let expiry = secs(NOW + 2 * DAY);
    bench.stop_clock_at(NOW);
    for (signer, access, reach) in [
        (&main_key, SubAccountAccess::Single, &[main][..]),
        (&main_key, SubAccountAccess::All, &[main, sub]),
        (&sub_key, SubAccountAccess::All, &[sub]),
        (&other_key, SubAccountAccess::All, &[other]),
    ] {
        let issued = bench.create(signer, expiry, access).await.unwrap();
        for read in [main, sub, other] {
            let outcome = bench.client.account_limits(read, &issued).await;
            assert_eq!(outcome.is_ok(), reach.contains(&read), "{issued:?} reads {read}: {outcome:?}");
        }
        let own = issued.record().account_index;
        let new = NewReadOnlyToken { account_index: own, name: "more", expiry, sub_account_access: access };
        assert_eq!(code(bench.client.create_token(new, &issued).await), 20013);
        assert_eq!(code(bench.client.revoke_token(own, issued.record().token_id, &issued).await), 20013);
        assert_eq!(code(bench.client.set_maker_only_api_keys(own, &[slot(4)], &issued).await), 20013);
        assert_eq!(code(bench.client.change_account_tier(own, "standard", &issued).await), 20013);
        let forged = issued.expose_secret().replace(":single:", ":all:");
        let forged = if forged == issued.expose_secret() { forged.replace(":all:", ":single:") } else { forged };
        assert_eq!(code(bench.client.account_limits(own, &forged).await), 20013);
        bench.client.account_limits(own, &issued).await.unwrap();
    }
    // Nor does another account's key end it.
    let issued = bench.create(&main_key, expiry, SubAccountAccess::Single).await.unwrap();
    let revoked = bench.client.revoke_token(other, issued.record().token_id, &bench.token(&other_key)).await;
    assert_eq!(code(revoked), 61005);
    assert_eq!(code(bench.client.tokens(main, &bench.token(&other_key)).await), 20013);
}

#[tokio::test]
async fn a_read_only_token_lasts_to_the_second_and_ten_are_the_most_that_live() {
    let bench = Bench::new().await;
    let signer = bench.register(main_account(), slot(253)).await;
    bench.stop_clock_at(NOW);
    let create = async |seconds| bench.create(&signer, secs(NOW + seconds), SubAccountAccess::Single).await;
    assert_eq!(code(create(ReadOnlyToken::MIN_LIFETIME_SECS - 1).await), 61001);
    assert_eq!(code(create(ReadOnlyToken::MAX_LIFETIME_SECS + 1).await), 61002);
    let longest = create(ReadOnlyToken::MAX_LIFETIME_SECS).await.unwrap();
    let shortest = create(ReadOnlyToken::MIN_LIFETIME_SECS).await.unwrap();
    for _ in 2..10 {
        create(DAY).await.unwrap();
    }
    assert_eq!(code(create(DAY).await), 61003);
    // One that is revoked makes room, and so do those that have expired.
    bench.client.revoke_token(main_account(), longest.record().token_id, &bench.token(&signer)).await.unwrap();
    let long = create(2 * DAY).await.unwrap();
    bench.stop_clock_at(NOW + DAY - 1);
    bench.client.account_limits(main_account(), &shortest).await.unwrap();
    bench.stop_clock_at(NOW + DAY);
    assert_eq!(code(bench.client.account_limits(main_account(), &shortest).await), 20013);
    bench.client.account_limits(main_account(), &long).await.unwrap();
    create(3 * DAY).await.unwrap();
}

#[tokio::test]
async fn a_maker_only_key_adds_and_takes_back_and_does_nothing_else() {
    let bench = Bench::new().await;
    let member = bench.register(main_account(), slot(253)).await;
    let free = bench.register(main_account(), slot(4)).await;
    bench.client.set_maker_only_api_keys(main_account(), &[slot(253)], &bench.token(&member)).await.unwrap();

    let nonce = |number| Nonce::new(number).unwrap();
    let taker = bench.order(TimeInForce::GoodTillTime);
    bench.client.send_tx(&bench.sign(&free, nonce(1), taker)).await.unwrap();
    bench.client.send_tx(&bench.sign(&member, nonce(1), bench.order(TimeInForce::PostOnly))).await.unwrap();
    bench.send_cancel_all(&member, 2).await.unwrap();
    assert_eq!(code(bench.client.send_tx(&bench.sign(&member, nonce(3), taker)).await), 21511);
    assert_eq!(
        code(bench.client.send_tx(&bench.registration(&stranger(main_account(), slot(253)), nonce(3))).await),
        21511
    );
    let signed =
        bench.sign(&member, nonce(3), Action::ChangePubKey(ChangePubKey { public_key: *free.verifying_key() }));
    assert!(bench.client.send_tx(&signed).await.unwrap_err().is_certain_refusal());
    bench.send_cancel_all(&member, 3).await.unwrap();
}

#[tokio::test]
async fn the_maker_only_list_is_a_premium_accounts_own_and_changed_once_an_hour() {
    let bench = Bench::of_the_sdk().await;
    let (premium, standard) = (account(6), account(281_474_976_710_602));
    let signer = bench.register(premium, slot(253)).await;
    let other = bench.register(standard, slot(253)).await;
    let set = async |account: AccountIndex, slots: &[u8], signer: &TokenSigner| {
        let slots: Vec<_> = slots.iter().map(|&index| slot(index)).collect();
        bench.client.set_maker_only_api_keys(account, &slots, &bench.token(signer)).await
    };
    bench.stop_clock_at(NOW);
    assert_eq!(code(set(standard, &[253], &other).await), 20001);
    assert_eq!(code(set(premium, &[253], &other).await), 20013);
    assert_eq!(code(bench.client.maker_only_api_keys(premium, &bench.token(&other)).await), 20013);
    let slots: Vec<u8> = (4..=204).collect();
    assert_eq!(code(set(premium, &slots, &signer).await), 20001);
    // What was refused does not count as a change.
    set(premium, &slots[..200], &signer).await.unwrap();
    assert_eq!(bench.client.maker_only_api_keys(premium, &bench.token(&signer)).await.unwrap().len(), 200);
    bench.stop_clock_at(NOW + HOUR);
    set(premium, &[], &signer).await.unwrap();
}
