//! Writes the keys of TLS connections to a file, in the form that Wireshark and browsers share.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Mutex;

/// A file of keys: `CLIENT_RANDOM`, `CLIENT_TRAFFIC_SECRET_0`, …, one a line.
#[derive(Debug)]
pub struct KeyLog {
    file: Mutex<File>,
}

impl KeyLog {
    /// Opens the file and goes on at its end, as other programs do. Only its owner may read it.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        if file.metadata()?.is_file() {
            file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
        Ok(Self { file: Mutex::new(file) })
    }
}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex::encode(client_random), hex::encode(secret));
        if let Ok(mut file) = self.file.lock() {
            // A key that cannot be written hinders no connection.
            _ = file.write_all(line.as_bytes());
        }
    }
}
