use keyward_apikey::KeyId;

use super::sample::{SampleKey, later, msat, operation_id};
use super::{Case, Nodes, cases};
use crate::{Activity, ActivityFields, PageLimit, PageRequest, Store, TimeSpan};

pub(super) fn cases() -> Vec<Case> {
    cases![Nothing:
        activities_are_listed_newest_first_and_once,
        a_listing_of_activities_goes_on_while_others_come,
        activities_are_kept_as_they_were_written,
        old_activities_are_pruned,
    ]
    .into()
}

fn activity(key: KeyId, at: u64) -> Activity {
    let fields = ActivityFields {
        id: operation_id(),
        key,
        at: later(at),
        method: "POST".to_owned(),
        endpoint: "/v1/chat/completions".to_owned(),
        ip: Some("192.168.1.100".parse().expect("an address")),
        user_agent: "OpenAI-Python/1.0".to_owned(),
        cost: msat(154_000),
        status: 200,
        duration_millis: 12,
    };
    Activity::new(fields).expect("it fits")
}

async fn listed(store: &dyn Store, key: KeyId, span: TimeSpan, limit: u16) -> Vec<Activity> {
    let limit = PageLimit::new(limit).expect("a limit");
    let (mut items, mut request) = (Vec::new(), PageRequest::first(limit));
    loop {
        let page = store.activities(key, span, request).await.expect("a page");
        assert!(page.items.len() <= limit.get());
        items.extend(page.items);
        match page.next {
            Some(cursor) => request = PageRequest::after(cursor, limit),
            None => return items,
        }
    }
}

async fn activities_are_listed_newest_first_and_once(nodes: Nodes) {
    let key = SampleKey::new().id();
    // Several at the same instant.
    let mut expected = Vec::from_iter((0..40).map(|number| activity(key, number / 3 * 10)));
    nodes.first.record(&expected).await.expect("an answer");
    nodes.second.record(&expected[10..20]).await.expect("an answer");
    nodes.first.record(&[activity(SampleKey::new().id(), 5)]).await.expect("an answer");
    expected.sort_by_key(|activity| (std::cmp::Reverse(activity.fields().at), activity.fields().id));
    for limit in [1, 7, 1000] {
        assert_eq!(listed(&*nodes.second, key, TimeSpan::ALL, limit).await, expected);
    }
    let span = TimeSpan { from: later(20), until: later(50) };
    let within = Vec::from_iter(expected.iter().filter(|activity| span.contains(activity.fields().at)).cloned());
    assert_eq!(within.len(), 9);
    assert_eq!(listed(&*nodes.first, key, span, 2).await, within);
    assert_eq!(nodes.first.count_activities(key, span).await.expect("an answer"), 9);
    assert_eq!(nodes.second.count_activities(key, TimeSpan::ALL).await.expect("an answer"), 40);
}

async fn a_listing_of_activities_goes_on_while_others_come(nodes: Nodes) {
    let key = SampleKey::new().id();
    // All at one instant, so that a cursor has to tell them apart.
    let expected = Vec::from_iter((0..20).map(|_| activity(key, 10)));
    nodes.first.record(&expected).await.expect("an answer");
    let mut expected = Vec::from_iter(expected.iter().map(|activity| activity.fields().id));
    expected.sort();
    let limit = PageLimit::new(3).expect("a limit");
    let (mut items, mut request) = (Vec::new(), PageRequest::first(limit));
    loop {
        let page = nodes.of_task(items.len()).activities(key, TimeSpan::ALL, request).await.expect("a page");
        items.extend(page.items.iter().map(|activity| activity.fields().id));
        let Some(cursor) = page.next else { break };
        // Newer ones, ones of the same instant, and older ones.
        let others = [activity(key, 11), activity(key, 10), activity(key, 9)];
        nodes.second.record(&others).await.expect("an answer");
        request = PageRequest::after(cursor, limit);
        assert!(items.len() < 200, "a listing without an end");
    }
    let mut once = items.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), items.len(), "one was listed twice");
    items.retain(|id| expected.binary_search(id).is_ok());
    assert_eq!(items, expected);
}

async fn activities_are_kept_as_they_were_written(nodes: Nodes) {
    let key = SampleKey::new().id();
    let mut fields = activity(key, 0).fields().clone();
    fields.user_agent = "\"Mozilla\\5.0\" '; DROP TABLE x; -- \u{202e}🔑 {tag}".to_owned();
    fields.endpoint = format!("/{}", "%2e".repeat(682));
    fields.ip = Some("2001:db8::1".parse().expect("an address"));
    let one = Activity::new(fields.clone()).expect("it fits");
    fields.id = operation_id();
    fields.ip = None;
    fields.user_agent = String::new();
    fields.duration_millis = u32::MAX;
    let two = Activity::new(fields).expect("it fits");
    nodes.first.record(&[one.clone(), two.clone()]).await.expect("an answer");
    let mut found = listed(&*nodes.second, key, TimeSpan::ALL, 10).await;
    found.sort_by_key(|activity| activity.fields().id != one.fields().id);
    assert_eq!(found, [one, two]);
    nodes.first.record(&[]).await.expect("an answer");
}

async fn old_activities_are_pruned(nodes: Nodes) {
    let key = SampleKey::new().id();
    // Older than all that other cases write.
    let old = Vec::from_iter((0..30).map(|number| {
        let mut fields = activity(key, 0).fields().clone();
        fields.at = keyward_time::UnixMillis::EPOCH.saturating_add_millis(number);
        Activity::new(fields).expect("it fits")
    }));
    nodes.first.record(&old).await.expect("an answer");
    let recent = activity(key, 0);
    nodes.first.record(std::slice::from_ref(&recent)).await.expect("an answer");
    let before = keyward_time::UnixMillis::EPOCH.saturating_add_millis(25);
    let limit = PageLimit::new(10).expect("a limit");
    let mut pruned = 0;
    loop {
        let count = nodes.second.prune_activities(before, limit).await.expect("an answer");
        pruned += count;
        if count < limit.get() {
            break;
        }
    }
    assert!(pruned >= 25);
    let left = listed(&*nodes.first, key, TimeSpan::ALL, 100).await;
    assert_eq!(left.len(), 6);
    assert_eq!(left[0], recent);
}
