//! Links and wallets.

use keyward_apikey::{
    Activation, ApiKey, AuthLink, KeyAction, KeyOutcome, KeyStatus, LinkLifetime, LinkState, NewLink, Rejection,
};

use crate::fixtures::{Case, DAY, MINUTE, at, key_id, link, link_digest, new_key, wallet};

fn bind(link: u64, wallet_number: u64) -> KeyAction {
    KeyAction::Bind { link: link_digest(link), wallet: wallet(wallet_number) }
}

fn add(link: u64, wallet_number: u64) -> KeyAction {
    KeyAction::AddWallet { key: key_id(1), link: link_digest(link), wallet: wallet(wallet_number) }
}

fn create_link(number: u64) -> KeyAction {
    KeyAction::CreateLink { key: key_id(1), link: link(number) }
}

fn unbind(number: u64) -> KeyAction {
    KeyAction::UnbindWallet { key: key_id(1), wallet: wallet(number) }
}

fn wrong(number: u64) -> KeyAction {
    KeyAction::RecordWrongSignature { link: link_digest(number) }
}

fn addresses(key: &ApiKey) -> Vec<&str> {
    key.wallets().iter().map(|wallet| wallet.address.as_str()).collect()
}

#[test]
fn a_link_binds_once() {
    let mut case = Case::pending();
    assert_eq!(case.key.status(), KeyStatus::Pending);
    assert_eq!(case.done(bind(1, 1), 5), KeyOutcome::WalletBound);
    assert_eq!(case.key.status(), KeyStatus::Active);
    assert_eq!((addresses(&case.key), case.key.wallets()[0].bound_at), (vec!["wallet1"], at(5)));
    assert_eq!(case.key.link().map(AuthLink::state), Some(LinkState::Used));
    assert_eq!(case.rejection(bind(1, 1), 6), Rejection::LinkUsed);
    assert_eq!(case.rejection(bind(1, 2), 6), Rejection::LinkUsed);
    assert_eq!(case.rejection(add(1, 2), 6), Rejection::LinkUsed);
    assert_eq!(case.rejection(wrong(1), 6), Rejection::LinkUsed);
}

#[test]
fn a_link_is_open_until_its_last_millisecond() {
    let case = Case::pending();
    let end = 15 * MINUTE;
    assert_eq!(case.key.link().map(|link| (link.created_at(), link.expires_at())), Some((at(0), at(end))));
    assert_eq!(case.clone().done(bind(1, 1), end - 1), KeyOutcome::WalletBound);
    for action in [bind(1, 1), wrong(1)] {
        assert_eq!(case.rejection(action, end), Rejection::LinkExpired);
    }
    assert_eq!(case.rejection(bind(1, 1), u64::MAX >> 12), Rejection::LinkExpired);
}

#[test]
fn links_live_a_minute_to_a_day() {
    assert!(LinkLifetime::from_minutes(0).is_err() && LinkLifetime::from_minutes(1441).is_err());
    let mut case = Case::pending();
    for minutes in [1, 1440] {
        let lifetime = LinkLifetime::from_minutes(minutes).unwrap();
        assert_eq!(lifetime.as_minutes(), minutes);
        let link = NewLink { lifetime, ..link(10 + u64::from(minutes)) };
        let outcome = case.done(KeyAction::CreateLink { key: key_id(1), link }, 7);
        assert_eq!(outcome, KeyOutcome::LinkCreated { expires_at: at(7 + u64::from(minutes) * MINUTE) });
    }
}

#[test]
fn a_new_link_voids_the_one_before() {
    let mut case = Case::pending();
    case.done(create_link(2), 1);
    assert_eq!(case.rejection(bind(1, 1), 2), Rejection::LinkVoid);
    assert_eq!(case.rejection(wrong(1), 2), Rejection::LinkVoid);
    case.done(create_link(3), 2);
    assert_eq!(case.rejection(bind(2, 1), 3), Rejection::LinkVoid);
    assert_eq!(case.rejection(create_link(3), 3), Rejection::LinkTaken);
    assert_eq!(case.done(bind(3, 1), 3), KeyOutcome::WalletBound);
}

#[test]
fn the_eleventh_wrong_signature_burns_a_link() {
    let mut case = Case::pending();
    for left in (0..10).rev() {
        assert_eq!(case.done(wrong(1), 1), KeyOutcome::WrongSignatureRecorded { left });
        // Any of ten can be followed by the right one.
        assert_eq!(case.clone().done(bind(1, 1), 2), KeyOutcome::WalletBound);
    }
    assert_eq!(case.done(wrong(1), 1), KeyOutcome::LinkBurned);
    assert_eq!(case.key.link().map(|link| (link.state(), link.wrong_signatures())), Some((LinkState::Void, 10)));
    assert_eq!(case.rejection(bind(1, 1), 2), Rejection::LinkVoid);
    assert_eq!(case.rejection(wrong(1), 2), Rejection::LinkVoid);
    // The key is as it was, and the next link counts from nothing.
    case.done(create_link(2), 3);
    assert_eq!(case.done(wrong(2), 3), KeyOutcome::WrongSignatureRecorded { left: 9 });
}

#[test]
fn only_the_first_wallet_is_bound_without_the_owner() {
    let mut case = Case::bound();
    case.done(create_link(2), 2);
    assert_eq!(case.rejection(bind(2, 2), 3), Rejection::AlreadyBound);
    assert_eq!(case.rejection(add(2, 1), 3), Rejection::WalletAlreadyBound);
    assert_eq!(case.done(add(2, 2), 3), KeyOutcome::WalletBound);
    assert_eq!(addresses(&case.key), ["wallet1", "wallet2"]);
    assert_eq!(case.rejection(add(2, 3), 4), Rejection::LinkUsed);
}

#[test]
fn the_first_wallet_is_not_added() {
    assert_eq!(Case::pending().rejection(add(1, 1), 1), Rejection::Pending);
}

#[test]
fn a_key_without_its_last_wallet_is_pending() {
    let mut case = Case::bound();
    case.done(create_link(2), 2);
    case.done(add(2, 2), 2);
    assert_eq!(case.rejection(unbind(3), 3), Rejection::WalletNotBound);
    assert_eq!(case.done(unbind(1), 3), KeyOutcome::WalletUnbound { left: 1 });
    assert_eq!((case.key.status(), addresses(&case.key)), (KeyStatus::Active, vec!["wallet2"]));
    assert_eq!(case.done(unbind(2), 3), KeyOutcome::WalletUnbound { left: 0 });
    assert_eq!(case.key.status(), KeyStatus::Pending);
    // The used link stays used.
    assert_eq!(case.rejection(bind(2, 1), 4), Rejection::LinkUsed);
    case.done(create_link(3), 4);
    case.done(bind(3, 3), 4);
    assert_eq!(case.key.status(), KeyStatus::Active);
}

#[test]
fn a_prepaid_key_is_active_with_wallets_and_without() {
    let mut case = Case::new(new_key(1, Activation::AtOnce), 0);
    assert_eq!(case.key.status(), KeyStatus::Active);
    case.done(create_link(1), 1);
    case.done(bind(1, 1), 1);
    assert_eq!(case.done(unbind(1), 2), KeyOutcome::WalletUnbound { left: 0 });
    assert_eq!(case.key.status(), KeyStatus::Active);
    // Its owner may add the first one, too.
    case.done(create_link(2), 3);
    assert_eq!(case.done(add(2, 1), 3), KeyOutcome::WalletBound);
}

#[test]
fn wallets_are_bounded() {
    let mut case = Case::bound();
    for number in 2..=16 {
        case.done(create_link(number), number);
        case.done(add(number, number), number);
    }
    case.done(create_link(17), 17);
    assert_eq!(case.key.wallets().len(), ApiKey::MAX_WALLETS);
    assert_eq!(case.rejection(add(17, 17), 17), Rejection::TooManyWallets);
}

#[test]
fn an_expired_key_gets_no_link_and_no_wallet() {
    let mut new = new_key(1, Activation::ByWallet);
    (new.link, new.expires_at) = (Some(link(1)), Some(at(MINUTE)));
    let case = Case::new(new, 0);
    assert_eq!(case.clone().done(bind(1, 1), MINUTE - 1), KeyOutcome::WalletBound);
    let expired = Rejection::Expired { at: at(MINUTE) };
    assert_eq!(case.rejection(bind(1, 1), MINUTE), expired);
    assert_eq!(case.rejection(create_link(2), DAY), expired);
}

#[test]
fn a_link_leads_nowhere_without_a_key() {
    use keyward_apikey::{KeyOperation, Loaded};

    for action in [bind(1, 1), wrong(1)] {
        let operation = KeyOperation { id: crate::fixtures::new_operation_id(), action };
        assert_eq!(operation.apply(Loaded::default(), at(1)), Err(Rejection::UnknownLink));
    }
}
