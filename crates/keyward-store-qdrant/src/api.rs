//! Requests to Qdrant's REST API, and what their answers mean.

use std::time::Duration;

use keyward_store::OpenError;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::Address;
use crate::fault::Fault;
use crate::tls;

/// The longest answer that is read: a page of the largest records is some 40 MiB.
const MAX_ANSWER_BYTES: usize = 128 << 20;

pub(crate) struct Api {
    http: reqwest::Client,
    base: Url,
    pub(crate) timeout: Duration,
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: T,
}

/// What a write is answered with.
#[derive(Deserialize)]
struct Update {
    status: String,
}

impl Api {
    pub(crate) fn new(address: &Address) -> Result<Self, OpenError> {
        let tls = if address.is_tls() { tls::client_config() } else { tls::unused_config() };
        let mut headers = HeaderMap::new();
        if let Some(key) = &address.api_key {
            headers.insert(HeaderName::from_static("api-key"), key.clone());
        }
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| OpenError::Backend(error.into()))?)
            .user_agent(concat!("keyward/", env!("CARGO_PKG_VERSION")))
            // The API key goes to the host that was named, or nowhere.
            .redirect(redirect::Policy::none())
            // A repeated write has to be this crate's decision.
            .retry(reqwest::retry::never())
            .connect_timeout(address.timeout)
            .timeout(address.timeout)
            // A connection that the server closes while a write is on its way leaves the outcome open; Qdrant's HTTP
            // server closes idle ones after five seconds.
            .pool_idle_timeout(Duration::from_secs(3))
            .default_headers(headers);
        if address.is_loopback() {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| OpenError::Backend(error.without_url().into()))?;
        Ok(Self { http, base: address.base.clone(), timeout: address.timeout })
    }

    /// Makes a request; the answer's body.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>, Fault> {
        let url = self.base.join(path).map_err(|error| Fault::Unprintable(error.into()))?;
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let request = request.build().map_err(|error| Fault::Unprintable(error.without_url().into()))?;
        let mut response = self.http.execute(request).await.map_err(lost)?;
        let status = response.status().as_u16();
        match status {
            200..=299 => {}
            500.. => return Err(Fault::Failed(status)),
            _ => return Err(Fault::Refused(status)),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Fault::BadAnswer);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The `result` of an answer.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Fault> {
        let bytes = self.send(method, path, body).await?;
        let envelope: Envelope<T> = serde_json::from_slice(&bytes).map_err(|_| Fault::BadAnswer)?;
        Ok(envelope.result)
    }

    /// Makes a write that is done once it is answered.
    pub(crate) async fn write(&self, method: Method, path: &str, body: &Value) -> Result<(), Fault> {
        let update: Update = self.call(method, path, Some(body)).await?;
        if update.status == "completed" { Ok(()) } else { Err(Fault::NotYetDone) }
    }

    /// Major and minor version of the server.
    pub(crate) async fn version(&self) -> Result<(u64, u64), Fault> {
        #[derive(Deserialize)]
        struct Info {
            version: String,
        }
        let bytes = self.send(Method::GET, "", None).await?;
        let info: Info = serde_json::from_slice(&bytes).map_err(|_| Fault::BadAnswer)?;
        let mut numbers = info.version.split('.').map(|number| number.parse().map_err(|_| Fault::BadAnswer));
        match (numbers.next(), numbers.next()) {
            (Some(major), Some(minor)) => Ok((major?, minor?)),
            _ => Err(Fault::BadAnswer),
        }
    }
}

fn lost(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    // Reported only when there was no connection to send on.
    if error.is_connect() { Fault::NotSent(error.into()) } else { Fault::Lost(error.into()) }
}
