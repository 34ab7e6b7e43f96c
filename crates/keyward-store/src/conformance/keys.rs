use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use keyward_apikey::{
    ApiKey, GracePeriod, KeyAction, KeyId, KeyName, KeyOutcome, KeyStatus, KeyUpdate, Metadata, Rejection, Revision,
};
use keyward_ledger::Applied;

use super::sample::{self, NOW, SampleKey, apply, done, new_link, operation, wallet};
use super::{Case, Nodes, cases};
use crate::{Cursor, KeyFilter, KeyPut, PageLimit, PageRequest, Store, StoreError};

pub(super) fn cases() -> Vec<Case> {
    cases![Nothing:
        a_key_is_found_by_id_digest_and_link_and_by_nothing_else,
        hostile_names_and_metadata_are_kept_byte_for_byte,
        of_racing_writers_over_one_revision_one_wins,
        a_stale_write_changes_nothing,
        a_digest_is_of_one_key,
        a_write_that_was_dropped_was_made_whole_or_not_at_all,
        one_operation_of_many_tasks_is_done_once,
        a_listing_has_each_key_once_while_others_come,
        a_listing_goes_on_where_a_key_has_left_it,
        listings_go_by_account_wallet_and_status,
        a_cursor_of_another_listing_is_refused_or_harmless,
        a_rejection_changes_nothing,
        fifteen_hundred_keys_are_found_by_digest_in_flat_time,
    ]
    .into()
}

async fn a_key_is_found_by_id_digest_and_link_and_by_nothing_else(nodes: Nodes) {
    let mut sample = SampleKey::new();
    let link = new_link();
    sample.new.link = Some(link);
    let created = done(&*nodes.first, &sample.create()).await;
    assert!(matches!(created, KeyOutcome::Created { link_expires_at: Some(_) }));

    let store = &nodes.second;
    let by_id = store.key(sample.id()).await.expect("an answer").expect("the key");
    assert_eq!((by_id.id(), by_id.secret().digest, by_id.status()), (sample.id(), sample.digest(), KeyStatus::Pending));
    assert_eq!(store.key_by_digest(&sample.digest()).await.expect("an answer").as_ref(), Some(&by_id));
    assert_eq!(store.key_by_link(&link.digest).await.expect("an answer").as_ref(), Some(&by_id));

    let other = SampleKey::new();
    assert_eq!(store.key(other.id()).await.expect("an answer"), None);
    assert_eq!(store.key_by_digest(&other.digest()).await.expect("an answer"), None);
    assert_eq!(store.key_by_link(&new_link().digest).await.expect("an answer"), None);
}

async fn hostile_names_and_metadata_are_kept_byte_for_byte(nodes: Nodes) {
    let names = [
        "'; DROP TABLE keys; --",
        "\\x00 \\u0000 %s %n {0} ${jndi:ldap://x}",
        "e\u{301} is not \u{e9}",
        "\u{202e}right to left\u{202c}",
        "🔑👩‍👩‍👧‍👦",
        "\"quotes\" `ticks` \\backslashes\\ /slashes/ <tags> &amp;",
        "KEYS[1] ARGV[2] *3\\r\\n$3 {hash}{tag}",
    ];
    for name in names {
        let mut sample = SampleKey::new();
        sample.new.name = KeyName::new(name).expect("a name");
        let json = format!(
            "{{ \"b\" : 1.50, \"a\":1e2,\"big\":123456789012345678901234567890, \"text\": {:?}, \"\":[[], {{}} ] }}",
            "\u{e9}\u{1f511}"
        );
        sample.new.metadata = Some(Metadata::new(&json).expect("metadata"));
        let sample = sample.created_in(&*nodes.first).await;
        let found = nodes.second.key(sample.id()).await.expect("an answer").expect("the key");
        assert_eq!(found.name().as_str(), name);
        assert_eq!(found.metadata().map(Metadata::as_str), Some(json.as_str()));
    }
    let mut sample = SampleKey::new();
    let largest = format!("{{\"a\":\"{}\"}}", "x".repeat(Metadata::MAX_LEN - 8));
    sample.new.metadata = Some(Metadata::new(&largest).expect("metadata"));
    let sample = sample.created_in(&*nodes.first).await;
    let found = nodes.second.key(sample.id()).await.expect("an answer").expect("the key");
    assert_eq!(found.metadata().map(Metadata::as_str), Some(largest.as_str()));
}

fn renaming(key: KeyId, name: &str) -> KeyAction {
    let mut update = KeyUpdate::default();
    update.name = Some(KeyName::new(name).expect("a name"));
    KeyAction::Update { key, update: Box::new(update) }
}

/// The record after a change that is not yet written.
fn changed(key: &ApiKey, name: &str) -> ApiKey {
    let loaded = keyward_apikey::Loaded { key: Some(key), parent: None };
    match operation(renaming(key.id(), name)).apply(loaded, NOW) {
        Ok(keyward_apikey::Step::Done(after, _)) => *after,
        other => panic!("not done but {other:?}"),
    }
}

async fn of_racing_writers_over_one_revision_one_wins(nodes: Nodes) {
    let sample = SampleKey::new().created_in(&*nodes.first).await;
    for round in 0..4 {
        let before = nodes.first.key(sample.id()).await.expect("an answer").expect("the key");
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let (store, before) = (nodes.of_task(number), before.clone());
                tokio::spawn(async move {
                    let after = changed(&before, &format!("writer {round} {number}"));
                    let put = store.put_key(Some(&before), &after).await.expect("an answer");
                    (put == KeyPut::Written).then_some(after)
                })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            winners.extend(task.await.expect("no panic"));
        }
        assert_eq!(winners.len(), 1, "writers that won");
        for store in [&nodes.first, &nodes.second] {
            assert_eq!(store.key(sample.id()).await.expect("an answer").as_ref(), winners.first());
        }
    }
}

async fn a_stale_write_changes_nothing(nodes: Nodes) {
    let sample = SampleKey::new().created_in(&*nodes.first).await;
    let first = nodes.first.key(sample.id()).await.expect("an answer").expect("the key");
    let second = changed(&first, "second");
    assert_eq!(nodes.first.put_key(Some(&first), &second).await.expect("an answer"), KeyPut::Written);
    let late = changed(&first, "late");
    assert_eq!(nodes.second.put_key(Some(&first), &late).await.expect("an answer"), KeyPut::Conflict);
    assert_eq!(nodes.second.put_key(None, &first).await.expect("an answer"), KeyPut::Conflict);
    let elsewhere = crate::MemoryStore::new();
    let unknown = SampleKey::new().created_in(&elsewhere).await;
    let before = crate::KeyStore::key(&elsewhere, unknown.id()).await.expect("an answer").expect("the key");
    let after = changed(&before, "of a key that is not there");
    assert_eq!(nodes.second.put_key(Some(&before), &after).await.expect("an answer"), KeyPut::Conflict);
    assert_eq!(nodes.first.key(sample.id()).await.expect("an answer"), Some(second));
    assert_eq!(nodes.first.key(unknown.id()).await.expect("an answer"), None);
}

async fn a_digest_is_of_one_key(nodes: Nodes) {
    let mut sample = SampleKey::new();
    sample.new.link = Some(new_link());
    let first = sample.created_in(&*nodes.first).await;

    let mut same_secret = SampleKey::new();
    same_secret.new.secret = first.new.secret;
    assert_eq!(apply(&*nodes.second, &same_secret.create()).await, Applied::Rejected(Rejection::SecretTaken));
    let mut same_link = SampleKey::new();
    same_link.new.link = first.new.link;
    assert_eq!(apply(&*nodes.second, &same_link.create()).await, Applied::Rejected(Rejection::LinkTaken));
    for refused in [&same_secret, &same_link] {
        assert_eq!(nodes.first.key(refused.id()).await.expect("an answer"), None);
    }
    // Nothing of them is left behind.
    assert_eq!(nodes.first.key_by_digest(&same_link.digest()).await.expect("an answer"), None);
    let found = nodes.first.key_by_digest(&first.digest()).await.expect("an answer").expect("the key");
    assert_eq!(found.id(), first.id());

    // Racing for one digest: one wins.
    let (_, secret) = sample::fresh_secret();
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = nodes.of_task(number);
            let mut sample = SampleKey::new();
            sample.new.secret = secret;
            tokio::spawn(async move { apply(&*store, &sample.create()).await })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Applied::Done(_) => winners += 1,
            other => assert_eq!(other, Applied::Rejected(Rejection::SecretTaken)),
        }
    }
    assert_eq!(winners, 1);
}

async fn one_operation_of_many_tasks_is_done_once(nodes: Nodes) {
    let sample = SampleKey::new().created_in(&*nodes.first).await;
    let revision = nodes.first.key(sample.id()).await.expect("an answer").expect("the key").revision();
    let link = new_link();
    let operation = operation(KeyAction::CreateLink { key: sample.id(), link });
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (store, operation) = (nodes.of_task(number), operation.clone());
            tokio::spawn(async move { apply(&*store, &operation).await })
        })
        .collect();
    let (mut done, mut outcomes) = (0, Vec::new());
    for task in tasks {
        match task.await.expect("no panic") {
            Applied::Done(outcome) => {
                done += 1;
                outcomes.push(outcome);
            }
            Applied::Replayed(outcome) => outcomes.push(outcome),
            Applied::Rejected(rejection) => panic!("rejected: {rejection}"),
        }
    }
    assert_eq!(done, 1);
    outcomes.dedup();
    assert_eq!(outcomes.len(), 1, "different answers");
    let key = nodes.second.key(sample.id()).await.expect("an answer").expect("the key");
    assert_eq!(Some(key.revision()), revision.next());

    let mut other = operation;
    other.action = KeyAction::Revoke { key: sample.id() };
    assert_eq!(apply(&*nodes.second, &other).await, Applied::Rejected(Rejection::OperationMismatch));
}

async fn a_write_that_was_dropped_was_made_whole_or_not_at_all(nodes: Nodes) {
    for reads in Vec::from_iter((0..8).cycle().take(32)) {
        let sample = SampleKey::active().created_in(&*nodes.first).await;
        let (_, secret) = sample::fresh_secret();
        let (key, expected, grace) = (sample.id(), Revision::FIRST, GracePeriod::NONE);
        let rotate = operation(KeyAction::Rotate { key, secret, expected, grace });
        sample::dropped_after(&*nodes.second, reads, apply(&*nodes.first, &rotate)).await;
        // Nobody knows what became of it. The same again settles that.
        let answer = apply(&*nodes.of_task(reads), &rotate).await;
        assert!(matches!(answer, Applied::Done(_) | Applied::Replayed(_)), "{answer:?}");
        for store in [&nodes.first, &nodes.second] {
            let found = store.key(key).await.expect("an answer").expect("the key");
            assert_eq!((found.secret().digest, Some(found.revision())), (secret.digest, Revision::FIRST.next()));
            assert_eq!(store.key_by_digest(&secret.digest).await.expect("an answer"), Some(found));
            assert_eq!(store.key_by_digest(&sample.digest()).await.expect("an answer"), None);
        }
    }
}

async fn a_rejection_changes_nothing(nodes: Nodes) {
    let sample = SampleKey::new().created_in(&*nodes.first).await;
    let before = nodes.first.key(sample.id()).await.expect("an answer");
    let unknown = SampleKey::new();
    let bind = KeyAction::Bind { link: new_link().digest, wallet: wallet(0) };
    assert_eq!(apply(&*nodes.first, &operation(bind)).await, Applied::Rejected(Rejection::UnknownLink));
    let revoke = KeyAction::Revoke { key: unknown.id() };
    assert_eq!(apply(&*nodes.first, &operation(revoke)).await, Applied::Rejected(Rejection::UnknownKey));
    assert_eq!(apply(&*nodes.first, &sample.create()).await, Applied::Rejected(Rejection::KeyExists));
    assert_eq!(nodes.second.key(sample.id()).await.expect("an answer"), before);
}

async fn ids_of(store: &dyn Store, filter: &KeyFilter, limit: u16) -> Vec<KeyId> {
    let limit = PageLimit::new(limit).expect("a limit");
    let (mut ids, mut request) = (Vec::new(), PageRequest::first(limit));
    loop {
        let page = store.keys(filter, request).await.expect("a page");
        assert!(page.items.len() <= limit.get());
        assert!(page.items.iter().all(|key| filter.admits(key)));
        ids.extend(page.items.iter().map(ApiKey::id));
        match page.next {
            Some(cursor) => request = PageRequest::after(cursor, limit),
            None => return ids,
        }
    }
}

async fn a_listing_has_each_key_once_while_others_come(nodes: Nodes) {
    let account = sample::account_id();
    let mut expected = BTreeSet::new();
    for _ in 0..40 {
        expected.insert(SampleKey::of_account(account).created_in(&*nodes.first).await.id());
    }
    let writer = tokio::spawn({
        let store = nodes.second.clone();
        async move {
            let mut ids = Vec::new();
            for _ in 0..20 {
                ids.push(SampleKey::of_account(account).created_in(&*store).await.id());
            }
            ids
        }
    });
    let filter = KeyFilter::Account(account);
    let listed = ids_of(&*nodes.first, &filter, 7).await;
    let as_set: BTreeSet<KeyId> = listed.iter().copied().collect();
    assert_eq!(as_set.len(), listed.len(), "a key was listed twice");
    assert!(as_set.is_superset(&expected), "a key was left out");
    assert!(listed.is_sorted());

    expected.extend(writer.await.expect("no panic"));
    for limit in [1, 60, 1000] {
        assert_eq!(ids_of(&*nodes.second, &filter, limit).await, Vec::from_iter(expected.iter().copied()));
    }
}

async fn a_listing_goes_on_where_a_key_has_left_it(nodes: Nodes) {
    let shared = wallet(1);
    let mut ids = Vec::new();
    for _ in 0..12 {
        let (mut sample, link) = (SampleKey::new(), new_link());
        sample.new.link = Some(link);
        ids.push(sample.created_in(&*nodes.first).await.id());
        done(&*nodes.first, &operation(KeyAction::Bind { link: link.digest, wallet: shared.clone() })).await;
    }
    ids.sort();
    let (filter, limit) = (KeyFilter::Wallet(shared.clone()), PageLimit::new(4).expect("a limit"));
    let mut listed = Vec::new();
    let mut request = PageRequest::first(limit);
    loop {
        let page = nodes.first.keys(&filter, request).await.expect("a page");
        listed.extend(page.items.iter().map(ApiKey::id));
        let Some(cursor) = page.next else { break };
        if listed.len() == 4 {
            // The first of all, the one at which the cursor stands, and the one that would come next.
            for key in [ids[0], ids[3], ids[4]] {
                let unbind = KeyAction::UnbindWallet { key, wallet: shared.clone() };
                done(&*nodes.second, &operation(unbind)).await;
            }
        }
        request = PageRequest::after(cursor, limit);
    }
    assert_eq!(listed, [&ids[..4], &ids[5..]].concat());
}

async fn listings_go_by_account_wallet_and_status(nodes: Nodes) {
    let account = sample::account_id();
    let mut keys = Vec::new();
    for _ in 0..3 {
        let mut sample = SampleKey::of_account(account);
        sample.new.link = Some(new_link());
        keys.push(sample.created_in(&*nodes.first).await);
    }
    keys.sort_by_key(SampleKey::id);
    let shared = wallet(1);
    for key in &keys[..2] {
        let link = key.new.link.expect("a link").digest;
        done(&*nodes.first, &operation(KeyAction::Bind { link, wallet: shared.clone() })).await;
    }
    done(&*nodes.first, &operation(KeyAction::Revoke { key: keys[1].id() })).await;

    let ids = |range: std::ops::Range<usize>| Vec::from_iter(keys[range].iter().map(SampleKey::id));
    let store = &*nodes.second;
    assert_eq!(ids_of(store, &KeyFilter::Account(account), 2).await, ids(0..3));
    assert_eq!(ids_of(store, &KeyFilter::Wallet(shared.clone()), 1).await, ids(0..2));
    assert_eq!(ids_of(store, &KeyFilter::Wallet(wallet(2)), 1).await, []);
    assert_eq!(ids_of(store, &KeyFilter::Account(sample::account_id()), 1).await, []);
    let with_status = async |status| {
        let listed = ids_of(store, &KeyFilter::Status(status), 1000).await;
        Vec::from_iter(listed.into_iter().filter(|id| keys.iter().any(|key| key.id() == *id)))
    };
    assert_eq!(with_status(KeyStatus::Active).await, ids(0..1));
    assert_eq!(with_status(KeyStatus::Revoked).await, ids(1..2));
    assert_eq!(with_status(KeyStatus::Pending).await, ids(2..3));
    let all = ids_of(store, &KeyFilter::All, 1000).await;
    assert!(ids(0..3).iter().all(|id| all.contains(id)));

    done(&*nodes.first, &operation(KeyAction::UnbindWallet { key: keys[0].id(), wallet: shared.clone() })).await;
    assert_eq!(ids_of(store, &KeyFilter::Wallet(shared), 1).await, ids(1..2), "it is not bound any more");
}

async fn a_cursor_of_another_listing_is_refused_or_harmless(nodes: Nodes) {
    let account = sample::account_id();
    SampleKey::of_account(account).created_in(&*nodes.first).await;
    for text in ["!", "0", "~~~~", "';--", "00000000000000000000000000000000", &"9".repeat(200)] {
        let request = PageRequest::after(Cursor::new(text).expect("a cursor"), PageLimit::MAX);
        match nodes.first.keys(&KeyFilter::Account(account), request).await {
            Ok(page) => assert!(page.items.len() <= 1),
            Err(error) => assert!(matches!(error, StoreError::BadCursor(_)), "{error:?}"),
        }
    }
}

async fn fifteen_hundred_keys_are_found_by_digest_in_flat_time(nodes: Nodes) {
    let mut samples = create_many(&nodes, 100).await;
    let few = look_ups(&*nodes.first, &samples).await;
    samples.extend(create_many(&nodes, 1500).await);
    let many = look_ups(&*nodes.second, &samples).await;
    // A look-up that goes through all records takes sixteen times as long. The figures are printed; no clock decides.
    println!("conformance: a look-up by digest takes {few:.2?} among 100 keys, {many:.2?} among {}", samples.len());
}

async fn create_many(nodes: &Nodes, count: usize) -> Vec<SampleKey> {
    let mut samples = Vec::new();
    while samples.len() < count {
        let tasks: Vec<_> = (0..50)
            .map(|number| {
                let store = nodes.of_task(number);
                tokio::spawn(async move { SampleKey::active().created_in(&*store).await })
            })
            .collect();
        for task in tasks {
            samples.push(task.await.expect("no panic"));
        }
    }
    samples
}

/// Looks each of them up; the time that one takes in the middle.
async fn look_ups(store: &dyn Store, samples: &[SampleKey]) -> Duration {
    let mut times = Vec::new();
    for sample in samples {
        let start = Instant::now();
        let found = store.key_by_digest(&sample.digest()).await.expect("an answer").expect("the key");
        times.push(start.elapsed());
        assert_eq!(found.id(), sample.id());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
