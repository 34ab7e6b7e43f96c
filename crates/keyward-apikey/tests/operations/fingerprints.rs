//! What a record keeps of an operation, to tell it from any other.

use std::collections::HashSet;

use keyward_apikey::{
    Activation, GracePeriod, KeyAction, KeyName, KeyOperation, KeyUpdate, Loaded, Metadata, NewKey, Revision, Scopes,
    Step,
};

use crate::fixtures::{Case, at, digest, key_id, link, link_digest, new_key, new_operation_id, secret, wallet};

/// Changes of one field each.
fn updates() -> Vec<KeyUpdate> {
    let change = |change: &dyn Fn(&mut KeyUpdate)| {
        let mut update = KeyUpdate::default();
        change(&mut update);
        update
    };
    let limit = |number| keyward_apikey::Limit::new(number).ok();
    vec![
        change(&|_| ()),
        change(&|update| update.name = KeyName::new("a").ok()),
        change(&|update| update.name = KeyName::new("b").ok()),
        change(&|update| update.scopes = Scopes::parse(["a:b", "c:d"]).ok()),
        change(&|update| update.scopes = Scopes::parse(["c:d", "a:b"]).ok()),
        change(&|update| update.scopes = Scopes::parse([]).ok()),
        change(&|update| update.allowlist = keyward_apikey::Allowlist::parse(["10.0.0.1"]).ok()),
        change(&|update| update.allowlist = Some(keyward_apikey::Allowlist::ANYWHERE)),
        change(&|update| update.limits.get_or_insert_default().concurrent = limit(1)),
        change(&|update| update.limits.get_or_insert_default().tokens_per_hour = limit(1)),
        change(&|update| update.limits.get_or_insert_default().requests_per_minute = limit(1)),
        change(&|update| update.limits = Some(Default::default())),
        change(&|update| update.metadata = Some(None)),
        change(&|update| update.metadata = Some(Metadata::new("{}").ok())),
        change(&|update| update.metadata = Some(Metadata::new("{ }").ok())),
        change(&|update| update.expires_at = Some(None)),
        change(&|update| update.expires_at = Some(Some(at(9)))),
    ]
}

/// Keys that differ from the first in one field each.
fn new_keys() -> Vec<NewKey> {
    let change = |change: &dyn Fn(&mut NewKey)| {
        let mut new = new_key(1, Activation::AtOnce);
        change(&mut new);
        new
    };
    vec![
        change(&|_| ()),
        change(&|new| new.account = crate::fixtures::account(1, 5)),
        change(&|new| new.parent = Some(key_id(2))),
        change(&|new| new.name = KeyName::new("b").unwrap()),
        change(&|new| new.secret = secret(2)),
        change(&|new| new.secret.hint = "kw_abcd…".parse().unwrap()),
        change(&|new| new.activation = Activation::ByWallet),
        change(&|new| new.scopes = Scopes::parse([]).unwrap()),
        change(&|new| new.allowlist = keyward_apikey::Allowlist::parse(["10.0.0.1"]).unwrap()),
        change(&|new| new.limits.concurrent = keyward_apikey::Limit::new(1).ok()),
        change(&|new| new.metadata = Metadata::new("{}").ok()),
        change(&|new| new.expires_at = Some(at(9))),
        change(&|new| new.link = Some(link(1))),
        change(&|new| new.link = Some(link(2))),
    ]
}

/// The fingerprint of an action, as the record shows it after it was done.
fn fingerprint(action: KeyAction) -> String {
    let mut case = Case::bound();
    case.done(KeyAction::CreateLink { key: key_id(1), link: link(7) }, 1);
    let key = if matches!(action, KeyAction::Create(_)) { None } else { Some(&case.key) };
    let operation = KeyOperation { id: new_operation_id(), action };
    let parent = (Case::new(new_key(2, Activation::AtOnce), 0)).key;
    let Ok(Step::Done(key, _)) = operation.apply(Loaded { key, parent: Some(&parent) }, at(1)) else {
        panic!("{operation:?} can be done");
    };
    let record = serde_json::to_value(&*key).unwrap();
    let recent = record["recent"].as_array().unwrap();
    recent.last().unwrap()["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn actions_that_differ_have_other_fingerprints() {
    let rotate = |number, grace| KeyAction::Rotate {
        key: key_id(1),
        secret: secret(number),
        expected: Revision::FIRST,
        grace: GracePeriod::from_secs(grace).unwrap(),
    };
    let mut actions: Vec<KeyAction> = vec![
        rotate(2, 0),
        rotate(2, 1),
        rotate(3, 0),
        KeyAction::Revoke { key: key_id(1) },
        KeyAction::Rehash { key: key_id(1), from: digest(1), to: digest(2) },
        KeyAction::Rehash { key: key_id(1), from: digest(1), to: digest(3) },
        KeyAction::CreateLink { key: key_id(1), link: link(1) },
        KeyAction::CreateLink { key: key_id(1), link: link(2) },
        KeyAction::AddWallet { key: key_id(1), link: link_digest(7), wallet: wallet(2) },
        KeyAction::AddWallet { key: key_id(1), link: link_digest(7), wallet: wallet(3) },
        KeyAction::RecordWrongSignature { link: link_digest(7) },
        KeyAction::UnbindWallet { key: key_id(1), wallet: wallet(1) },
    ];
    actions.extend(updates().into_iter().map(|update| KeyAction::Update { key: key_id(1), update: Box::new(update) }));
    actions.extend(new_keys().into_iter().map(|new| KeyAction::Create(Box::new(new))));
    let fingerprints: HashSet<String> = actions.iter().cloned().map(fingerprint).collect();
    assert_eq!(fingerprints.len(), actions.len());
}

#[test]
fn fingerprints_never_change() {
    // By Python's hashlib, from the fields as the documentation has them.
    assert_eq!(fingerprint(KeyAction::Revoke { key: key_id(1) }), "9c1dc42c9480b37e4bf050eecd1a049a");
    let rotation = KeyAction::Rotate {
        key: key_id(1),
        secret: secret(2),
        expected: Revision::FIRST,
        grace: GracePeriod::from_secs(60).unwrap(),
    };
    assert_eq!(fingerprint(rotation), "dc2060fe880f1eaac7dccffec5e6d7c4");
}
