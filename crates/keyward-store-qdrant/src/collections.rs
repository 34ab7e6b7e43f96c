//! The collections, and how they come to be.

use keyward_store::OpenError;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::address::Address;
use crate::api::Api;
use crate::fault::{Fault, Unreadable};
use crate::point::{Payload, PointId};

/// The schema that this program writes.
const VERSION: u64 = 1;
/// The first version of Qdrant that knows `insert_only`; an older one would take it for a plain upsert.
const OLDEST: (u64, u64) = (1, 17);
/// Vectors of the two collections that other programs know too.
const KNOWN_SIZE: usize = 384;

pub(crate) struct Collection {
    pub(crate) name: String,
    size: usize,
    indexes: &'static [(&'static str, &'static str)],
}

impl Collection {
    /// The vector of every point: it says nothing, and has length 1.
    pub(crate) fn vector(&self) -> Vec<u8> {
        let mut vector = vec![0; self.size];
        vector[0] = 1;
        vector
    }
}

pub(crate) struct Collections {
    pub(crate) keys: Collection,
    pub(crate) links: Collection,
    pub(crate) secrets: Collection,
    pub(crate) counters: Collection,
    pub(crate) activities: Collection,
    meta: Collection,
}

impl Collections {
    pub(crate) fn new(prefix: &str) -> Self {
        let collection = |name: &str, size, indexes| Collection { name: format!("{prefix}{name}"), size, indexes };
        Self {
            keys: collection(
                "api_keys",
                KNOWN_SIZE,
                &[
                    ("key", "keyword"),
                    ("userId", "keyword"),
                    ("status", "keyword"),
                    ("account", "keyword"),
                    ("wallets", "keyword"),
                    ("fence", "keyword"),
                    ("revision", "integer"),
                ],
            ),
            links: collection(
                "auth_links",
                KNOWN_SIZE,
                &[("token", "keyword"), ("apiKeyId", "keyword"), ("status", "keyword"), ("stamp", "keyword")],
            ),
            secrets: collection(
                "keyward_secrets",
                1,
                &[("token", "keyword"), ("apiKeyId", "keyword"), ("stamp", "keyword")],
            ),
            counters: collection("keyward_counters", 1, &[("revision", "integer")]),
            activities: collection("keyward_activities", 1, &[("key", "keyword"), ("at", "integer")]),
            meta: collection("keyward_meta", 1, &[]),
        }
    }

    /// Makes what is not there, and checks what is.
    pub(crate) async fn prepare(&self, api: &Api, address: &Address) -> Result<(), OpenError> {
        let version = api.version().await.map_err(Fault::of_opening)?;
        if version < OLDEST {
            return Err(OpenError::Backend(TooOld.into()));
        }
        prepare(api, &self.meta, address).await?;
        self.check_version(api).await?;
        for collection in [&self.keys, &self.links, &self.secrets, &self.counters, &self.activities] {
            prepare(api, collection, address).await?;
        }
        Ok(())
    }

    pub(crate) async fn drop(&self, api: &Api) -> Result<(), Fault> {
        // The version last: whoever finds it finds the others, or makes them anew.
        for collection in [&self.keys, &self.links, &self.secrets, &self.counters, &self.activities, &self.meta] {
            let _: bool = api.call(Method::DELETE, &format!("collections/{}", collection.name), None).await?;
        }
        Ok(())
    }

    async fn check_version(&self, api: &Api) -> Result<(), OpenError> {
        let id = PointId::of_text("schema");
        let payload = Payload::from_iter([("schema_version".to_owned(), Value::from(VERSION))]);
        api.insert(&self.meta, vec![(id, payload)]).await.map_err(Fault::of_opening)?;
        let payload = api.point(&self.meta, id).await.map_err(Fault::of_opening)?.unwrap_or_default();
        match payload.get("schema_version").and_then(Value::as_u64) {
            Some(VERSION) => Ok(()),
            // A later program changes the data of earlier versions here, and writes its own version afterwards.
            Some(found) => Err(OpenError::WrongVersion { found, known: VERSION }),
            None => Err(OpenError::Corrupt(Unreadable.into())),
        }
    }
}

#[derive(Debug, Error)]
#[error("the server is older than Qdrant {}.{}", OLDEST.0, OLDEST.1)]
struct TooOld;

#[derive(Debug, Error)]
#[error("a collection of this name has vectors of another kind")]
struct OtherVectors;

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    payload_schema: Map<String, Value>,
    config: Value,
}

async fn prepare(api: &Api, collection: &Collection, address: &Address) -> Result<(), OpenError> {
    let path = format!("collections/{}", collection.name);
    let info = match api.call::<Info>(Method::GET, &path, None).await {
        Err(Fault::Refused(404)) => {
            match api.call::<bool>(Method::PUT, &path, Some(&creation(collection, address))).await {
                // Refused: another process has made it meanwhile, or the next answer says what is wrong.
                Ok(_) | Err(Fault::Refused(400 | 409)) => api.call::<Info>(Method::GET, &path, None).await,
                Err(fault) => Err(fault),
            }
        }
        answer => answer,
    };
    let info = info.map_err(Fault::of_opening)?;
    let vectors = &info.config["params"]["vectors"];
    if vectors["size"].as_u64() != Some(collection.size as u64) {
        return Err(OpenError::Corrupt(OtherVectors.into()));
    }
    for (field, schema) in collection.indexes {
        if !info.payload_schema.contains_key(*field) {
            let body = json!({"field_name": field, "field_schema": schema});
            let path = format!("collections/{}/index?wait=true&ordering=strong", collection.name);
            api.write(Method::PUT, &path, &body).await.map_err(Fault::of_opening)?;
        }
    }
    Ok(())
}

fn creation(collection: &Collection, address: &Address) -> Value {
    let mut body = json!({"vectors": {"size": collection.size, "distance": "Cosine"}});
    if let Some(replicas) = address.replicas {
        body["replication_factor"] = replicas.into();
        body["write_consistency_factor"] = (replicas / 2 + 1).into();
    }
    body
}
