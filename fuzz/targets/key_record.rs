//! A stored record that is taken is one that operations leave: it writes and reads back as itself, and every further operation
//! leaves such a record again or is rejected.

#![cfg_attr(fuzzing, no_main)]

use keyward_apikey::{
    AccessRequest, ApiKey, GracePeriod, KeyAction, KeyDigest, KeyOperation, KeyStatus, KeyUpdate, LinkDigest,
    LinkLifetime, Loaded, NewLink, NewSecret, Step, WalletAddress,
};
use keyward_fuzz::assert_one_line;
use keyward_ledger::OperationId;
use keyward_time::UnixMillis;

fn property(data: &[u8]) {
    let key = match serde_json::from_slice::<ApiKey>(data) {
        Ok(key) => key,
        Err(error) => {
            // The parser's errors name unknown fields; a store keeps them to itself.
            if error.is_data() && error.to_string().starts_with("invalid record") {
                assert_one_line(error);
            }
            return;
        }
    };
    assert_reads_back(&key);
    for (at, now) in [UnixMillis::EPOCH, key.created_at(), UnixMillis::MAX].into_iter().enumerate() {
        for (number, action) in actions(&key).into_iter().enumerate() {
            let id = OperationId::from_bytes([(at * 16 + number) as u8; 16]);
            let operation = KeyOperation { id, action };
            match operation.apply(Loaded { key: Some(&key), parent: None }, now) {
                Ok(Step::Done(changed, outcome)) => {
                    assert_ne!(key.status(), KeyStatus::Revoked, "a revoked key has changed");
                    assert_reads_back(&changed);
                    let again = operation.apply(Loaded { key: Some(&changed), parent: None }, now);
                    assert_eq!(again, Ok(Step::Replayed(outcome)));
                }
                Ok(Step::Replayed(_)) => {}
                Err(rejection) => assert_one_line(rejection),
            }
        }
        let request = AccessRequest { now, address: None, scope: None };
        let checked = key.check(&key.secret().digest, &request);
        assert!(checked.is_err() || key.status() == KeyStatus::Active && !key.is_expired(now));
    }
}

fn assert_reads_back(key: &ApiKey) {
    let text = serde_json::to_string(key).expect("a record can be written");
    let again: ApiKey = serde_json::from_str(&text).expect("what was written reads");
    assert_eq!(&again, key);
    assert_eq!(serde_json::to_string(&again).expect("a record can be written"), text);
}

fn actions(record: &ApiKey) -> Vec<KeyAction> {
    let key = record.id();
    let digest: KeyDigest = format!("hmac-sha256:new:{:064x}", 7).parse().expect("a digest");
    let new_link: LinkDigest = format!("hmac-sha256:new:{:064x}", 8).parse().expect("a digest");
    let link = record.link().map_or(new_link, |link| *link.digest());
    let wallet = WalletAddress::new("a-new-wallet").expect("an address");
    let bound = record.wallets().first().map_or(wallet.clone(), |wallet| wallet.address.clone());
    let secret = NewSecret { digest, hint: record.secret().hint };
    let mut update = KeyUpdate::default();
    update.expires_at = Some(None);
    vec![
        KeyAction::CreateLink { key, link: NewLink { digest: new_link, lifetime: LinkLifetime::MAX } },
        KeyAction::Bind { link, wallet: wallet.clone() },
        KeyAction::AddWallet { key, link, wallet },
        KeyAction::RecordWrongSignature { link },
        KeyAction::UnbindWallet { key, wallet: bound },
        KeyAction::Rotate { key, secret, expected: record.rotation(), grace: GracePeriod::MAX },
        KeyAction::Rehash { key, from: record.secret().digest, to: digest },
        KeyAction::Revoke { key },
        KeyAction::Update { key, update: Box::new(update) },
    ]
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("key_record", property);
}
