//! What a URL says.

use std::fmt;

use keyward_store::OpenError;
use percent_encoding::percent_decode_str;
use redis::RedisConnectionInfo;
use zeroize::Zeroizing;

use crate::Guarantee;
use crate::server::Greeting;
use crate::slots::Endpoint;
use crate::tls;

/// The port of a server that names none.
const PORT: u16 = 6379;

/// Where the servers are, and what is asked of them.
pub(crate) struct Address {
    nodes: Vec<Endpoint>,
    user: Option<String>,
    password: Option<Zeroizing<String>>,
    database: u16,
    is_encrypted: bool,
    pub(crate) topology: Topology,
    pub(crate) prefix: String,
    pub(crate) guarantee: Guarantee,
}

/// Whether the servers share the data among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topology {
    Single,
    Cluster,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let (scheme, rest) = url.split_once("://").ok_or(OpenError::BadUrl("no scheme"))?;
        let (topology, is_encrypted) = match scheme {
            "redis" => (Topology::Single, false),
            "rediss" => (Topology::Single, true),
            "redis+cluster" => (Topology::Cluster, false),
            "rediss+cluster" => (Topology::Cluster, true),
            _ => {
                return Err(OpenError::BadUrl("the scheme is none of redis, rediss, redis+cluster and rediss+cluster"));
            }
        };
        if rest.contains('#') {
            return Err(OpenError::BadUrl("a fragment (is a # in the password not escaped?)"));
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info), hosts),
            None => (None, authority),
        };
        let (user, password) = user_info.map(credentials).transpose()?.unwrap_or_default();
        let nodes = hosts.split(',').map(node).collect::<Result<Vec<_>, _>>()?;
        let database = database(path)?;
        match topology {
            Topology::Single if nodes.len() > 1 => {
                return Err(OpenError::BadUrl("several servers (is it a cluster? then redis+cluster)"));
            }
            Topology::Cluster if database != 0 => return Err(OpenError::BadUrl("a cluster has database 0 only")),
            _ => {}
        }
        let mut address = Self {
            nodes,
            user,
            password,
            database,
            is_encrypted,
            topology,
            prefix: "kw".to_owned(),
            guarantee: Guarantee::Synced,
        };
        for option in query.split('&').filter(|option| !option.is_empty()) {
            address.set(option)?;
        }
        Ok(address)
    }

    fn set(&mut self, option: &str) -> Result<(), OpenError> {
        match option.split_once('=') {
            Some(("durability", name)) => {
                self.guarantee = name
                    .parse()
                    .map_err(|_| OpenError::BadUrl("durability is not one of synced, asynchronous and volatile"))?;
            }
            Some(("prefix", prefix)) => {
                let is_allowed =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
                if !(1..=32).contains(&prefix.len()) || !prefix.bytes().all(is_allowed) {
                    return Err(OpenError::BadUrl("prefix is not 1 to 32 of a-z, 0-9, - and _"));
                }
                self.prefix = prefix.to_owned();
            }
            _ => return Err(OpenError::BadUrl("an option other than durability=… and prefix=…")),
        }
        Ok(())
    }

    pub(crate) fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        self.nodes.iter().cloned()
    }

    pub(crate) fn greeting(&self) -> Result<Greeting, OpenError> {
        let login = RedisConnectionInfo {
            db: self.database.into(),
            username: self.user.clone(),
            password: self.password.as_ref().map(|password| password.to_string()),
            ..RedisConnectionInfo::default()
        };
        let tls = self.is_encrypted.then(tls::connector).transpose();
        Ok(Greeting { login, tls: tls.map_err(|error| OpenError::Backend(error.into()))? })
    }
}

/// Not the password, and not where the servers are.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topology, guarantee, .. } = self;
        f.debug_struct("Address").field("topology", topology).field("guarantee", guarantee).finish_non_exhaustive()
    }
}

/// User and password.
type Credentials = (Option<String>, Option<Zeroizing<String>>);

fn credentials(user_info: &str) -> Result<Credentials, OpenError> {
    let decoded = |text: &str| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(OpenError::BadUrl("user or password is not UTF-8")),
    };
    let (user, password) = match user_info.split_once(':') {
        Some((user, password)) => (user, Some(Zeroizing::new(decoded(password)?))),
        None => (user_info, None),
    };
    Ok((Some(decoded(user)?).filter(|user| !user.is_empty()), password))
}

fn node(text: &str) -> Result<Endpoint, OpenError> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or(OpenError::BadUrl("an address with [ and no ]"))?;
        (host, (!port.is_empty()).then(|| port.strip_prefix(':').ok_or(OpenError::BadUrl("no port after ]"))))
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(Ok(port))),
            None => (text, None),
        }
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_host) {
        return Err(OpenError::BadUrl("no host, or one with other characters than a host has"));
    }
    let port = match port.transpose()? {
        None => PORT,
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(OpenError::BadUrl("no number of a port"))?,
    };
    Ok(Endpoint { host: host.to_owned(), port })
}

fn database(path: &str) -> Result<u16, OpenError> {
    if path.is_empty() { Ok(0) } else { path.parse().map_err(|_| OpenError::BadUrl("no number of a database")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        match Address::parse(url) {
            Err(OpenError::BadUrl(reason)) => reason.to_owned(),
            other => panic!("{url}: {other:?}"),
        }
    }

    fn endpoint(host: &str, port: u16) -> Endpoint {
        Endpoint { host: host.to_owned(), port }
    }

    #[test]
    fn a_url_says_where_and_how() {
        let address =
            Address::parse("redis://me:p%40s%3Ds%20%2F@db.example/3?durability=volatile&prefix=a-1").expect("good");
        assert_eq!(address.nodes, [endpoint("db.example", 6379)]);
        assert_eq!(address.user.as_deref(), Some("me"));
        assert_eq!(address.password.as_ref().map(|password| password.as_str()), Some("p@s=s /"));
        assert_eq!((address.database, address.topology, address.is_encrypted), (3, Topology::Single, false));
        assert_eq!((address.guarantee, address.prefix.as_str()), (Guarantee::Volatile, "a-1"));

        let address = Address::parse("redis+cluster://:word@10.0.0.1:7000,[::1]:7001,c").expect("good");
        assert_eq!(address.nodes, [endpoint("10.0.0.1", 7000), endpoint("::1", 7001), endpoint("c", 6379)]);
        assert_eq!((address.user.as_deref(), address.topology), (None, Topology::Cluster));
        assert_eq!((address.guarantee, address.prefix.as_str()), (Guarantee::Synced, "kw"));

        let address = Address::parse("rediss://db.example").expect("good");
        assert_eq!((address.topology, address.is_encrypted), (Topology::Single, true));
        let address = Address::parse("rediss+cluster://one,two").expect("good");
        assert_eq!((address.topology, address.is_encrypted), (Topology::Cluster, true));
    }

    #[test]
    fn bad_urls_are_refused_without_being_repeated() {
        let bad = [
            "",
            "redis",
            "redis:/hunter2",
            "postgres://hunter2",
            "rediss",
            "rediss://:hunter2@",
            "redis://",
            "redis://:hunter2@",
            "redis://:hunter2@a b",
            "redis://:hunter2@host:0",
            "redis://:hunter2@host:70000",
            "redis://:hunter2@host:port",
            "redis://:hunter2@host/x",
            "redis://:hunter2@host/-1",
            "redis://:hunter2@host/1/2",
            "redis://:hunter2@one,two",
            "redis://:hunter2#@host",
            "redis://:hunter2%ff@host",
            "redis://:hunter2@[::1",
            "redis://:hunter2@[::1]7",
            "redis://:hunter2@host?ttl=1",
            "redis://:hunter2@host?durability=",
            "redis://:hunter2@host?durability=hunter2",
            "redis://:hunter2@host?prefix=",
            "redis://:hunter2@host?prefix={hunter2}",
            "redis://:hunter2@host?prefix=*",
            "redis+cluster://:hunter2@one,two/1",
            "redis+cluster://:hunter2@one,,two",
        ];
        for url in bad {
            assert!(!refusal(url).contains("hunter2"), "{url}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let address = Address::parse("redis://user:hunter2@host").expect("good");
        assert_eq!(format!("{address:?}"), "Address { topology: Single, guarantee: Synced, .. }");
    }
}
