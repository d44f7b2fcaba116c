//! Our own certificate authority: made on first use, for this user and this machine alone.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;

/// The file with the key and the certificate.
const SECRET: &str = "ca-key.pem";

/// The file with the certificate alone, to be given to browsers.
const CERTIFICATE: &str = "ca.pem";

/// What the authority is called in a browser's list.
const NAME: &str = "wslens CA of this machine";

const DAY: u64 = 24 * 60 * 60;

/// How long the authority is valid.
const AUTHORITY_DAYS: u64 = 3650;

/// How long a leaf is valid: browsers want less than 398 days.
const LEAF_DAYS: u64 = 90;

/// Why there is no authority.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// Neither XDG_CONFIG_HOME nor HOME says where configuration belongs.
    #[error("there is no directory for the key of our CA: set HOME or XDG_CONFIG_HOME")]
    NoHome,
    /// Somebody else may read the key, or put another in its place.
    #[error("others than you can {what} {}, so our CA is not used: chmod {mode} {}", .path.display(), .path.display())]
    Exposed {
        /// What they can do.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What the permissions should be.
        mode: &'static str,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is in the file is no key and certificate.
    #[error("{} holds no key and certificate of ours ({why}): delete it, and a new CA is made", .path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The cryptography failed.
    #[error("no certificate can be made: {0}")]
    Made(#[from] rcgen::Error),
}

/// The authority: its key and its certificate.
#[derive(Debug)]
pub struct Authority {
    key: KeyPair,
    certificate: CertificateDer<'static>,
    directory: PathBuf,
}

impl Authority {
    /// The user's own directory for it.
    ///
    /// # Errors
    /// Where the environment names none.
    pub fn directory() -> Result<PathBuf, AuthorityError> {
        let from = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config = from("XDG_CONFIG_HOME").or_else(|| from("HOME").map(|home| home.join(".config")));
        Ok(config.ok_or(AuthorityError::NoHome)?.join("wslens"))
    }

    /// Reads it, or makes it where there is none.
    ///
    /// # Errors
    /// Where it cannot be read or made, or where others can read its key.
    pub fn open(directory: &Path) -> Result<Self, AuthorityError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| AuthorityError::File { path, error }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(at(directory))?;
        let mode = fs::metadata(directory).map_err(at(directory))?.permissions().mode();
        if mode & 0o077 != 0 {
            let path = directory.to_owned();
            return Err(AuthorityError::Exposed { what: "look into", path, mode: "700" });
        }
        let secret = directory.join(SECRET);
        if !secret.exists() {
            make(&secret)?;
        }
        if fs::metadata(&secret).map_err(at(&secret))?.permissions().mode() & 0o077 != 0 {
            return Err(AuthorityError::Exposed { what: "read", path: secret, mode: "600" });
        }
        let text = fs::read_to_string(&secret).map_err(at(&secret))?;
        let damaged = |why: String| AuthorityError::Damaged { path: secret.clone(), why };
        let key = KeyPair::from_pem(&text).map_err(|error| damaged(error.to_string()))?;
        let certificate =
            CertificateDer::from_pem_slice(text.as_bytes()).map_err(|error| damaged(error.to_string()))?;
        let authority = Self { key, certificate, directory: directory.to_owned() };
        let public = authority.path();
        fs::write(&public, authority.pem()).map_err(at(&public))?;
        Ok(authority)
    }

    /// The certificate alone, in a file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.join(CERTIFICATE)
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem(&self.certificate)
    }

    /// The SHA-256 of the certificate, as browsers show it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = digest(&SHA256, &self.certificate);
        hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// The SHA-256 of its public key in base64, as Chromium wants it for one run.
    #[must_use]
    pub fn spki(&self) -> String {
        STANDARD.encode(digest(&SHA256, &self.key.subject_public_key_info()))
    }

    pub(super) const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A certificate for these names, with this key.
    pub(super) fn leaf(&self, names: Vec<String>, key: &KeyPair) -> Result<Certificate, rcgen::Error> {
        let mut params = CertificateParams::new(names.clone())?;
        // Common names have at most 64 characters; the names that count stand elsewhere.
        let name: String = names.first().map_or("", String::as_str).chars().take(64).collect();
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, LEAF_DAYS);
        params.signed_by(key, &Issuer::from_params(&params_of_ca(), &self.key))
    }
}

/// Makes a key and a certificate, and puts them there unless somebody else was faster.
fn make(secret: &Path) -> Result<(), AuthorityError> {
    let key = KeyPair::generate()?;
    let mut params = params_of_ca();
    set_validity(&mut params, AUTHORITY_DAYS);
    let text = key.serialize_pem() + &pem(params.self_signed(&key)?.der());
    let fresh = secret.with_extension(format!("{}.new", std::process::id()));
    let written = write_secret(&fresh, &text).and_then(|()| fs::hard_link(&fresh, secret));
    _ = fs::remove_file(&fresh);
    match written {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(AuthorityError::File { path: secret.to_owned(), error })
        }
        _ => Ok(()),
    }
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// What the authority's certificate says, but for its dates: leaves name it by this.
fn params_of_ca() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// From yesterday, since clocks differ, for so many days.
fn set_validity(params: &mut CertificateParams, days: u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let yesterday = date_time_ymd(1970, 1, 1) + now.saturating_sub(Duration::from_secs(DAY));
    params.not_before = yesterday;
    params.not_after = yesterday + Duration::from_secs(days * DAY);
}

/// DER in PEM's armour (RFC 7468).
fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_only_its_owner_can_read_it() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("wslens");
        let first = Authority::open(&directory).unwrap();
        let second = Authority::open(&directory).unwrap();
        assert_eq!((first.pem(), first.spki()), (second.pem(), second.spki()));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&directory.join(SECRET))), (0o700, 0o600));
        assert!(!fs::read_to_string(first.path()).unwrap().contains("PRIVATE"));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("wslens");
        Authority::open(&directory).unwrap();
        let secret = directory.join(SECRET);
        fs::set_permissions(&secret, Permissions::from_mode(0o640)).unwrap();
        let error = Authority::open(&directory).unwrap_err().to_string();
        assert!(error.contains("read") && error.contains("chmod 600"), "{error}");
        fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
        assert!(Authority::open(&directory).unwrap_err().to_string().contains("chmod 700"));
    }

    #[test]
    fn a_damaged_key_is_told() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("wslens");
        Authority::open(&directory).unwrap();
        fs::write(directory.join(SECRET), "nothing").unwrap();
        assert!(Authority::open(&directory).unwrap_err().to_string().contains("delete it"));
    }

    #[test]
    fn lines_of_pem_have_64_characters() {
        assert_eq!(pem(&[0; 50]).lines().map(str::len).collect::<Vec<_>>(), [27, 64, 4, 25]);
    }
}
