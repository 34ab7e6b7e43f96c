use core::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Where the venue is: `https://` and a host, for instance `https://mainnet.zklighter.elliot.ai`.
///
/// Plain `http://` is for a venue on this machine, unless it is allowed for others too. There is no path:
/// the API is mounted at the root, where the official Go signer looks for it whatever path it is given.
#[derive(Clone)]
pub(crate) struct BaseUrl(Url);

/// Whether a venue on another machine may be talked to without encryption.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PlainHttp {
    Loopback,
    Anywhere,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str, plain_http: PlainHttp) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Credentials);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Path);
        }
        let base = Self(url);
        if base.is_tls() || base.is_loopback() || plain_http == PlainHttp::Anywhere {
            Ok(base)
        } else {
            Err(BaseUrlError::PlainHttp)
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether the host is this machine by its very name or address.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The name or address, an IPv6 one without its brackets.
    pub(crate) fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// The address of `path`, which starts with a slash.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// As it is written in front of a path.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Why a text does not say where a venue is. The text is not repeated: it may have a password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The text is no absolute URL.
    #[error("the base URL is not an absolute URL")]
    NotAUrl,
    /// A user name or a password stands before the host.
    #[error("the base URL must not carry a user name or a password")]
    Credentials,
    /// Neither `https` nor `http`.
    #[error("the base URL must begin with https:// or http://")]
    Scheme,
    /// There is more than a host and a port.
    #[error("the base URL must end after the host and the port: the API is mounted at the root")]
    Path,
    /// `http` to another machine.
    #[error("the base URL must begin with https:// unless the host is this machine")]
    PlainHttp,
}
