//! TLS on both legs: a certificate of our own towards the client, a verified one of the server's.

pub mod authority;
mod explain;
pub mod keylog;
mod leaves;
pub mod trust;

use std::io;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use self::authority::Authority;
pub(super) use self::explain::{client_failed, server_failed};
use self::keylog::KeyLog;
use self::leaves::Leaves;
use self::trust::Trust;
use super::stream::{Stream, Tcp};

/// The only protocol that is offered and accepted: in HTTP/2 a WebSocket looks different.
const ALPN: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// All that TLS needs.
#[derive(Debug)]
pub struct Tls {
    leaves: Option<Arc<Leaves>>,
    client: Arc<ClientConfig>,
    keylog: Option<Arc<KeyLog>>,
}

impl Tls {
    /// With `authority` clients can be served; `trust` says which servers are believed.
    ///
    /// # Errors
    /// Where the cryptography of this build lacks a version of TLS that we name.
    pub fn new(
        authority: Option<Authority>,
        trust: &Trust,
        keylog: Option<Arc<KeyLog>>,
    ) -> Result<Self, rustls::Error> {
        let mut config = trust.client_config()?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        log_keys(&mut config.key_log, keylog.as_ref());
        let leaves = authority.map(Leaves::new).transpose()?.map(Arc::new);
        Ok(Self { leaves, client: Arc::new(config), keylog })
    }

    /// Answers a client's handshake as the server `name`, whatever other name the client asks for.
    pub(super) async fn accept(&self, tcp: Tcp, name: &str) -> io::Result<Stream> {
        let leaves = self.leaves.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let mut config = config.with_no_client_auth().with_cert_resolver(leaves.resolver(name));
        config.alpn_protocols = vec![ALPN.to_vec()];
        log_keys(&mut config.key_log, self.keylog.as_ref());
        let stream = TlsAcceptor::from(Arc::new(config)).accept(tcp).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Server(stream))))
    }

    /// Begins TLS with the server `host`.
    pub(super) async fn connect(&self, tcp: Tcp, host: &str) -> io::Result<Stream> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(&self.client)).connect(name, tcp).await?;
        Ok(Stream::Tls(Box::new(TlsStream::Client(stream))))
    }
}

fn log_keys(slot: &mut Arc<dyn rustls::KeyLog>, keylog: Option<&Arc<KeyLog>>) {
    if let Some(keylog) = keylog {
        *slot = Arc::clone(keylog) as Arc<dyn rustls::KeyLog>;
    }
}

/// A client's configuration that believes whom `verifier` believes.
fn config_with(
    verifier: Arc<dyn rustls::client::danger::ServerCertVerifier>,
) -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}
