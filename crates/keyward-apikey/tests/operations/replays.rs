//! The same operation again.

use keyward_apikey::{
    Activation, ApiKey, KeyAction, KeyName, KeyOperation, KeyOutcome, KeyUpdate, Loaded, Rejection, Step,
};
use keyward_ledger::OperationId;

use crate::fixtures::{Case, at, key_id, link, link_digest, new_key, new_operation_id, secret, wallet};

fn apply(operation: &KeyOperation, key: Option<&ApiKey>) -> Result<Step, Rejection> {
    operation.apply(Loaded { key, parent: None }, at(1))
}

#[test]
fn a_repeated_operation_brings_its_outcome_and_no_change() {
    for action in crate::life::all_actions() {
        let case = if matches!(action, KeyAction::Bind { .. } | KeyAction::RecordWrongSignature { .. }) {
            Case::pending()
        } else {
            let mut bound = Case::bound();
            // A link for one wallet more.
            if let KeyAction::AddWallet { .. } = action {
                bound.done(KeyAction::CreateLink { key: key_id(1), link: link(7) }, 1);
            }
            bound
        };
        let action = match action {
            KeyAction::AddWallet { key, wallet, .. } => KeyAction::AddWallet { key, link: link_digest(7), wallet },
            action => action,
        };
        let operation = KeyOperation { id: new_operation_id(), action };
        let Ok(Step::Done(key, outcome)) = apply(&operation, Some(&case.key)) else {
            panic!("{operation:?} can be done");
        };
        assert_eq!(apply(&operation, Some(&key)), Ok(Step::Replayed(outcome)));
        // Also when the key was revoked since, or long after.
        let mut later = Case { key: *key, parent: None };
        if outcome != KeyOutcome::Revoked {
            later.done(KeyAction::Revoke { key: key_id(1) }, 2);
        }
        let again = operation.apply(Loaded { key: Some(&later.key), parent: None }, at(u64::MAX >> 1));
        assert_eq!(again, Ok(Step::Replayed(outcome)));
    }
}

#[test]
fn a_key_is_not_made_twice() {
    let mut new = new_key(1, Activation::ByWallet);
    new.link = Some(link(1));
    let operation = KeyOperation { id: new_operation_id(), action: KeyAction::Create(Box::new(new.clone())) };
    let Ok(Step::Done(key, outcome)) = apply(&operation, None) else { panic!("the key is new") };
    assert!(matches!(outcome, KeyOutcome::Created { link_expires_at: Some(_) }));
    assert_eq!(apply(&operation, Some(&key)), Ok(Step::Replayed(outcome)));
    new.secret = secret(2);
    let other = KeyOperation { action: KeyAction::Create(Box::new(new)), ..operation };
    assert_eq!(apply(&other, Some(&key)), Err(Rejection::OperationMismatch));
}

#[test]
fn an_id_of_another_operation_is_refused() {
    let case = Case::bound();
    let first =
        KeyOperation { id: new_operation_id(), action: KeyAction::Update { key: key_id(1), update: Box::default() } };
    let Ok(Step::Done(key, _)) = apply(&first, Some(&case.key)) else { panic!("an update") };
    for action in crate::life::all_actions() {
        let second = KeyOperation { id: first.id, action };
        assert_eq!(apply(&second, Some(&key)), Err(Rejection::OperationMismatch), "{second:?}");
    }
}

#[test]
fn a_rejected_operation_is_not_remembered() {
    let case = Case::pending();
    let operation =
        KeyOperation { id: new_operation_id(), action: KeyAction::UnbindWallet { key: key_id(1), wallet: wallet(1) } };
    assert_eq!(apply(&operation, Some(&case.key)), Err(Rejection::WalletNotBound));
    let mut bound = case;
    bound.done(KeyAction::Bind { link: link_digest(1), wallet: wallet(1) }, 1);
    assert!(matches!(apply(&operation, Some(&bound.key)), Ok(Step::Done(..))));
}

#[test]
fn eight_operations_are_remembered() {
    let mut key = Case::bound().key;
    let operation = |number: u8| {
        let mut update = KeyUpdate::default();
        update.name = Some(KeyName::new(&format!("{number}")).unwrap());
        KeyOperation {
            id: OperationId::from_bytes([number; 16]),
            action: KeyAction::Update { key: key_id(1), update: Box::new(update) },
        }
    };
    for number in 100..109 {
        let Ok(Step::Done(changed, _)) = apply(&operation(number), Some(&key)) else { panic!("an update") };
        key = *changed;
    }
    for number in 101..109 {
        assert_eq!(apply(&operation(number), Some(&key)), Ok(Step::Replayed(KeyOutcome::Updated)));
    }
    assert!(matches!(apply(&operation(100), Some(&key)), Ok(Step::Done(..))));
}
