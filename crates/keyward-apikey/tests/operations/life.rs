//! How a key begins, changes and ends.

use keyward_apikey::{
    Activation, Allowlist, GracePeriod, KeyAction, KeyName, KeyOperation, KeyOutcome, KeyStatus, KeyUpdate, Limit,
    LimitOverrides, LinkState, Loaded, Metadata, RateLimits, Rejection, Revision, Scopes, Target,
};
use keyward_ledger::MAX_INSTANT;

use crate::fixtures::{Case, at, create, digest, key_id, link, link_digest, new_key, new_operation_id, secret, wallet};

fn update(change: impl FnOnce(&mut KeyUpdate)) -> KeyAction {
    let mut update = KeyUpdate::default();
    change(&mut update);
    KeyAction::Update { key: key_id(1), update: Box::new(update) }
}

/// Everything that can be done with key 1 and link 1.
pub(crate) fn all_actions() -> Vec<KeyAction> {
    let key = key_id(1);
    vec![
        KeyAction::CreateLink { key, link: link(2) },
        KeyAction::Bind { link: link_digest(1), wallet: wallet(1) },
        KeyAction::AddWallet { key, link: link_digest(1), wallet: wallet(2) },
        KeyAction::RecordWrongSignature { link: link_digest(1) },
        KeyAction::UnbindWallet { key, wallet: wallet(1) },
        KeyAction::Rotate { key, secret: secret(2), expected: Revision::FIRST, grace: GracePeriod::MAX },
        KeyAction::Rehash { key, from: digest(1), to: digest(9) },
        KeyAction::Revoke { key },
        update(|update| update.expires_at = Some(None)),
    ]
}

#[test]
fn a_new_key_is_as_it_was_asked_for() {
    let key = Case::pending().key;
    assert_eq!(
        (key.id(), key.account(), key.parent(), key.depth()),
        (key_id(1), crate::fixtures::account(1, 0), None, 0)
    );
    assert_eq!((key.name().as_str(), key.scopes()), ("a key", &Scopes::default()));
    assert_eq!((key.allowlist(), key.limits(), key.metadata()), (&Allowlist::ANYWHERE, &LimitOverrides::NONE, None));
    assert_eq!((key.created_at(), key.expires_at(), key.revoked_at()), (at(0), None, None));
    assert_eq!((key.secret().digest, key.previous_secret()), (digest(1), None));
    assert_eq!((key.rotation(), key.revision()), (Revision::FIRST, Revision::FIRST));
    assert_eq!(key.link().map(|link| *link.digest()), Some(link_digest(1)));
    assert_eq!((key.status(), key.activation()), (KeyStatus::Pending, Activation::ByWallet));
    assert_eq!(key.status().to_string(), "pending");
}

#[test]
fn there_is_one_key_of_an_id() {
    let case = Case::pending();
    let action = KeyAction::Create(Box::new(new_key(1, Activation::AtOnce)));
    assert_eq!(case.rejection(action, 1), Rejection::KeyExists);
}

#[test]
fn key_and_account_share_a_root() {
    let mut new = new_key(1, Activation::AtOnce);
    new.account = crate::fixtures::account(2, 0);
    assert_eq!(create(new, None, 0), Err(Rejection::TagMismatch));
}

#[test]
fn an_expiry_lies_ahead() {
    let with_expiry = |millis| {
        let mut new = new_key(1, Activation::AtOnce);
        new.expires_at = Some(at(millis));
        create(new, None, 10)
    };
    assert_eq!(with_expiry(10), Err(Rejection::ExpiryPassed));
    assert_eq!(with_expiry(MAX_INSTANT.as_millis() + 1), Err(Rejection::InstantOutOfRange));
    let key = with_expiry(11).unwrap();
    assert!(!key.is_expired(at(10)) && key.is_expired(at(11)));
    let mut case = Case { key, parent: None };
    assert_eq!(case.rejection(update(|update| update.expires_at = Some(Some(at(12)))), 12), Rejection::ExpiryPassed);
    // Its time can be set anew when it is over.
    case.done(update(|update| update.expires_at = Some(Some(at(20)))), 12);
    assert!(!case.key.is_expired(at(12)));
    case.done(update(|update| update.expires_at = Some(None)), 30);
    assert!(!case.key.is_expired(MAX_INSTANT));
}

#[test]
fn an_update_changes_what_it_names() {
    let mut case = Case::bound();
    let before = case.key.clone();
    assert_eq!(case.done(update(|_| ()), 2), KeyOutcome::Updated);
    let limit = |number| Limit::new(number).ok();
    let limits = LimitOverrides { requests_per_minute: limit(5), tokens_per_hour: None, concurrent: limit(1) };
    let metadata = Metadata::new(r#"{"team": "infra"}"#).unwrap();
    let everything = |update: &mut KeyUpdate| {
        update.name = Some(KeyName::new("another").unwrap());
        update.scopes = Some(Scopes::parse(["*"]).unwrap());
        update.allowlist = Some(Allowlist::parse(["10.0.0.0/8"]).unwrap());
        update.limits = Some(limits);
        update.metadata = Some(Some(metadata.clone()));
        update.expires_at = Some(Some(at(99)));
    };
    case.done(update(everything), 3);
    let key = &case.key;
    assert_eq!((key.name().as_str(), key.scopes().len()), ("another", 1));
    assert_eq!((key.allowlist().ranges().len(), *key.limits()), (1, limits));
    assert_eq!((key.metadata(), key.expires_at()), (Some(&metadata), Some(at(99))));
    assert_eq!((key.wallets(), key.secret(), key.link()), (before.wallets(), before.secret(), before.link()));
    case.done(update(|update| update.metadata = Some(None)), 4);
    assert_eq!(case.key.metadata(), None);
    assert_eq!(case.key.expires_at(), Some(at(99)));
}

#[test]
fn a_revoked_key_never_comes_back() {
    for mut case in [Case::pending(), Case::bound()] {
        assert_eq!(case.done(KeyAction::Revoke { key: key_id(1) }, 5), KeyOutcome::Revoked);
        assert_eq!((case.key.status(), case.key.revoked_at()), (KeyStatus::Revoked, Some(at(5))));
        assert_ne!(case.key.link().map(|link| link.state()), Some(LinkState::Pending));
        for action in all_actions() {
            // Before it was revoked, says a clock.
            for now in [0, 4, 6] {
                assert_eq!(case.rejection(action.clone(), now), Rejection::Revoked { at: at(5) }, "{action:?}");
            }
        }
        let again = KeyAction::Create(Box::new(new_key(1, Activation::AtOnce)));
        assert_eq!(case.rejection(again, 6), Rejection::KeyExists);
    }
}

#[test]
fn operations_are_about_the_key_they_name() {
    let other = Case::new(new_key(2, Activation::AtOnce), 0);
    for action in all_actions() {
        match action.target() {
            Target::Key(id) => {
                assert_eq!(id, key_id(1));
                assert_eq!(other.rejection(action.clone(), 1), Rejection::UnknownKey);
                let operation = KeyOperation { id: new_operation_id(), action };
                assert_eq!(operation.apply(Loaded::default(), at(1)), Err(Rejection::UnknownKey));
            }
            Target::Link(digest) => {
                assert_eq!(*digest, link_digest(1));
                assert_eq!(other.rejection(action.clone(), 1), Rejection::LinkVoid);
            }
        }
    }
}

#[test]
fn no_time_is_beyond_what_numbers_hold_exactly() {
    let late = MAX_INSTANT.as_millis();
    let mut case = Case::bound();
    case.done(KeyAction::CreateLink { key: key_id(1), link: link(2) }, late);
    assert_eq!(case.key.link().map(|link| link.expires_at()), Some(MAX_INSTANT));
    let rotation =
        KeyAction::Rotate { key: key_id(1), secret: secret(2), expected: Revision::FIRST, grace: GracePeriod::MAX };
    case.done(rotation, late);
    assert_eq!(case.key.previous_secret().map(|secret| secret.works_until), Some(MAX_INSTANT));
    for action in all_actions() {
        assert_eq!(case.rejection(action, late + 1), Rejection::InstantOutOfRange);
    }
    assert_eq!(create(new_key(1, Activation::AtOnce), None, late + 1), Err(Rejection::InstantOutOfRange));
}

#[test]
fn own_limits_stand_in_for_the_services() {
    let limit = |number| Limit::new(number).unwrap();
    assert!(Limit::new(0).is_err() && Limit::new(1 << 53).is_err() && Limit::new((1 << 53) - 1).is_ok());
    let own =
        LimitOverrides { requests_per_minute: Some(limit(5_000)), tokens_per_hour: Some(limit(7)), concurrent: None };
    let expected = RateLimits { requests_per_minute: limit(5_000), tokens_per_hour: limit(7), concurrent: limit(10) };
    assert_eq!(own.over(RateLimits::DEFAULT), expected);
    assert_eq!(LimitOverrides::NONE.over(RateLimits::DEFAULT), RateLimits::DEFAULT);
}
