use core::fmt;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use keyward_lighter::ChainId;
use reqwest::redirect;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::base_url::{BaseUrl, BaseUrlError, PlainHttp};
use crate::client::{Client, Inner};
use crate::tls;
use crate::transport::Transport;

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    base_url: Text,
    chain_id: Option<ChainId>,
    timeout: Duration,
    connect_timeout: Duration,
    plain_http: PlainHttp,
    extra_roots: Vec<CertificateDer<'static>>,
}

/// A text that may hold a password, and is therefore not printed before it was looked at.
#[derive(Clone)]
struct Text(String);

/// What is meant by no end at all (`Duration::MAX`) is still to be added to an instant: a year.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl ClientBuilder {
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            base_url: Text(base_url.to_owned()),
            chain_id: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            plain_http: PlainHttp::Loopback,
            extra_roots: Vec::new(),
        }
    }

    /// For which chain transactions are signed. Without it that follows from the base URL, as
    /// [`ChainId::of_base_url`] says.
    pub fn chain_id(mut self, chain_id: ChainId) -> Self {
        self.chain_id = Some(chain_id);
        self
    }

    /// How long a call may take with all its attempts, and a step on a stream: 30 s unless set, and a year at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// How long the making of a connection may take: 10 s unless set, and a year at most.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST_TIMEOUT);
        self
    }

    /// Allows `http://` to other machines, over which everybody on the way can read and use the tokens.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = PlainHttp::Anywhere;
        self
    }

    /// Trusts the certificates in `pem` as roots, besides those that the machine trusts: for a venue with a
    /// certificate of its own.
    ///
    /// # Errors
    /// - no certificate in the text, or a broken one
    pub fn add_root_certificates(mut self, pem: &[u8]) -> Result<Self, BuildError> {
        let before = self.extra_roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.extra_roots.push(certificate.map_err(|_| BuildError::Certificate)?);
        }
        if self.extra_roots.len() == before { Err(BuildError::Certificate) } else { Ok(self) }
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// - a base URL that is refused: see [`BaseUrlError`]
    /// - a venue with TLS, but neither a root that the machine trusts nor a usable one that was added
    pub fn build(self) -> Result<Client, BuildError> {
        let base_url = BaseUrl::parse(&self.base_url.0, self.plain_http)?;
        let tls = if base_url.is_tls() { tls::client_config(self.extra_roots) } else { tls::unused_config() };
        let tls = tls.map_err(|error| BuildError::Tls(error.into()))?;
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .user_agent(concat!("keyward/", env!("CARGO_PKG_VERSION")))
            // A token goes to the host that the user named, or nowhere.
            .redirect(redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            // A connection that the venue closes while a write is on its way leaves the outcome unknown.
            .pool_idle_timeout(Duration::from_secs(20));
        if base_url.is_loopback() {
            http = http.no_proxy();
        }
        Ok(Client::new_inner(Inner {
            chain_id: self.chain_id.unwrap_or_else(|| ChainId::of_base_url(base_url.as_str())),
            connect_timeout: self.connect_timeout,
            tls: Arc::new(tls),
            transport: Transport {
                http: http.build().map_err(|error| BuildError::Http(error.into()))?,
                base_url,
                timeout: self.timeout,
            },
        }))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL is refused.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// The text given as root certificates holds none, or a broken one.
    #[error("not a certificate in PEM form")]
    Certificate,
    /// The machine trusts no root at all, or one that was added can not be used.
    #[error("no TLS: {0}")]
    Tls(Box<dyn Error + Send + Sync>),
    /// The HTTP client can not be set up.
    #[error("the HTTP client can not be set up: {0}")]
    Http(Box<dyn Error + Send + Sync>),
}
