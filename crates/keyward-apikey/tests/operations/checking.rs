//! What verification decides.

use std::net::IpAddr;

use keyward_apikey::{
    AccessRequest, Activation, Allowlist, ApiKey, KeyAction, NewKey, PresentedSecret, Refusal, Scope, Scopes,
    check_chain,
};

use crate::fixtures::{Case, at, create, digest, key_id, new_key};

fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn request(now: u64, scope: Option<&Scope>) -> AccessRequest<'_> {
    AccessRequest { now: at(now), address: address("10.0.0.1"), scope }
}

fn key(change: impl FnOnce(&mut NewKey)) -> ApiKey {
    let mut new = new_key(1, Activation::AtOnce);
    new.allowlist = Allowlist::parse(["10.0.0.0/24"]).unwrap();
    new.expires_at = Some(at(100));
    change(&mut new);
    create(new, None, 0).unwrap()
}

#[test]
fn each_rule_is_looked_at() {
    let key = key(|_| ());
    let (read, write) = (scope("read:blocks"), scope("write:blocks"));
    assert_eq!(key.check(&digest(1), &request(99, Some(&read))), Ok(PresentedSecret::Current));
    assert_eq!(key.check(&digest(1), &request(99, None)), Ok(PresentedSecret::Current));
    assert_eq!(key.check(&digest(2), &request(99, Some(&read))), Err(Refusal::WrongSecret));
    assert_eq!(key.check(&digest(1), &request(100, Some(&read))), Err(Refusal::Expired { at: at(100) }));
    assert_eq!(key.check(&digest(1), &request(99, Some(&write))), Err(Refusal::ScopeNotAllowed));
    for elsewhere in [None, address("10.0.1.1"), address("::1")] {
        let request = AccessRequest { address: elsewhere, ..request(99, Some(&read)) };
        assert_eq!(key.check(&digest(1), &request), Err(Refusal::AddressNotAllowed));
    }
    let mapped = AccessRequest { address: address("::ffff:10.0.0.1"), ..request(99, Some(&read)) };
    assert!(key.check(&digest(1), &mapped).is_ok());
}

#[test]
fn who_has_no_secret_learns_nothing_of_the_key() {
    let mut case = Case { key: key(|new| new.scopes = Scopes::parse([]).unwrap()), parent: None };
    case.done(KeyAction::Revoke { key: key_id(1) }, 7);
    let (write, nowhere) = (scope("write:blocks"), address("192.0.2.1"));
    let request = AccessRequest { now: at(1_000), address: nowhere, scope: Some(&write) };
    assert_eq!(case.key.check(&digest(2), &request), Err(Refusal::WrongSecret));
    // Who has it learns the worst first.
    assert_eq!(case.key.check(&digest(1), &request), Err(Refusal::Revoked { at: at(7) }));
    assert_eq!(case.key.check_for_itself(&digest(1), at(1_000), nowhere), Err(Refusal::Revoked { at: at(7) }));
}

#[test]
fn a_pending_key_is_good_for_itself_only() {
    let pending = Case::pending().key;
    assert_eq!(pending.check(&digest(1), &request(1, None)), Err(Refusal::Pending));
    assert_eq!(pending.check_for_itself(&digest(1), at(1), None), Ok(PresentedSecret::Current));
    assert_eq!(pending.check_for_itself(&digest(2), at(1), None), Err(Refusal::WrongSecret));
    let key = key(|_| ());
    assert_eq!(key.check_for_itself(&digest(1), at(100), address("10.0.0.1")), Err(Refusal::Expired { at: at(100) }));
    assert_eq!(key.check_for_itself(&digest(1), at(1), address("10.0.1.1")), Err(Refusal::AddressNotAllowed));
}

/// A key, one below it and one below that, with the wider bounds above.
fn chain() -> [ApiKey; 3] {
    let above = create(new_key(3, Activation::ByWallet), None, 0).unwrap();
    let mut above = Case { key: above, parent: None };
    above.done(KeyAction::CreateLink { key: key_id(3), link: crate::fixtures::link(3) }, 0);
    let wallet = crate::fixtures::wallet(1);
    above.done(KeyAction::Bind { link: crate::fixtures::link_digest(3), wallet }, 0);
    let below = |number, parent: &ApiKey| {
        let mut new = new_key(number, Activation::AtOnce);
        new.parent = Some(parent.id());
        create(new, Some(parent), 0).unwrap()
    };
    let middle = below(2, &above.key);
    let lowest = below(1, &middle);
    [lowest, middle, above.key]
}

fn check(chain: &[ApiKey; 3]) -> Result<PresentedSecret, Refusal> {
    let scope = scope("read:blocks");
    check_chain(&chain.each_ref(), &digest(1), &request(1, Some(&scope)))
}

#[test]
fn what_happens_to_a_key_above_binds_the_one_below() {
    assert_eq!(check(&chain()), Ok(PresentedSecret::Current));
    let with_changed = |at: usize, action: fn(&ApiKey) -> KeyAction| {
        let mut chain = chain();
        let mut case = Case { key: chain[at].clone(), parent: chain.get(at + 1).cloned() };
        case.done(action(&case.key), 0);
        chain[at] = case.key;
        check(&chain)
    };
    let update = |change: fn(&mut keyward_apikey::KeyUpdate), key: &ApiKey| {
        let mut update = keyward_apikey::KeyUpdate::default();
        change(&mut update);
        KeyAction::Update { key: key.id(), update: Box::new(update) }
    };
    for position in 0..3 {
        assert_eq!(
            with_changed(position, |key| KeyAction::Revoke { key: key.id() }),
            Err(Refusal::Revoked { at: at(0) })
        );
        let narrow = |change| move |key: &ApiKey| update(change, key);
        let changed = |change: fn(&mut keyward_apikey::KeyUpdate)| {
            let mut chain = chain();
            let mut case = Case { key: chain[position].clone(), parent: chain.get(position + 1).cloned() };
            case.done(narrow(change)(&case.key), 0);
            chain[position] = case.key;
            check(&chain)
        };
        assert_eq!(
            changed(|it| it.scopes = Some(Scopes::parse(["read:transactions"]).unwrap())),
            Err(Refusal::ScopeNotAllowed)
        );
        assert_eq!(
            changed(|it| it.allowlist = Some(Allowlist::parse(["10.0.0.2"]).unwrap())),
            Err(Refusal::AddressNotAllowed)
        );
        assert_eq!(changed(|it| it.expires_at = Some(Some(at(1)))), Err(Refusal::Expired { at: at(1) }));
    }
    let unbind = |key: &ApiKey| KeyAction::UnbindWallet { key: key.id(), wallet: crate::fixtures::wallet(1) };
    assert_eq!(with_changed(2, unbind), Err(Refusal::Pending));
}

#[test]
fn a_chain_with_a_gap_is_no_chain() {
    let [lowest, middle, above] = chain();
    let read = scope("read:blocks");
    let request = request(1, Some(&read));
    for broken in [vec![], vec![&lowest], vec![&lowest, &middle], vec![&lowest, &above], vec![&lowest, &above, &middle]]
    {
        assert_eq!(check_chain(&broken, &digest(1), &request), Err(Refusal::BrokenChain));
    }
    assert_eq!(lowest.check(&digest(1), &request), Err(Refusal::BrokenChain));
    // Nobody uses the key above with the secret of the one below.
    assert_eq!(above.check(&digest(1), &request), Err(Refusal::WrongSecret));
}
