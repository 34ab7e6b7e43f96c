//! Records as data: what is written reads back, and what no operation would have left is refused.

use keyward_apikey::{
    AccessRequest, Activation, Allowlist, ApiKey, GracePeriod, KeyAction, KeyName, Limit, Metadata, Revision, Scopes,
};
use serde_json::{Value, json};

use crate::fixtures::{Case, at, create, digest, key_id, link, link_digest, new_key, secret, wallet};

/// A key with everything.
fn full() -> ApiKey {
    let parent = {
        let mut new = new_key(9, Activation::AtOnce);
        new.scopes = Scopes::parse(["*"]).unwrap();
        create(new, None, 0).unwrap()
    };
    let mut new = new_key(1, Activation::ByWallet);
    new.parent = Some(parent.id());
    new.name = KeyName::new("Bot \u{1f916} \"quoted\" <b> \u{202e}").unwrap();
    new.scopes = Scopes::parse(["read:*", "write:a/b"]).unwrap();
    new.allowlist = Allowlist::parse(["10.0.0.0/8", "2001:db8::1"]).unwrap();
    new.limits.concurrent = Limit::new(3).ok();
    new.metadata = Metadata::new("{ \"a\": [1, 2.50, \"\\u0041\"] }").ok();
    new.expires_at = Some(at(1_000_000));
    new.link = Some(link(1));
    let mut case = Case { key: create(new, Some(&parent), 5).unwrap(), parent: Some(parent) };
    case.done(KeyAction::RecordWrongSignature { link: link_digest(1) }, 6);
    case.done(KeyAction::Bind { link: link_digest(1), wallet: wallet(1) }, 7);
    case.done(KeyAction::CreateLink { key: key_id(1), link: link(2) }, 8);
    let grace = GracePeriod::from_secs(60).unwrap();
    case.done(KeyAction::Rotate { key: key_id(1), secret: secret(2), expected: Revision::FIRST, grace }, 9);
    case.key
}

fn value(key: &ApiKey) -> Value {
    serde_json::to_value(key).unwrap()
}

fn read(value: Value) -> Result<ApiKey, serde_json::Error> {
    serde_json::from_value(value)
}

#[test]
fn a_record_reads_back_as_itself() {
    let mut revoked = Case { key: full(), parent: None };
    revoked.done(KeyAction::Revoke { key: key_id(1) }, 10);
    for key in [full(), revoked.key, Case::pending().key, Case::bound().key] {
        let text = serde_json::to_string(&key).unwrap();
        let again: ApiKey = serde_json::from_str(&text).unwrap();
        assert_eq!(again, key);
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
        let request = AccessRequest { now: at(10), address: None, scope: None };
        assert_eq!(again.check(&digest(1), &request), key.check(&digest(1), &request));
    }
}

#[test]
fn a_record_looks_so() {
    let record = value(&full());
    assert_eq!(record["id"], "00000000000000010000000000000001");
    assert_eq!(record["parent"], "00000000000000010000000000000009");
    assert_eq!(record["depth"], 1);
    assert_eq!(record["activation"], "by_wallet");
    assert_eq!(record["scopes"], json!(["read:*", "write:a/b"]));
    assert_eq!(record["wallets"], json!([{ "address": "wallet1", "bound_at": 7 }]));
    assert_eq!(record["allowlist"], json!(["10.0.0.0/8", "2001:db8::1"]));
    assert_eq!(record["limits"], json!({ "requests_per_minute": null, "tokens_per_hour": null, "concurrent": 3 }));
    assert_eq!(record["metadata"], "{ \"a\": [1, 2.50, \"\\u0041\"] }");
    assert_eq!((&record["expires_at"], &record["revoked_at"]), (&json!(1_000_000), &Value::Null));
    let current = format!("hmac-sha256:main:{:064x}", 2);
    assert_eq!(record["secret"], json!({ "digest": current, "hint": "kw_…", "created_at": 9 }));
    let previous = format!("hmac-sha256:main:{:064x}", 1);
    assert_eq!(record["previous_secret"], json!({ "digest": previous, "works_until": 60_009 }));
    assert_eq!((&record["rotation"], &record["revision"]), (&json!(1), &json!(4)));
    assert_eq!(
        record["link"],
        json!({ "digest": current, "created_at": 8, "expires_at": 900_008, "state": "pending", "wrong_signatures": 0 })
    );
    assert_eq!(record["recent"][1]["outcome"], json!({ "wrong_signature_recorded": { "left": 9 } }));
    assert_eq!(record["recent"][2]["outcome"], "wallet_bound");
}

#[test]
fn every_field_must_be_there_and_no_other() {
    fn paths(value: &Value, path: String, all: &mut Vec<String>) {
        let Value::Object(members) = value else { return };
        for (name, member) in members {
            let path = format!("{path}/{name}");
            paths(member, path.clone(), all);
            all.push(path);
        }
    }
    let whole = value(&full());
    let mut all = Vec::new();
    paths(&whole, String::new(), &mut all);
    assert!(all.len() > 30);
    for path in all {
        let (parent, name) = path.rsplit_once('/').unwrap();
        let mut without = whole.clone();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert!(read(without).is_err(), "without {path}");
        let mut with_more = whole.clone();
        with_more.pointer_mut(parent).unwrap()["more"] = Value::Null;
        assert!(read(with_more).is_err(), "more beside {path}");
    }
}

#[test]
fn what_no_operation_leaves_is_refused() {
    let whole = value(&full());
    assert!(read(whole.clone()).is_ok());
    let other_root = "00000000000000020000000000000001";
    let wallet = |number: u64| json!({ "address": format!("wallet{number}"), "bound_at": 7 });
    let recent = |count: u64| {
        let operation = |number| json!({ "id": format!("{number:032x}"), "fingerprint": format!("{number:032x}"), "outcome": "revoked" });
        (0..count).map(operation).collect::<Vec<_>>()
    };
    let too_late = json!(1_u64 << 53);
    for (path, wrong) in [
        ("/id", json!(other_root)),
        ("/id", json!("00000000000000010000000000000009")),
        ("/id", json!("0000000000000001000000000000000A")),
        ("/account", json!(other_root)),
        ("/parent", json!(other_root)),
        ("/parent", Value::Null),
        ("/depth", json!(0)),
        ("/depth", json!(4)),
        ("/name", json!("")),
        ("/name", json!(" a")),
        ("/name", json!("a\n")),
        ("/activation", json!("later")),
        ("/scopes", json!(["read:*", "read:*"])),
        ("/scopes", json!(["read"])),
        ("/scopes", json!("read:*")),
        ("/wallets", json!([wallet(1), wallet(1)])),
        ("/wallets", json!((0..17).map(wallet).collect::<Vec<_>>())),
        ("/wallets/0/address", json!("a b")),
        ("/wallets/0/bound_at", too_late.clone()),
        ("/allowlist", json!(["10.0.0.1/8"])),
        ("/limits/concurrent", json!(0)),
        ("/limits/concurrent", json!(1_u64 << 53)),
        ("/metadata", json!({ "a": 1 })),
        ("/metadata", json!("{\"a\":1,\"a\":2}")),
        ("/created_at", json!(-1)),
        ("/created_at", too_late.clone()),
        ("/expires_at", too_late.clone()),
        ("/expires_at", json!("soon")),
        // Its link is pending.
        ("/revoked_at", json!(10)),
        ("/secret/digest", json!("sha256:00")),
        ("/secret/digest", json!(format!("hmac-sha256:main:{:064x}", 1))),
        ("/secret/hint", json!("kw_12345…")),
        ("/secret/created_at", too_late.clone()),
        ("/previous_secret/works_until", too_late.clone()),
        ("/rotation", json!(0)),
        ("/rotation", json!(5)),
        ("/revision", json!(1_u64 << 53)),
        ("/link/digest", json!(format!("sha256:{:064x}", 1))),
        ("/link/wrong_signatures", json!(11)),
        ("/link/expires_at", json!(7)),
        ("/link/expires_at", too_late),
        ("/link/state", json!("open")),
        ("/recent", json!(recent(9))),
        ("/recent", json!([recent(1), recent(1)].concat())),
        ("/recent/0/id", json!("")),
        ("/recent/0/outcome", json!("undone")),
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(path).unwrap() = wrong.clone();
        assert!(read(broken).is_err(), "{path}: {wrong}");
    }
    let mut with_eight = whole;
    with_eight["recent"] = json!(recent(8));
    assert!(read(with_eight).is_ok());
}
