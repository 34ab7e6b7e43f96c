//! What a URL says.

use std::time::Duration;

use keyward_store::OpenError;
use reqwest::Url;
use reqwest::header::HeaderValue;

/// How long one request may take unless the URL says otherwise.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest time-out that a URL may ask for, in milliseconds.
const MAX_TIMEOUT_MILLIS: u64 = 600_000;
/// Qdrant's port for REST.
const PORT: u16 = 6333;

/// Where the server is, and what is asked of it.
pub(crate) struct Address {
    /// With `/` at its end, and without the API key.
    pub(crate) base: Url,
    /// Marked as sensitive, so that it is not printed.
    pub(crate) api_key: Option<HeaderValue>,
    pub(crate) prefix: String,
    pub(crate) timeout: Duration,
    pub(crate) replicas: Option<u16>,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let http = url
            .strip_prefix("qdrant+")
            .filter(|rest| rest.starts_with("http://") || rest.starts_with("https://"))
            .ok_or(OpenError::BadUrl("the scheme is neither qdrant+http nor qdrant+https"))?;
        let mut base = Url::parse(http).map_err(|_| OpenError::BadUrl("not a URL"))?;
        if base.fragment().is_some() {
            return Err(OpenError::BadUrl("a fragment"));
        }
        let mut keys = Vec::from_iter(key_in(&base)?);
        let has_port = has_port(http);
        let options = Vec::from_iter(base.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())));
        base.set_query(None);
        let is_set = base.set_username("").is_ok() && base.set_password(None).is_ok();
        if !is_set || (!has_port && base.set_port(Some(PORT)).is_err()) {
            return Err(OpenError::BadUrl("no host"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let mut address = Self { base, api_key: None, prefix: String::new(), timeout: TIMEOUT, replicas: None };
        for (name, value) in &options {
            match name.as_str() {
                "api_key_file" => keys.push(key_in_file(value)?),
                "api_key_env" => keys.push(key_in_environment(value)?),
                _ => address.set(name, value)?,
            }
        }
        if keys.len() > 1 {
            return Err(OpenError::BadUrl("an API key from more than one place"));
        }
        address.api_key = keys.pop();
        Ok(address)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), OpenError> {
        match name {
            "prefix" => {
                let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                if !(1..=32).contains(&value.len()) || !value.bytes().all(is_allowed) {
                    return Err(OpenError::BadUrl("prefix is not 1 to 32 of A-Z, a-z, 0-9, - and _"));
                }
                value.clone_into(&mut self.prefix);
            }
            "timeout_ms" => {
                let millis = keyward_time::parse_decimal(value.as_bytes(), MAX_TIMEOUT_MILLIS).ok();
                let millis = millis.filter(|millis| *millis > 0);
                self.timeout = Duration::from_millis(millis.ok_or(OpenError::BadUrl("timeout_ms is not 1 to 600000"))?);
            }
            "replicas" => {
                let replicas = keyward_time::parse_decimal(value.as_bytes(), 64).ok().filter(|count| *count > 0);
                let replicas = replicas.and_then(|count| u16::try_from(count).ok());
                self.replicas = Some(replicas.ok_or(OpenError::BadUrl("replicas is not 1 to 64"))?);
            }
            _ => {
                return Err(OpenError::BadUrl(
                    "an option other than prefix, api_key_file, api_key_env, timeout_ms and replicas",
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.base.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// Whether a port is written; the URL's parser drops the scheme's own.
fn has_port(http: &str) -> bool {
    let rest = http.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.rsplit(']').next().is_some_and(|rest| rest.contains(':'))
}

/// The API key before the `@`: as user or as password.
fn key_in(url: &Url) -> Result<Option<HeaderValue>, OpenError> {
    let key = match (url.username(), url.password()) {
        ("", None) => return Ok(None),
        (key, None) | ("", Some(key)) => key,
        _ => return Err(OpenError::BadUrl("both a user and a password, where one API key is wanted")),
    };
    if key.contains('%') {
        return Err(OpenError::BadUrl(
            "an API key with characters that a URL escapes: use api_key_file or api_key_env",
        ));
    }
    header(key).map(Some)
}

fn key_in_file(path: &str) -> Result<HeaderValue, OpenError> {
    let text = std::fs::read_to_string(path).map_err(|error| OpenError::Backend(error.into()))?;
    header(text.trim_end_matches(['\r', '\n']))
}

fn key_in_environment(name: &str) -> Result<HeaderValue, OpenError> {
    // `env::var` panics neither on a missing name nor on an odd one, but for the two that no variable can have.
    let text = if name.is_empty() || name.contains(['=', '\0']) { None } else { std::env::var(name).ok() };
    header(&text.ok_or(OpenError::BadUrl("the variable that api_key_env names is not set"))?)
}

fn header(key: &str) -> Result<HeaderValue, OpenError> {
    let is_good = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let header = HeaderValue::from_str(key).ok().filter(|_| is_good);
    let mut header = header.ok_or(OpenError::BadUrl("an API key that is not printable ASCII"))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        match Address::parse(url) {
            Err(error @ (OpenError::BadUrl(_) | OpenError::Backend(_))) => format!("{error} {error:?}"),
            Err(other) => panic!("{url}: {other:?}"),
            Ok(_) => panic!("{url} was taken"),
        }
    }

    #[test]
    fn a_url_says_where_and_how() {
        let address =
            Address::parse("qdrant+https://word@db.example/q?prefix=a-1&timeout_ms=250&replicas=3").expect("good");
        assert_eq!(address.base.as_str(), "https://db.example:6333/q/");
        assert_eq!(address.api_key.as_ref().map(HeaderValue::as_bytes), Some(&b"word"[..]));
        assert_eq!((address.prefix.as_str(), address.timeout.as_millis(), address.replicas), ("a-1", 250, Some(3)));
        let address = Address::parse("qdrant+http://[::1]:80").expect("good");
        assert_eq!(address.base.as_str(), "http://[::1]/");
        assert!(address.is_loopback() && address.api_key.is_none() && address.prefix.is_empty());
        let address = Address::parse("qdrant+https://:word@10.0.0.1:443/").expect("good");
        assert_eq!(
            (address.base.as_str(), address.is_loopback(), address.is_tls()),
            ("https://10.0.0.1/", false, true)
        );
    }

    #[test]
    fn a_key_comes_from_a_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "hunter2\n").expect("written");
        let path = file.path().display();
        let address = Address::parse(&format!("qdrant+http://h?api_key_file={path}")).expect("good");
        let key = address.api_key.expect("a key");
        assert_eq!(key.as_bytes(), b"hunter2");
        assert_eq!(format!("{key:?}"), "Sensitive");
        refusal(&format!("qdrant+http://hunter2@h?api_key_file={path}"));
    }

    #[test]
    fn bad_urls_are_refused_without_being_repeated() {
        let bad = [
            "",
            "qdrant",
            "qdrant://hunter2@h",
            "http://hunter2@h",
            "qdrant+ftp://hunter2@h",
            "qdrant+http://",
            "qdrant+http://hunter2@",
            "qdrant+http://me:hunter2@h",
            "qdrant+http://hunter2%20@h",
            "qdrant+http://hunter2@h:70000",
            "qdrant+http://hunter2@h#x",
            "qdrant+http://hunter2@h?prefix=",
            "qdrant+http://hunter2@h?prefix=a/b",
            "qdrant+http://hunter2@h?timeout_ms=0",
            "qdrant+http://hunter2@h?timeout_ms=1e3",
            "qdrant+http://hunter2@h?replicas=0",
            "qdrant+http://hunter2@h?api_key=hunter2",
            "qdrant+http://h?api_key_file=/nowhere/hunter2",
            "qdrant+http://h?api_key_env=NOT_SET_hunter2",
            "qdrant+http://h?api_key_env=",
            "qdrant+http://h?api_key_env=a%00b",
        ];
        for url in bad {
            assert!(!refusal(url).contains("hunter2"), "{url}");
        }
    }
}
