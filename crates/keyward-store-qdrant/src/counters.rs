use std::collections::BTreeMap;
use std::time::Duration;

use keyward_ledger::OperationId;
use keyward_store::{CounterId, LeaseAnswer, StoreError, Window};
use keyward_time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use crate::QdrantStore;
use crate::fault::{Fault, TooContended, Unreadable, corrupt};
use crate::point::{Payload, PointId};
use crate::swap::{BARE, Swap, revision_of};

/// What is kept of a counter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counter {
    /// Start of the window, in milliseconds, and what was used since.
    window: Option<(u64, u64)>,
    /// When each lease expires.
    leases: BTreeMap<String, u64>,
}

impl Counter {
    pub(crate) fn window(&self) -> Result<Option<Window>, StoreError> {
        let window = |(start, used)| Ok(Window { start: instant(start)?, used });
        self.window.map(window).transpose()
    }

    pub(crate) fn set_window(&mut self, window: Window) {
        self.window = Some((window.start.as_millis(), window.used));
    }

    pub(crate) fn acquire(
        &mut self,
        lease: OperationId,
        limit: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<LeaseAnswer, StoreError> {
        self.leases.retain(|_, expires_at| now.as_millis() < *expires_at);
        let name = lease.to_string();
        if !self.leases.contains_key(&name) && self.leases.len() as u64 >= limit {
            let next = self.leases.values().min().copied().map(instant).transpose()?;
            return Ok(LeaseAnswer::Full { next_expiry: next.unwrap_or(now) });
        }
        self.leases.insert(name, expires_at.as_millis());
        Ok(LeaseAnswer::Held { held: self.leases.len() as u64 })
    }

    pub(crate) fn release(&mut self, lease: OperationId) {
        self.leases.remove(&lease.to_string());
    }
}

fn instant(millis: u64) -> Result<UnixMillis, StoreError> {
    UnixMillis::new(millis).map_err(|error| corrupt("counter", error))
}

impl QdrantStore {
    /// Changes a counter by `change`, which is asked again if others come first; its answer.
    pub(crate) async fn change_counter<T>(
        &self,
        counter: &CounterId,
        mut change: impl FnMut(&mut Counter) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let id = PointId::of_text(&format!("{}/{}", counter.key, counter.name));
        let of = &self.collections.counters;
        let deadline = Instant::now() + self.api.timeout * 2;
        // Those of this process take turns, so that they do not spoil each other's writes.
        let wait = tokio::time::timeout_at(deadline, self.turn(id));
        let _turn = wait.await.map_err(|_| StoreError::Unavailable(TooContended.into()))?;
        for attempt in 0.. {
            let payload = match self.api.point(of, id).await.map_err(Fault::harmless)? {
                Some(payload) => payload,
                None => {
                    let bare = Payload::from_iter([("revision".to_owned(), BARE.into())]);
                    self.api.insert(of, vec![(id, bare.clone())]).await.map_err(Fault::harmless)?;
                    bare
                }
            };
            let before = parse(&payload)?;
            let mut after = before.clone();
            let answer = change(&mut after)?;
            if after == before {
                return Ok(answer);
            }
            let text = serde_json::to_string(&after).map_err(|error| StoreError::Backend(error.into()))?;
            let payload_after = Payload::from_iter([("state".to_owned(), text.into())]);
            if let Swap::Won = self.api.swap(of, id, revision_of(&payload, "counter")?, None, payload_after).await? {
                return Ok(answer);
            }
            if Instant::now() >= deadline {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1 << attempt.min(5))).await;
        }
        Err(StoreError::Unavailable(TooContended.into()))
    }
}

fn parse(payload: &Payload) -> Result<Counter, StoreError> {
    match payload.get("state").and_then(Value::as_str) {
        Some(text) => serde_json::from_str(text).map_err(|_| corrupt("counter", Unreadable)),
        None if revision_of(payload, "counter")? == BARE => Ok(Counter::default()),
        None => Err(corrupt("counter", Unreadable)),
    }
}
