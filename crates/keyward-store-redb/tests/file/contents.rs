use std::fs;

use keyward_apikey::KeyStatus;
use keyward_ledger::AccountId;
use keyward_store::{ActivityStore as _, KeyFilter, KeyStore as _, PageLimit, PageRequest};
use keyward_store_redb::RedbStore;

use crate::support::{SampleKey, activity, operation_id, peppers};

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_key_and_no_token_is_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    let mut samples = Vec::new();
    for number in 0..20 {
        let store = RedbStore::open_file(&path).expect("it opens");
        let sample = SampleKey::of(AccountId::from_bytes([number; 16])).created_in(&store).await;
        store.record(&[activity(operation_id(number.into()), sample.new.id)]).await.expect("an answer");
        samples.push(sample);
    }
    let bytes = fs::read(&path).expect("the file");
    for sample in &samples {
        let raw = sample.raw.expose_secret();
        // What is kept of them is there: the search finds what there is.
        assert!(has(&bytes, &peppers().digest(sample.raw.as_presented()).to_string()));
        assert!(has(&bytes, &peppers().link_digest(&sample.link).to_string()));
        assert!(!has(&bytes, raw) && !has(&bytes, &raw[3..46]));
        assert!(!has(&bytes, sample.link.expose_secret()));
    }
}

/// Longer than what is looked at in one go.
#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_finds_little_goes_through_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = std::sync::Arc::new(RedbStore::open_file(&folder.path().join("keyward.redb")).expect("it opens"));
    let account = AccountId::from_bytes([9; 16]);
    let tasks: Vec<_> = (0..300)
        .map(|_| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move { SampleKey::of(account).created_in(&store).await.new.id })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.expect("no panic"));
    }
    ids.sort();
    let filters = [
        (KeyFilter::All, 300),
        (KeyFilter::Account(account), 300),
        (KeyFilter::Status(KeyStatus::Pending), 300),
        (KeyFilter::Status(KeyStatus::Revoked), 0),
        (KeyFilter::Account(AccountId::from_bytes([8; 16])), 0),
    ];
    for (filter, count) in filters {
        for limit in [1000, 300, 299, 128, 37] {
            let limit = PageLimit::new(limit).expect("a limit");
            let mut found = Vec::new();
            let mut request = Some(PageRequest::first(limit));
            while let Some(page) = request {
                let page = store.keys(&filter, page).await.expect("an answer");
                assert!(page.items.len() == limit.get() || page.next.is_none());
                found.extend(page.items.iter().map(keyward_apikey::ApiKey::id));
                request = page.next.map(|next| PageRequest::after(next, limit));
            }
            assert_eq!(found, ids[..count], "{filter:?} {limit:?}");
        }
    }
}
