//! A fake of the part of Qdrant's REST API that the store uses. It is no Qdrant: it shows that the store's protocol holds where
//! each update is applied at one instant and in one order, which is what Qdrant is taken to do; whether Qdrant does so is for
//! `conformance.rs` to show, on a real server.
//!
//! It takes nothing that it does not know: a field, a parameter, a condition or a field without an index is a 400.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::body::Frame;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::requests::{
    Condition, Count, Creation, Delete, Filter, Get, Index, OrderBy, Point, Scroll, SetPayload, Upsert,
};

type Payload = Map<String, Value>;

/// What befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection is lost and nothing was done.
    CutBefore,
    /// It was done, and the connection is lost before the answer.
    CutAfter,
    /// The server fails and nothing was done.
    FailBefore,
    /// It was done, and yet the server says that it has failed.
    FailAfter,
    /// No answer, and nothing was done.
    SilentBefore,
    /// It was done, and no answer comes.
    SilentAfter,
    /// The write is taken, and done when there is calm.
    Acknowledged,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    collections: Mutex<BTreeMap<String, Collection>>,
    /// How many requests go well before one is in trouble.
    trouble: Mutex<Option<(usize, Trouble)>>,
    requests: Mutex<usize>,
    /// Writes that were acknowledged and not yet done: method, target and body.
    pending: Mutex<Vec<(String, String, Bytes)>>,
    version: Mutex<Option<&'static str>>,
    api_key: Mutex<Option<&'static str>>,
}

struct Collection {
    size: usize,
    indexes: BTreeMap<String, String>,
    points: BTreeMap<u128, Payload>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic under the lock")
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("qdrant+http://127.0.0.1:{}", self.port)
    }

    /// The request after the next `number` will be in trouble.
    pub(crate) fn trouble_after(&self, number: usize, trouble: Trouble) {
        *lock(&self.shared.trouble) = Some((number, trouble));
    }

    /// Whether the trouble is still to come; it will not. What was acknowledged and not done is done.
    pub(crate) fn calm(&self) -> bool {
        let pending = std::mem::take(&mut *lock(&self.shared.pending));
        for (method, target, body) in pending {
            assert!(self.shared.handle(&method, &target, &body).is_ok(), "what was acknowledged can be done");
        }
        lock(&self.shared.trouble).take().is_some()
    }

    pub(crate) fn requests(&self) -> usize {
        *lock(&self.shared.requests)
    }

    pub(crate) fn set_version(&self, version: &'static str) {
        *lock(&self.shared.version) = Some(version);
    }

    pub(crate) fn set_api_key(&self, key: &'static str) {
        *lock(&self.shared.api_key) = Some(key);
    }

    /// All that is stored, as text.
    pub(crate) fn dump(&self) -> String {
        let mut text = String::new();
        for (name, collection) in lock(&self.shared.collections).iter() {
            for (id, payload) in &collection.points {
                text.push_str(&format!("{name} {id:032x} {}\n", Value::Object(payload.clone())));
            }
        }
        text
    }

    /// The payloads of a collection.
    pub(crate) fn payloads(&self, name: &str) -> Vec<Payload> {
        Vec::from_iter(lock(&self.shared.collections)[name].points.values().cloned())
    }

    /// Sets a field of all points of a collection.
    pub(crate) fn spoil(&self, name: &str, field: &str, value: &Value) {
        let mut collections = lock(&self.shared.collections);
        for payload in collections.get_mut(name).expect("the collection").points.values_mut() {
            payload.insert(field.to_owned(), value.clone());
        }
    }
}

/// A body that ends the connection.
struct Cut;

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let key = *lock(&shared.api_key);
    let given = parts.headers.get("api-key").map(|key| key.as_bytes());
    if parts.uri.path() != "/" && key.map(str::as_bytes) != given {
        return StatusCode::FORBIDDEN.into_response();
    }
    let body = axum::body::to_bytes(body, 32 << 20).await.expect("a body");
    let trouble = shared.next_trouble();
    let number = {
        let mut requests = lock(&shared.requests);
        *requests += 1;
        *requests
    };
    match trouble {
        Some(Trouble::CutBefore) => return Body::new(Cut).into_response(),
        Some(Trouble::FailBefore) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Trouble::SilentBefore) => return std::future::pending().await,
        _ => {}
    }
    // Others may come first.
    for _ in 0..number * 7 % 5 {
        tokio::task::yield_now().await;
    }
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
    let method = parts.method.to_string();
    let is_write = target.contains("wait=true");
    if trouble == Some(Trouble::Acknowledged) && is_write {
        lock(&shared.pending).push((method, target, body));
        return json!({"result": {"operation_id": 1, "status": "acknowledged"}, "status": "ok"})
            .to_string()
            .into_response();
    }
    let result = shared.handle(&method, &target, &body);
    for _ in 0..number * 3 % 4 {
        tokio::task::yield_now().await;
    }
    match trouble {
        Some(Trouble::CutAfter) => Body::new(Cut).into_response(),
        Some(Trouble::FailAfter) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Trouble::SilentAfter) => std::future::pending().await,
        _ => match result {
            Ok(result) => result.to_string().into_response(),
            Err(Refusal(status, why)) => {
                if status != 404 && status != 409 {
                    eprintln!("the fake refuses {method} {target}: {why}");
                }
                (StatusCode::from_u16(status).expect("a status"), why).into_response()
            }
        },
    }
}

struct Refusal(u16, String);

fn bad<T>(why: impl std::fmt::Display) -> Result<T, Refusal> {
    Err(Refusal(400, why.to_string()))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).or_else(bad)
}

/// A UUID with its hyphens.
fn id(text: &str) -> Result<u128, Refusal> {
    let has_hyphens = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
    match u128::from_str_radix(&text.replace('-', ""), 16) {
        Ok(id) if has_hyphens => Ok(id),
        _ => bad("not a point's id"),
    }
}

fn uuid(id: u128) -> String {
    let digits = format!("{id:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

impl Filter {
    fn check(&self, collection: &Collection) -> Result<(), Refusal> {
        for condition in &self.must {
            match condition {
                Condition { has_id: Some(ids), key: None, r#match: None, range: None } => {
                    ids.iter().try_for_each(|text| id(text).map(|_| ()))?;
                }
                Condition { has_id: None, key: Some(key), r#match: Some(value), range: None } => {
                    let wanted = match &value.value {
                        Value::String(_) => "keyword",
                        number if number.is_i64() => "integer",
                        _ => return bad("a value that cannot be matched"),
                    };
                    if collection.indexes.get(key).map(String::as_str) != Some(wanted) {
                        return bad(format_args!("no {wanted} index of {key}"));
                    }
                }
                Condition { has_id: None, key: Some(key), r#match: None, range: Some(_) } => {
                    if collection.indexes.get(key).map(String::as_str) != Some("integer") {
                        return bad(format_args!("no integer index of {key}"));
                    }
                }
                _ => return bad("a condition of another kind"),
            }
        }
        Ok(())
    }

    fn admits(&self, point: u128, payload: &Payload) -> bool {
        self.must.iter().all(|condition| match condition {
            Condition { has_id: Some(ids), .. } => ids.iter().any(|text| id(text).is_ok_and(|id| id == point)),
            Condition { key: Some(key), r#match: Some(wanted), .. } => match payload.get(key) {
                Some(Value::Array(values)) => values.contains(&wanted.value),
                Some(value) => *value == wanted.value,
                None => false,
            },
            Condition { key: Some(key), range: Some(range), .. } => {
                let number = payload.get(key).and_then(Value::as_f64);
                number.is_some_and(|number| {
                    range.gte.is_none_or(|least| number >= least) && range.lt.is_none_or(|end| number < end)
                })
            }
            _ => false,
        })
    }
}

impl Shared {
    fn next_trouble(&self) -> Option<Trouble> {
        let mut planned = lock(&self.trouble);
        match planned.as_mut() {
            Some((0, trouble)) => {
                let trouble = *trouble;
                *planned = None;
                Some(trouble)
            }
            Some((number, _)) => {
                *number -= 1;
                None
            }
            None => None,
        }
    }

    /// Does a request, at one instant.
    fn handle(&self, method: &str, target: &str, body: &[u8]) -> Result<Value, Refusal> {
        if (method, target) == ("GET", "/") {
            let version = lock(&self.version).unwrap_or("1.18.0");
            return Ok(json!({"title": "a fake of Qdrant", "version": version}));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let words = Vec::from_iter(path.split('/').skip(1));
        let ["collections", name, rest @ ..] = &words[..] else { return Err(Refusal(404, "no such path".to_owned())) };
        let rest = rest.join("/");
        check_query(method, &rest, query)?;
        let mut collections = lock(&self.collections);
        if (method, rest.as_str()) == ("PUT", "") {
            return create(&mut collections, name, body);
        }
        let result = if (method, rest.as_str()) == ("DELETE", "") {
            json!(collections.remove(*name).is_some())
        } else {
            let collection = collections.get_mut(*name).ok_or(Refusal(404, "no such collection".to_owned()))?;
            collection.handle(method, &rest, body)?
        };
        Ok(json!({"time": 0.001, "status": "ok", "result": result}))
    }
}

fn check_query(method: &str, rest: &str, query: &str) -> Result<(), Refusal> {
    let mut names = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("wait", "true")) => names.push("wait"),
            Some(("ordering", "strong")) => names.push("ordering"),
            Some(("consistency", "majority")) => names.push("consistency"),
            Some(("timeout", seconds)) if seconds.parse::<u16>().is_ok_and(|seconds| seconds > 0) => {
                names.push("timeout");
            }
            _ => return bad(format_args!("the parameter {pair}")),
        }
    }
    let wanted: &[&str] = match (method, rest) {
        ("PUT", "index") => &["wait", "ordering"],
        ("PUT", "points") | ("POST", "points/payload" | "points/delete") => &["wait", "ordering", "timeout"],
        ("POST", "points" | "points/scroll" | "points/count") => &["consistency"],
        _ => &[],
    };
    if names == wanted { Ok(()) } else { bad(format_args!("the parameters {names:?}")) }
}

fn create(collections: &mut BTreeMap<String, Collection>, name: &str, body: &[u8]) -> Result<Value, Refusal> {
    let Creation { vectors, replication_factor, write_consistency_factor } = parse(body)?;
    let is_good = vectors.distance == "Cosine" && (1..=65536).contains(&vectors.size);
    if !is_good || write_consistency_factor > replication_factor {
        return bad("no such collection can be made");
    }
    if collections.contains_key(name) {
        return Err(Refusal(409, "it exists".to_owned()));
    }
    let new = Collection { size: vectors.size, indexes: BTreeMap::new(), points: BTreeMap::new() };
    collections.insert(name.to_owned(), new);
    Ok(json!({"time": 0.001, "status": "ok", "result": true}))
}

impl Collection {
    fn handle(&mut self, method: &str, rest: &str, body: &[u8]) -> Result<Value, Refusal> {
        match (method, rest) {
            ("GET", "") => {
                let schema = Payload::from_iter(
                    self.indexes.iter().map(|(field, kind)| (field.clone(), json!({"data_type": kind, "points": 0}))),
                );
                let vectors = json!({"size": self.size, "distance": "Cosine"});
                return Ok(
                    json!({"status": "green", "config": {"params": {"vectors": vectors}}, "payload_schema": schema}),
                );
            }
            ("POST", "points") => return self.get(parse(body)?),
            ("POST", "points/scroll") => return self.scroll(parse(body)?),
            ("POST", "points/count") => {
                let Count { filter, exact } = parse(body)?;
                filter.check(self)?;
                let count = self.points.iter().filter(|(id, payload)| filter.admits(**id, payload)).count();
                return if exact { Ok(json!({"count": count})) } else { bad("not exact") };
            }
            ("PUT", "index") => {
                let Index { field_name, field_schema } = parse(body)?;
                if !["keyword", "integer"].contains(&field_schema.as_str()) {
                    return bad("no such schema");
                }
                self.indexes.insert(field_name, field_schema);
            }
            ("PUT", "points") => self.insert(parse(body)?)?,
            ("POST", "points/payload") => {
                let SetPayload { payload, filter } = parse(body)?;
                filter.check(self)?;
                // The store writes to points that it names.
                let Some(ids) = filter.must.iter().find_map(|condition| condition.has_id.as_ref()) else {
                    return bad("a write to who knows which points");
                };
                for text in ids {
                    let id = id(text)?;
                    if let Some(there) = self.points.get_mut(&id).filter(|there| filter.admits(id, there)) {
                        there.extend(payload.clone());
                    }
                }
            }
            ("POST", "points/delete") => {
                let Delete { points } = parse(body)?;
                for text in points {
                    self.points.remove(&id(&text)?);
                }
            }
            _ => return Err(Refusal(404, "no such path".to_owned())),
        }
        Ok(json!({"operation_id": 1, "status": "completed"}))
    }

    fn insert(&mut self, Upsert { points, update_mode }: Upsert) -> Result<(), Refusal> {
        if update_mode != "insert_only" {
            return bad("an upsert that overwrites");
        }
        for Point { id: text, vector, payload } in points {
            let length: f32 = vector.iter().map(|part| part * part).sum();
            if vector.len() != self.size || length != 1.0 {
                return bad("a vector of another size or length");
            }
            self.points.entry(id(&text)?).or_insert(payload);
        }
        Ok(())
    }

    fn get(&self, Get { ids, with_payload, with_vector }: Get) -> Result<Value, Refusal> {
        if !with_payload || with_vector {
            return bad("not as it is asked for");
        }
        let mut found = Vec::new();
        for text in &ids {
            let id = id(text)?;
            found.extend(self.points.get(&id).map(|payload| json!({"id": uuid(id), "payload": payload})));
        }
        Ok(found.into())
    }

    fn scroll(&self, scroll: Scroll) -> Result<Value, Refusal> {
        let Scroll { filter, limit, with_payload, with_vector, offset, order_by } = scroll;
        filter.check(self)?;
        if limit == 0 || with_vector || (offset.is_some() && order_by.is_some()) {
            return bad("not as it is asked for");
        }
        let from = offset.as_deref().map(id).transpose()?.unwrap_or(0);
        let mut found = Vec::from_iter(self.points.range(from..).filter(|(id, payload)| filter.admits(**id, payload)));
        if let Some(OrderBy { key, direction }) = &order_by {
            if direction != "desc" || self.indexes.get(key).map(String::as_str) != Some("integer") {
                return bad("no such order");
            }
            // Of the same value, the last id first: there is no order to rely on.
            found.reverse();
            found.sort_by_key(|(_, payload)| std::cmp::Reverse(payload.get(key).and_then(Value::as_i64)));
        }
        let next = found.get(limit).filter(|_| order_by.is_none()).map(|(id, _)| uuid(**id));
        found.truncate(limit);
        let mut points = Vec::new();
        for (id, payload) in found {
            let shown = match &with_payload {
                Value::Bool(false) => None,
                Value::Array(fields) => Some(Payload::from_iter(
                    payload
                        .iter()
                        .filter(|(field, _)| fields.contains(&json!(field)))
                        .map(|(f, v)| (f.clone(), v.clone())),
                )),
                _ => return bad("not as it is asked for"),
            };
            points.push(json!({"id": uuid(*id), "payload": shown}));
        }
        Ok(json!({"points": points, "next_page_offset": next}))
    }
}
