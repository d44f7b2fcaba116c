//! Certificates for the names that clients ask for, made when they are first needed.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::KeyPair;
use rustls::Error;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};

use super::authority::Authority;
use super::provider;

/// The most certificates that are kept.
const MOST_KEPT: usize = 1024;

/// The certificates made so far. One key serves them all.
#[derive(Debug)]
pub(super) struct Leaves {
    authority: Authority,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// Answers for one server.
#[derive(Debug)]
struct Resolver {
    leaves: Arc<Leaves>,
    name: String,
}

impl Leaves {
    pub(super) fn new(authority: Authority) -> Result<Self, Error> {
        let key = KeyPair::generate().map_err(|error| Error::General(error.to_string()))?;
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = provider().key_provider.load_private_key(der)?;
        Ok(Self { authority, key, signing, made: Mutex::default() })
    }

    /// Gives the certificate for the name that a client asks for, or for `name` where it asks for none.
    pub(super) fn resolver(self: &Arc<Self>, name: &str) -> Arc<dyn ResolvesServerCert> {
        Arc::new(Resolver { leaves: Arc::clone(self), name: name.to_owned() })
    }

    fn leaf(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = made.get(name) {
            return Some(Arc::clone(leaf));
        }
        let leaf = self.authority.leaf(names(name), &self.key).ok()?;
        // The authority goes along: Chromium believes it for one run only where it sees it.
        let chain = vec![leaf.der().clone(), self.authority.certificate().clone()];
        let leaf = Arc::new(CertifiedKey::new(chain, Arc::clone(&self.signing)));
        if made.len() == MOST_KEPT {
            made.clear();
        }
        made.insert(name.to_owned(), Arc::clone(&leaf));
        Some(leaf)
    }
}

/// A name of this machine stands for all of them.
fn names(name: &str) -> Vec<String> {
    let own = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
    let is_own = name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    if is_own { own.to_vec() } else { vec![name.to_owned()] }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.leaves.leaf(hello.server_name().unwrap_or(&self.name))
    }
}
