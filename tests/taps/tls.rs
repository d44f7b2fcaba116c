//! TLS for the tests of the proxy: a client, and a server with a root of its own.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::certificate::{provider, self_signed_config, server_config};
use super::{Proxy, SWITCHING, handshake, server};

/// `wslens proxy` with a configuration of its own.
pub fn start(home: &Path, args: &[&str]) -> Proxy {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.env("XDG_CONFIG_HOME", home);
    Proxy::start_command(command, args)
}

pub fn ca(home: &Path) -> CertificateDer<'static> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    let pem = command.args(["ca", "--pem"]).env("XDG_CONFIG_HOME", home).output().unwrap().stdout;
    CertificateDer::from_pem_slice(&pem).unwrap()
}

pub type TlsClient = StreamOwned<ClientConnection, TcpStream>;

pub fn client(stream: TcpStream, name: &str, roots: &[CertificateDer<'static>]) -> TlsClient {
    let mut store = RootCertStore::empty();
    roots.iter().for_each(|root| store.add(root.clone()).unwrap());
    let config =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(store).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

/// What a TLS server of ours is like.
pub struct Server {
    pub port: u16,
    pub root: String,
    pub got: Receiver<Vec<u8>>,
}

pub fn tls_server(name: &str, year: i32, alpn: &'static [u8], notify: bool) -> Server {
    serve_tls(server_config(name, year), alpn, notify)
}

/// A server with what `openssl req -x509` makes: one certificate that is its own CA's and its own.
pub fn self_signed_server(name: &str, year: i32) -> Server {
    serve_tls(self_signed_config(name, year), b"http/1.1", true)
}

fn serve_tls((root, mut config): (String, ServerConfig), alpn: &'static [u8], notify: bool) -> Server {
    config.alpn_protocols = vec![alpn.to_vec()];
    let (tell, got) = channel();
    let config = Arc::new(config);
    let port = server(move |stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let mut bytes = vec![0; handshake().len()];
        if tls.read_exact(&mut bytes).is_err() {
            return;
        }
        tls.write_all(&[SWITCHING.as_bytes(), b"\x81\x02hi"].concat()).unwrap();
        if notify {
            tls.conn.send_close_notify();
        }
        tls.flush().unwrap();
        while tls.conn.wants_write() {
            tls.conn.write_tls(&mut tls.sock).unwrap();
        }
        tls.sock.shutdown(Shutdown::Write).unwrap();
        _ = tls.read_to_end(&mut bytes);
        _ = tell.send(bytes);
    });
    Server { port, root, got }
}

/// All that comes, and whether close_notify came at its end.
pub fn read_tls(tls: &mut TlsClient) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    match tls.read_to_end(&mut all) {
        Ok(_) => (all, true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => (all, false),
        Err(error) => panic!("{error}"),
    }
}

pub fn answer() -> Vec<u8> {
    [SWITCHING.as_bytes(), b"\x81\x02hi"].concat()
}
