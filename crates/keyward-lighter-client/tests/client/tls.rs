//! TLS with a certificate of the tests' own; its README says how it was made.

use std::sync::Arc;

use keyward_lighter_client::{Client, ClientError, Failure, StreamError};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::sample::{account, slot};
use crate::scripted::{Step, answer, play, read_request, say};

const ROOT: &[u8] = include_bytes!("../certificates/root.pem");
const SERVER: &[u8] = include_bytes!("../certificates/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../certificates/server.key.pem");

/// A listener, its port, and what makes TLS of its connections.
async fn listen() -> (TcpListener, u16, TlsAcceptor) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_slice(SERVER).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port, TlsAcceptor::from(Arc::new(config)))
}

/// A server that answers every request with a nonce.
async fn nonce_server() -> u16 {
    let (listener, port, tls) = listen().await;
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // A client that does not trust the certificate ends it here.
            let Ok(mut connection) = tls.accept(connection).await else { continue };
            let Some(request) = read_request(&mut connection).await else { continue };
            assert_eq!(request.line, "GET /api/v1/nextNonce?account_index=5&api_key_index=253");
            let Step::Say(bytes) = answer(200, r#"{"code":200,"nonce":7}"#) else { unreachable!() };
            say(&mut connection, &bytes).await;
        }
    });
    port
}

fn trusting(base_url: &str) -> Client {
    Client::builder(base_url).add_root_certificates(ROOT).unwrap().build().unwrap()
}

#[tokio::test]
async fn a_root_that_was_added_is_trusted() {
    let port = nonce_server().await;
    for host in ["127.0.0.1", "localhost"] {
        let client = trusting(&format!("https://{host}:{port}"));
        assert_eq!(client.next_nonce(account(), slot()).await.unwrap().as_u64(), 7);
    }
}

#[tokio::test(start_paused = true)]
async fn another_root_is_not_and_nothing_is_sent() {
    let port = nonce_server().await;
    // A root must be there, if only one that has signed nothing.
    let client = Client::builder(&format!("https://127.0.0.1:{port}")).add_root_certificates(SERVER).unwrap();
    let error = client.build().unwrap().next_nonce(account(), slot()).await.unwrap_err();
    assert!(matches!(error, ClientError::NotSent(Failure::Connection(_))), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn another_name_than_the_certificates_is_refused() {
    let port = nonce_server().await;
    let error = trusting(&format!("https://127.0.0.2:{port}")).next_nonce(account(), slot()).await.unwrap_err();
    assert!(matches!(error, ClientError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn a_stream_goes_over_tls_too() {
    let (listener, port, tls) = listen().await;
    tokio::spawn(async move {
        let connection = listener.accept().await.unwrap().0;
        play(tls.accept(connection).await.unwrap(), &[(None, r#"{"type":"connected"}"#)]).await;
        let connection = listener.accept().await.unwrap().0;
        assert!(tls.accept(connection).await.is_err());
    });
    let base_url = format!("https://127.0.0.1:{port}");
    trusting(&base_url).stream().await.unwrap();

    let stranger = Client::builder(&base_url).add_root_certificates(SERVER).unwrap().build().unwrap();
    assert!(matches!(stranger.stream().await.unwrap_err(), StreamError::Connect(_)));
}
