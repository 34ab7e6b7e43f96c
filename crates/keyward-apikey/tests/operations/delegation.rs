//! Keys below keys.

use keyward_apikey::{
    Activation, Allowlist, ApiKey, Bound, KeyAction, KeyUpdate, Limit, LimitOverrides, NewKey, RateLimits, Rejection,
    Scopes,
};

use crate::fixtures::{Case, account, at, create, key_id, new_key};

fn child(number: u64, parent: u64) -> NewKey {
    let mut new = new_key(number, Activation::AtOnce);
    new.parent = Some(key_id(parent));
    new
}

fn parent(change: impl FnOnce(&mut NewKey)) -> ApiKey {
    let mut new = new_key(1, Activation::AtOnce);
    change(&mut new);
    create(new, None, 0).unwrap()
}

fn scopes(texts: &[&str]) -> Scopes {
    Scopes::parse(texts.iter().copied()).unwrap()
}

fn addresses(texts: &[&str]) -> Allowlist {
    Allowlist::parse(texts.iter().copied()).unwrap()
}

fn concurrent(number: u64) -> LimitOverrides {
    LimitOverrides { concurrent: Limit::new(number).ok(), ..LimitOverrides::NONE }
}

#[test]
fn a_key_is_made_below_an_active_one() {
    let parent = parent(|_| ());
    let key = create(child(2, 1), Some(&parent), 1).unwrap();
    assert_eq!((key.parent(), key.depth()), (Some(key_id(1)), 1));
    assert_eq!(create(child(2, 1), None, 1), Err(Rejection::UnknownParent));
    assert_eq!(create(child(2, 3), Some(&parent), 1), Err(Rejection::UnknownParent));

    let pending = Case::pending().key;
    assert_eq!(create(child(2, 1), Some(&pending), 1), Err(Rejection::ParentNotActive));
    let mut revoked = Case { key: parent, parent: None };
    revoked.done(KeyAction::Revoke { key: key_id(1) }, 1);
    assert_eq!(create(child(2, 1), Some(&revoked.key), 1), Err(Rejection::ParentNotActive));
}

#[test]
fn keys_are_nested_three_deep_at_most() {
    let mut last = parent(|_| ());
    for number in 2..=4 {
        last = create(child(number, number - 1), Some(&last), 0).unwrap();
        assert_eq!(u64::from(last.depth()), number - 1);
    }
    assert_eq!(last.depth(), ApiKey::MAX_DEPTH);
    assert_eq!(create(child(5, 4), Some(&last), 0), Err(Rejection::TooDeep));
}

#[test]
fn keys_of_other_roots_are_not_parents() {
    let parent = parent(|_| ());
    let mut new = child(2, 1);
    new.account = account(2, 0);
    new.id = keyward_apikey::KeyId::generate(&new.account, &mut getrandom::SysRng).unwrap();
    assert_eq!(new.id.tag(), new.account.tag());
    assert_eq!(create(new, Some(&parent), 0), Err(Rejection::TagMismatch));
}

#[test]
fn a_child_may_do_no_more_than_its_parent() {
    let parent = parent(|new| {
        new.scopes = scopes(&["read:*", "write:blocks"]);
        new.allowlist = addresses(&["10.0.0.0/24"]);
        new.limits = concurrent(5);
        new.expires_at = Some(at(100));
    });
    let fitting = || {
        let mut new = child(2, 1);
        new.scopes = scopes(&["read:blocks", "write:blocks"]);
        new.allowlist = addresses(&["10.0.0.7", "10.0.0.128/25"]);
        new.limits = concurrent(5);
        new.expires_at = Some(at(100));
        new
    };
    assert!(create(fitting(), Some(&parent), 0).is_ok());
    // No limit of its own: the parent's holds, as the lowest of all.
    let mut new = fitting();
    new.limits = LimitOverrides::NONE;
    assert!(create(new, Some(&parent), 0).is_ok());

    let refused = |change: &dyn Fn(&mut NewKey)| {
        let mut new = fitting();
        change(&mut new);
        create(new, Some(&parent), 0).unwrap_err()
    };
    let above = Rejection::AboveParent;
    assert_eq!(refused(&|new| new.scopes = scopes(&["write:*"])), above(Bound::Scopes));
    assert_eq!(refused(&|new| new.scopes = scopes(&["*"])), above(Bound::Scopes));
    assert_eq!(refused(&|new| new.allowlist = Allowlist::ANYWHERE), above(Bound::Allowlist));
    assert_eq!(refused(&|new| new.allowlist = addresses(&["10.0.1.0"])), above(Bound::Allowlist));
    assert_eq!(refused(&|new| new.limits = concurrent(6)), above(Bound::Limits));
    assert_eq!(refused(&|new| new.expires_at = Some(at(101))), above(Bound::Expiry));
    assert_eq!(refused(&|new| new.expires_at = None), above(Bound::Expiry));
    assert_eq!(create(fitting(), Some(&parent), 100), Err(Rejection::ExpiryPassed));
}

#[test]
fn an_expired_key_gets_no_child() {
    let parent = parent(|new| new.expires_at = Some(at(100)));
    let mut new = child(2, 1);
    new.expires_at = Some(at(200));
    assert_eq!(create(new, Some(&parent), 100), Err(Rejection::ParentNotActive));
}

#[test]
fn an_update_does_not_lift_a_child_above_its_parent() {
    let parent = parent(|_| ());
    let mut case = Case { key: create(child(2, 1), Some(&parent), 0).unwrap(), parent: Some(parent) };
    let update = |change: &dyn Fn(&mut KeyUpdate)| {
        let mut update = KeyUpdate::default();
        change(&mut update);
        KeyAction::Update { key: key_id(2), update: Box::new(update) }
    };
    let wider = update(&|update| update.scopes = Some(scopes(&["*"])));
    assert_eq!(case.rejection(wider, 1), Rejection::AboveParent(Bound::Scopes));
    let narrower = update(&|update| update.scopes = Some(scopes(&["read:blocks"])));
    case.done(narrower.clone(), 1);
    // Bounds are not changed without a look at the parent's; a name is.
    case.parent = None;
    assert_eq!(case.rejection(narrower, 2), Rejection::UnknownParent);
    case.done(update(&|update| update.name = keyward_apikey::KeyName::new("b").ok()), 2);
}

#[test]
fn the_lowest_limit_of_all_holds() {
    let limit = |number| Limit::new(number).unwrap();
    let parent = parent(|new| new.limits = concurrent(3));
    let mut new = child(2, 1);
    new.limits = LimitOverrides { requests_per_minute: Limit::new(9_000).ok(), ..LimitOverrides::NONE };
    let key = create(new, Some(&parent), 0).unwrap();
    let expected = RateLimits { concurrent: limit(3), ..RateLimits::DEFAULT };
    assert_eq!(ApiKey::rate_limits([&key, &parent], RateLimits::DEFAULT), expected);
    assert_eq!(ApiKey::rate_limits([], RateLimits::DEFAULT), RateLimits::DEFAULT);
}
