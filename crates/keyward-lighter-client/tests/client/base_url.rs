use keyward_lighter::ChainId;
use keyward_lighter_client::{BaseUrlError, BuildError, Client};

fn refusal(base_url: &str) -> Option<BaseUrlError> {
    match Client::new(base_url) {
        Ok(_) => None,
        Err(BuildError::BaseUrl(error)) => Some(error),
        Err(error) => panic!("{base_url}: {error}"),
    }
}

#[test]
fn a_host_and_perhaps_a_port_make_a_base_url() {
    for base_url in [
        "https://mainnet.zklighter.elliot.ai",
        "https://mainnet.zklighter.elliot.ai/",
        "HTTPS://mainnet.zklighter.elliot.ai:8443",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080/",
        "http://localhost:8080",
    ] {
        assert_eq!(refusal(base_url), None, "{base_url}");
    }
}

#[test]
fn anything_else_is_refused_for_its_reason() {
    for (base_url, error) in [
        ("", BaseUrlError::NotAUrl),
        ("mainnet.zklighter.elliot.ai", BaseUrlError::NotAUrl),
        ("https://", BaseUrlError::NotAUrl),
        ("https://user@host", BaseUrlError::Credentials),
        ("https://:s3cr3t@host", BaseUrlError::Credentials),
        ("ftp://host", BaseUrlError::Scheme),
        ("wss://host", BaseUrlError::Scheme),
        ("https://host/lighter", BaseUrlError::Path),
        ("https://host/?a=b", BaseUrlError::Path),
        ("https://host/#a", BaseUrlError::Path),
        ("http://mainnet.zklighter.elliot.ai", BaseUrlError::PlainHttp),
        ("http://127.0.0.1.example.com", BaseUrlError::PlainHttp),
        ("http://localhost.example.com", BaseUrlError::PlainHttp),
        ("http://10.0.0.1", BaseUrlError::PlainHttp),
    ] {
        assert_eq!(refusal(base_url), Some(error), "{base_url}");
        assert!(!error.to_string().contains("s3cr3t"));
    }
}

#[test]
fn plain_http_can_be_allowed() {
    let client = Client::builder("http://10.0.0.1:8080/").allow_plain_http().build().unwrap();
    assert_eq!(client.base_url(), "http://10.0.0.1:8080");
}

#[test]
fn the_chain_follows_from_the_base_url_unless_it_is_set() {
    let testnet = Client::builder("https://testnet.zklighter.elliot.ai");
    assert_eq!(testnet.clone().build().unwrap().chain_id(), ChainId::TESTNET);
    assert_eq!(testnet.chain_id(ChainId::new(7)).build().unwrap().chain_id(), ChainId::new(7));
    assert_eq!(Client::new("http://127.0.0.1:1").unwrap().chain_id(), ChainId::MAINNET);
}

#[test]
fn what_is_no_certificate_is_no_root() {
    for text in ["", "garbage", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let refused = Client::builder("https://host").add_root_certificates(text.as_bytes());
        assert!(matches!(refused, Err(BuildError::Certificate)), "{text:?}");
    }
    let not_x509 = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let client = Client::builder("https://host").add_root_certificates(not_x509.as_bytes()).unwrap().build();
    assert!(matches!(client, Err(BuildError::Tls(_))));
}
