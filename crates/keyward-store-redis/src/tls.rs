use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

/// TLS by rustls over ring: the server's certificate has to be of its name, and signed by an authority that the machine trusts.
///
/// The process-wide default provider of rustls is neither used nor set: that is for the program to choose.
pub(crate) fn connector() -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
