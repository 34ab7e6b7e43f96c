use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use keyward_store::OpenError;
use keyward_store_postgres::PostgresStore;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::database::Database;
use crate::sample::{balance, funded};

/// What the other process is told: a URL to open, and one not to.
const OTHER: &str = "KEYWARD_TEST_TRUSTING_PROCESS";

/// A certificate of `127.0.0.1` and its authority, which no machine trusts.
fn certificate(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../keyward-lighter-client/tests/certificates").join(file)
}

/// What puts TLS in front of the server of `url`, on a port of `host`; its URL.
async fn encrypted(url: &str, host: &str) -> String {
    let (user, address) = url.rsplit_once('@').expect("a user in the URL");
    let (target, database) = address.split_once('/').expect("a database in the URL");
    let target: SocketAddr = target.parse().expect("an address");
    let chain = CertificateDer::pem_file_iter(certificate("server.pem")).expect("a file");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(certificate("server.key.pem")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((host, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // Who is refused hangs up.
            tokio::spawn(serve(client, acceptor.clone(), target));
        }
    });
    format!("{user}@{host}:{port}/{database}?sslmode=require")
}

async fn serve(mut client: TcpStream, acceptor: TlsAcceptor, target: SocketAddr) -> std::io::Result<()> {
    let mut request = [0; 8];
    client.read_exact(&mut request).await?;
    // `SSLRequest`; a client that goes on in clear gets nothing.
    assert_eq!(request, [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
    client.write_all(b"S").await?;
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(target).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_server_with_a_trusted_certificate_of_its_name_is_talked_to() {
    let Some(database) = Database::create().await else { return };
    let [right, wrong] = [encrypted(&database.url(), "127.0.0.1").await, encrypted(&database.url(), "127.0.0.2").await];
    let error = PostgresStore::open(&right).await.expect_err("nobody trusts the authority");
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");

    let mut other = Command::new(std::env::current_exe().expect("a program"));
    other.args(["--exact", "encryption::the_trusting_process", "--nocapture"]);
    other.env(OTHER, format!("{right} {wrong}")).env("SSL_CERT_FILE", certificate("root.pem"));
    let output = tokio::task::spawn_blocking(move || other.output()).await.expect("no panic").expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("it is talked to"), "{said}");
    database.remove().await;
}

/// Not a test of its own: what runs where the authority is trusted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trusting_process() {
    let Ok(told) = std::env::var(OTHER) else { return };
    let (right, wrong) = told.split_once(' ').expect("two URLs");
    let store = PostgresStore::open(right).await.expect("it opens");
    let account = funded(&store, 7).await;
    assert_eq!(balance(&store, account).await, 7);
    println!("it is talked to");
    let error = PostgresStore::open(wrong).await.expect_err("a certificate of another name");
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
}
