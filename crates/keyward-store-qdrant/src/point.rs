//! Points: their ids, how they are read, and the two writes that this store makes of them.

use keyward_apikey::KeyId;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::api::Api;
use crate::collections::Collection;
use crate::fault::Fault;

pub(crate) type Payload = Map<String, Value>;

/// The id of a point: a UUID, whose order is that of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PointId(u128);

impl PointId {
    pub(crate) const fn of_bytes(bytes: &[u8; 16]) -> Self {
        Self(u128::from_be_bytes(*bytes))
    }

    pub(crate) const fn of_key(id: KeyId) -> Self {
        Self::of_bytes(id.as_bytes())
    }

    /// The point that stands for a text in a collection: the first 128 bits of its SHA-256.
    pub(crate) fn of_text(text: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(text).into();
        Self::of_bytes(&std::array::from_fn(|at| hash[at]))
    }

    /// A number below `bound` that goes by the last bits.
    pub(crate) const fn low_bits(self, bound: usize) -> usize {
        (self.0 % bound as u128) as usize
    }

    pub(crate) const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }

    pub(crate) fn to_value(self) -> Value {
        let digits = format!("{:032x}", self.0);
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        Value::String(parts.join("-"))
    }
}

/// What a page of a scroll asks for.
pub(crate) struct Scroll {
    pub(crate) must: Vec<Value>,
    pub(crate) limit: usize,
    pub(crate) order: Order,
    pub(crate) fields: Value,
}

pub(crate) enum Order {
    /// By id, from this one on.
    Id(Option<PointId>),
    /// By a field with an index, the largest first; equal ones in no order.
    Descending(&'static str),
}

/// A point that was read.
#[derive(Deserialize)]
pub(crate) struct Found {
    /// As the server prints it.
    pub(crate) id: Value,
    #[serde(default)]
    pub(crate) payload: Option<Payload>,
}

/// A field that has this value, or has it among others.
pub(crate) fn equals(field: &str, value: impl Into<Value>) -> Value {
    json!({"key": field, "match": {"value": value.into()}})
}

impl Api {
    /// The payload of a point; `None` without one.
    pub(crate) async fn point(&self, of: &Collection, id: PointId) -> Result<Option<Payload>, Fault> {
        let path = format!("collections/{}/points?consistency=majority", of.name);
        let body = json!({"ids": [id.to_value()], "with_payload": true, "with_vector": false});
        let found: Vec<Found> = self.call(Method::POST, &path, Some(&body)).await?;
        Ok(found.into_iter().next().map(|found| found.payload.unwrap_or_default()))
    }

    pub(crate) async fn scroll(&self, of: &Collection, scroll: Scroll) -> Result<Vec<Found>, Fault> {
        #[derive(Deserialize)]
        struct Page {
            points: Vec<Found>,
        }
        let path = format!("collections/{}/points/scroll?consistency=majority", of.name);
        let mut body = json!({
            "filter": {"must": scroll.must},
            "limit": scroll.limit,
            "with_payload": scroll.fields,
            "with_vector": false,
        });
        match scroll.order {
            Order::Id(None) => {}
            Order::Id(Some(from)) => body["offset"] = from.to_value(),
            Order::Descending(field) => body["order_by"] = json!({"key": field, "direction": "desc"}),
        }
        let page: Page = self.call(Method::POST, &path, Some(&body)).await?;
        Ok(page.points)
    }

    pub(crate) async fn count(&self, of: &Collection, must: Vec<Value>) -> Result<u64, Fault> {
        #[derive(Deserialize)]
        struct Count {
            count: u64,
        }
        let path = format!("collections/{}/points/count?consistency=majority", of.name);
        let body = json!({"filter": {"must": must}, "exact": true});
        let Count { count } = self.call(Method::POST, &path, Some(&body)).await?;
        Ok(count)
    }

    /// Inserts those of the points that are not there; those that are stay as they are.
    pub(crate) async fn insert(&self, of: &Collection, points: Vec<(PointId, Payload)>) -> Result<(), Fault> {
        let vector = of.vector();
        let points = Vec::from_iter(
            points.into_iter().map(|(id, payload)| json!({"id": id.to_value(), "vector": vector, "payload": payload})),
        );
        let body = json!({"points": points, "update_mode": "insert_only"});
        self.write(Method::PUT, &self.write_path(of, "points"), &body).await
    }

    /// Sets fields of a point, all at once, if it fulfils the conditions; the others stay. Whether it did is not said.
    pub(crate) async fn set_where(
        &self,
        of: &Collection,
        id: PointId,
        conditions: Vec<Value>,
        payload: Payload,
    ) -> Result<(), Fault> {
        let mut must = vec![json!({"has_id": [id.to_value()]})];
        must.extend(conditions);
        let body = json!({"payload": payload, "filter": {"must": must}});
        self.write(Method::POST, &self.write_path(of, "points/payload"), &body).await
    }

    pub(crate) async fn delete(&self, of: &Collection, ids: Vec<Value>) -> Result<(), Fault> {
        self.write(Method::POST, &self.write_path(of, "points/delete"), &json!({"points": ids})).await
    }

    fn write_path(&self, of: &Collection, what: &str) -> String {
        // Whole seconds; the server stops waiting no earlier than this program does.
        let seconds = self.timeout.as_secs() + 1;
        format!("collections/{}/{what}?wait=true&ordering=strong&timeout={seconds}", of.name)
    }
}

/// Sixteen random bytes as text, for attempts and fences.
pub(crate) fn nonce() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Unprintable(error.into()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
