//! `wslens ca`: our own certificate authority, and how to make programs trust it.

use std::io::Write;
use std::path::PathBuf;

use super::exit::{Exit, Failure};
use crate::proxy::tls::authority::Authority;

/// The arguments of `wslens ca`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Print the certificate in PEM.
    #[arg(long, conflicts_with = "export")]
    pem: bool,
    /// Write the certificate in PEM to this file.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
The CA is made on first use. Its key stays in the user's configuration, readable
by nobody else, and nothing is ever put into a trust store unless you do it.";

impl Args {
    /// Shows the authority, which is made where there is none.
    ///
    /// # Errors
    /// Where it cannot be read or made, or the output takes no more.
    pub fn run(&self, out: &mut impl Write) -> Result<Exit, Failure> {
        let directory = Authority::directory().map_err(|error| error.to_string())?;
        let authority = Authority::open(&directory).map_err(|error| error.to_string())?;
        if self.pem {
            out.write_all(authority.pem().as_bytes())?;
        } else if let Some(file) = &self.export {
            std::fs::write(file, authority.pem())
                .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
        } else {
            out.write_all(explanation(&authority).as_bytes())?;
        }
        Ok(Exit::Done)
    }
}

fn explanation(authority: &Authority) -> String {
    let path = authority.path();
    let (path, fingerprint) = (path.display(), authority.fingerprint());
    let (first, second) = fingerprint.split_at(fingerprint.len() / 2 + 1);
    let spki = authority.spki();
    format!(
        "The CA with which wslens proxy makes certificates, for you and this machine:

  certificate  {path}
  SHA-256      {first}
               {second}

Whoever has its key can pretend to be any server to a program that trusts it.
The key lies beside the certificate, readable by you alone. Trust it only where
you need it, and best for one run:

  Chromium, one run, with a profile of its own
    chromium --user-data-dir=/tmp/wslens-profile \\
      --ignore-certificate-errors-spki-list={spki}
  Chromium, for good (certutil -d sql:$HOME/.pki/nssdb -D -n wslens ends it)
    certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n wslens -i {path}
  Firefox
    Settings, Privacy & Security, Certificates, View Certificates, Authorities,
    Import: choose the file, and tick that it may identify websites
  curl, node, Python
    curl --cacert {path}
    NODE_EXTRA_CA_CERTS={path} node
    SSL_CERT_FILE={path} python3
  Debian and Ubuntu, the whole system (think twice)
    sudo cp {path} /usr/local/share/ca-certificates/wslens.crt
    sudo update-ca-certificates
"
    )
}
