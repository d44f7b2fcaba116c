//! Close codes and the body of a Close frame (RFC 6455 §5.5.1, §7.4).

/// The number in the first two bytes of a Close frame's body. Every value is a code; some have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(pub u16);

/// One row for each code of the registry: its number, its name, what it says.
pub const CLOSE_CODES: &[(CloseCode, &str, &str)] = &[
    (CloseCode(1000), "normal closure", "what the connection was for is done"),
    (CloseCode(1001), "going away", "the server shuts down, or the browser left the page"),
    (CloseCode(1002), "protocol error", "the other side broke a rule of the protocol"),
    (CloseCode(1003), "unsupported data", "text came where only binary is understood, or the reverse"),
    (CloseCode(1004), "reserved", "has no meaning yet"),
    (CloseCode(1005), "no status received", "never sent: a Close without a code is reported so"),
    (CloseCode(1006), "abnormal closure", "never sent: a connection that ended without Close is reported so"),
    (CloseCode(1007), "invalid payload data", "a text message was not UTF-8, say"),
    (CloseCode(1008), "policy violation", "a message broke a rule of the application"),
    (CloseCode(1009), "message too big", "a message was longer than the receiver takes"),
    (CloseCode(1010), "mandatory extension", "the client needs an extension the server did not accept"),
    (CloseCode(1011), "internal error", "the server met something it did not expect"),
    (CloseCode(1012), "service restart", "the server restarts: come back in a moment"),
    (CloseCode(1013), "try again later", "the server is overloaded: come back later"),
    (CloseCode(1014), "bad gateway", "a gateway got an invalid answer from the server behind it"),
    (CloseCode(1015), "TLS handshake", "never sent: a TLS handshake that failed is reported so"),
];

impl CloseCode {
    /// Its name in the registry, where it has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        CLOSE_CODES.iter().find(|row| row.0 == self).map(|row| row.1)
    }

    /// What it says: its own meaning, or that of its range (RFC 6455 §7.4.2).
    #[must_use]
    pub fn meaning(self) -> &'static str {
        if let Some(row) = CLOSE_CODES.iter().find(|row| row.0 == self) {
            return row.2;
        }
        match self.0 {
            0..=999 => "not used: codes begin at 1000",
            1000..=2999 => "not assigned: this range belongs to the protocol and its extensions",
            3000..=3999 => "of a library or framework, registered with IANA",
            4000..=4999 => "private: the application gives it its meaning",
            5000.. => "beyond the last defined range, 4000 to 4999",
        }
    }

    /// Whether it only stands for something that never was on the wire: 1005, 1006, 1015 (RFC 6455 §7.4.1).
    #[must_use]
    pub const fn is_never_sent(self) -> bool {
        matches!(self.0, 1005 | 1006 | 1015)
    }
}

/// The body of a Close frame, unmasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseBody<'a> {
    /// The first two bytes as a number, high byte first; none where fewer came.
    pub code: Option<CloseCode>,
    /// What stands behind the code; UTF-8 if the sender kept the rules.
    pub reason: &'a [u8],
}

impl<'a> CloseBody<'a> {
    /// Reads the body. A body of a single byte has neither code nor reason.
    #[must_use]
    pub fn decode(payload: &'a [u8]) -> Self {
        match payload.split_first_chunk::<2>() {
            Some((code, reason)) => Self { code: Some(CloseCode(u16::from_be_bytes(*code))), reason },
            None => Self { code: None, reason: &[] },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_number() {
        assert_eq!(CloseBody::decode(&[0x04, 0x4b, b'x']).code, Some(CloseCode(1099)));
        assert_eq!(CloseCode(1099).name(), None);
        assert_eq!(CloseCode(1014).name(), Some("bad gateway"));
    }

    #[test]
    fn one_byte_is_no_code() {
        assert_eq!(CloseBody::decode(&[3]), CloseBody { code: None, reason: &[] });
    }
}
