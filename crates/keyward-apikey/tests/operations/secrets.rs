//! Secrets: rotation, and new digests of the same one.

use keyward_apikey::{Activation, GracePeriod, KeyAction, KeyOutcome, PresentedSecret, Refusal, Rejection, Revision};

use crate::fixtures::{Case, DAY, at, digest, key_id, new_key, secret};

fn rotate(number: u64, expected: u64, grace_secs: u32) -> KeyAction {
    let expected = Revision::new(expected).unwrap();
    let grace = GracePeriod::from_secs(grace_secs).unwrap();
    KeyAction::Rotate { key: key_id(1), secret: secret(number), expected, grace }
}

fn rehash(from: u64, to: u64) -> KeyAction {
    KeyAction::Rehash { key: key_id(1), from: digest(from), to: digest(to) }
}

fn active() -> Case {
    Case::new(new_key(1, Activation::AtOnce), 0)
}

#[test]
fn the_old_secret_works_until_its_grace_ends() {
    let mut case = active();
    let outcome = case.done(rotate(2, 0, 60), 1_000);
    let works_until = at(61_000);
    let rotation = Revision::new(1).unwrap();
    assert_eq!(outcome, KeyOutcome::Rotated { rotation, previous_works_until: Some(works_until) });
    assert_eq!(case.key.identify(&digest(2), at(1_000)), Ok(PresentedSecret::Current));
    assert_eq!(case.key.identify(&digest(1), at(60_999)), Ok(PresentedSecret::Previous { works_until }));
    assert_eq!(case.key.identify(&digest(1), at(61_000)), Err(Refusal::WrongSecret));
    assert_eq!(case.key.identify(&digest(3), at(1_000)), Err(Refusal::WrongSecret));
    assert_eq!(case.key.secret().created_at, at(1_000));
}

#[test]
fn without_grace_the_old_secret_is_gone_at_once() {
    let mut case = active();
    case.done(rotate(2, 0, 0), 1_000);
    assert_eq!(case.key.identify(&digest(1), at(1_000)), Err(Refusal::WrongSecret));
    // Also for a clock that goes back.
    assert_eq!(case.key.identify(&digest(1), at(0)), Err(Refusal::WrongSecret));
    assert_eq!(case.key.digests().collect::<Vec<_>>(), [&digest(2)]);
}

#[test]
fn two_secrets_work_at_most() {
    let mut case = active();
    case.done(rotate(2, 0, 600), 0);
    case.done(rotate(3, 1, 600), 1);
    assert_eq!(case.key.identify(&digest(1), at(2)), Err(Refusal::WrongSecret));
    assert!(case.key.identify(&digest(2), at(2)).is_ok() && case.key.identify(&digest(3), at(2)).is_ok());
}

#[test]
fn of_two_rotations_at_once_one_wins() {
    let mut case = active();
    let (one, other) = (rotate(2, 0, 60), rotate(3, 0, 60));
    case.done(one, 1);
    let rotation = Revision::new(1).unwrap();
    assert_eq!(case.rejection(other, 1), Rejection::RotationConflict { rotation });
    assert_eq!(case.rejection(rotate(3, 2, 60), 1), Rejection::RotationConflict { rotation });
    case.done(rotate(3, 1, 60), 1);
}

#[test]
fn other_changes_do_not_disturb_a_rotation() {
    let mut case = active();
    case.done(KeyAction::Update { key: key_id(1), update: Box::default() }, 1);
    case.done(rotate(2, 0, 0), 2);
}

#[test]
fn grace_is_seven_days_at_most() {
    assert!(GracePeriod::from_secs(604_801).is_err());
    let mut case = active();
    case.done(rotate(2, 0, GracePeriod::MAX.as_secs()), 5);
    assert_eq!(case.key.previous_secret().map(|secret| secret.works_until), Some(at(5 + 7 * DAY)));
}

#[test]
fn no_secret_comes_twice() {
    let mut case = active();
    assert_eq!(case.rejection(rotate(1, 0, 60), 1), Rejection::SecretTaken);
    case.done(rotate(2, 0, 60), 1);
    for number in [1, 2] {
        assert_eq!(case.rejection(rotate(number, 1, 60), 2), Rejection::SecretTaken);
        assert_eq!(case.rejection(rehash(2, number), 2), Rejection::SecretTaken);
    }
}

#[test]
fn either_secret_can_get_another_digest() {
    let mut case = active();
    case.done(rotate(2, 0, 60), 1);
    let hint = case.key.secret().hint;
    assert_eq!(case.done(rehash(2, 20), 2), KeyOutcome::Rehashed);
    assert_eq!(case.done(rehash(1, 10), 2), KeyOutcome::Rehashed);
    assert_eq!(case.key.digests().collect::<Vec<_>>(), [&digest(20), &digest(10)]);
    assert_eq!((case.key.secret().hint, case.key.secret().created_at), (hint, at(1)));
    assert_eq!(case.rejection(rehash(2, 30), 3), Rejection::UnknownSecret);
    // Who wants to rotate need not know of it.
    case.done(rotate(3, 1, 0), 3);
}

#[test]
fn an_expired_key_is_not_rotated() {
    let mut new = new_key(1, Activation::AtOnce);
    new.expires_at = Some(at(10));
    let case = Case::new(new, 0);
    assert_eq!(case.rejection(rotate(2, 0, 0), 10), Rejection::Expired { at: at(10) });
}
