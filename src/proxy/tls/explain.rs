//! What went wrong in a TLS handshake, in a sentence.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// The error of TLS inside one of input and output.
fn inside(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref::<Error>()
}

/// Why there is no TLS with a server.
pub(in crate::proxy) fn server_failed(error: &io::Error) -> String {
    const HOW: &str = "--upstream-ca FILE names whom to believe, --insecure believes anybody";
    match inside(error) {
        Some(Error::InvalidCertificate(certificate)) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired; --insecure takes it nevertheless".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet: look at the clocks, or use --insecure".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name; --insecure takes it nevertheless".to_owned()
            }
            CertificateError::UnknownIssuer => format!("nobody whom this system trusts signed its certificate; {HOW}"),
            // The verifier has no variant of its own for it.
            CertificateError::Other(why) if why.to_string().contains("CaUsedAsEndEntity") => {
                format!("its certificate is a CA's and stands for no server (openssl req -x509 makes such); {HOW}")
            }
            other => format!("its certificate is not valid ({other}); {HOW}"),
        },
        Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => {
            "it does not speak HTTP/1.1, only another protocol such as HTTP/2; WebSocket there is not read here".to_owned()
        }
        Some(Error::InvalidMessage(_)) => {
            "what it answers is no TLS; if it speaks plain HTTP, write ws:// or http://".to_owned()
        }
        Some(other) => format!("TLS fails: {other}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it ends the connection instead of answering in TLS; if it speaks plain HTTP, write ws:// or http://".to_owned()
        }
        None => format!("TLS fails: {error}"),
    }
}

/// Why there is no TLS with a client, where it is worth telling.
pub(in crate::proxy) fn client_failed(error: &io::Error) -> Option<String> {
    use AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA};
    if error.kind() == io::ErrorKind::UnexpectedEof && inside(error).is_none() {
        let why = "the client broke off TLS without a word; some do that to a certificate which they do not trust: \
                   `wslens ca` tells how to make them trust that of wslens";
        return Some(why.to_owned());
    }
    match inside(error)? {
        Error::AlertReceived(UnknownCA | CertificateUnknown | BadCertificate) => Some(
            "the browser does not trust the certificate of wslens: `wslens ca` tells how to make it do so"
                .to_owned(),
        ),
        Error::NoApplicationProtocol => {
            Some("the client speaks no HTTP/1.1, only another protocol such as HTTP/2".to_owned())
        }
        Error::InvalidMessage(_) => Some(
            "what the client sends is no TLS: let it say wss:// or https://, or leave out --tls".to_owned(),
        ),
        other => Some(format!("TLS with the client fails: {other}")),
    }
}
