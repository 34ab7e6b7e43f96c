//! The bodies of requests that the fake takes: nothing else.

use serde::Deserialize;
use serde_json::{Map, Value};

type Payload = Map<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    pub(crate) vectors: Vectors,
    pub(crate) replication_factor: Option<u16>,
    pub(crate) write_consistency_factor: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vectors {
    pub(crate) size: usize,
    pub(crate) distance: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    pub(crate) field_name: String,
    pub(crate) field_schema: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Get {
    pub(crate) ids: Vec<String>,
    pub(crate) with_payload: bool,
    pub(crate) with_vector: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upsert {
    pub(crate) points: Vec<Point>,
    pub(crate) update_mode: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Point {
    pub(crate) id: String,
    pub(crate) vector: Vec<f32>,
    pub(crate) payload: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPayload {
    pub(crate) payload: Payload,
    pub(crate) filter: Filter,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delete {
    pub(crate) points: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    pub(crate) filter: Filter,
    pub(crate) exact: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scroll {
    pub(crate) filter: Filter,
    pub(crate) limit: usize,
    pub(crate) with_payload: Value,
    pub(crate) with_vector: bool,
    pub(crate) offset: Option<String>,
    pub(crate) order_by: Option<OrderBy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderBy {
    pub(crate) key: String,
    pub(crate) direction: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) must: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    pub(crate) has_id: Option<Vec<String>>,
    pub(crate) key: Option<String>,
    pub(crate) r#match: Option<Match>,
    pub(crate) range: Option<Range>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    pub(crate) value: Value,
}

/// Of doubles, as Qdrant's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    pub(crate) gte: Option<f64>,
    pub(crate) lt: Option<f64>,
}
