//! A place on the wire, exact to the bit, and how a decoded piece explains itself.

use std::borrow::Cow;
use std::fmt;

/// A run of bits: `at` bits from the start of whatever it is counted from, `len` bits long.
///
/// The first bit is the most significant bit of the first byte, as in the figures of the RFCs.
/// In a [`Field`] and in a finding, `at` counts from the first byte of the event it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits {
    /// Bits before the first one.
    pub at: u64,
    /// How many bits.
    pub len: u64,
}

impl Bits {
    /// `len` bits from bit `at` on.
    #[must_use]
    pub const fn new(at: u64, len: u64) -> Self {
        Self { at, len }
    }

    /// Whole bytes: `len` of them from byte `at` on.
    #[must_use]
    pub const fn bytes(at: u64, len: u64) -> Self {
        Self::new(at.saturating_mul(8), len.saturating_mul(8))
    }

    /// The next `len` bits behind these.
    #[must_use]
    pub const fn then(self, len: u64) -> Self {
        Self::new(self.at.saturating_add(self.len), len)
    }

    /// The byte in which the first bit lies.
    #[must_use]
    pub const fn first_byte(self) -> u64 {
        self.at / 8
    }

    /// The byte behind the last bit.
    #[must_use]
    pub const fn end_byte(self) -> u64 {
        self.at.saturating_add(self.len).div_ceil(8)
    }
}

/// A section of an RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cite {
    /// The number of the RFC, such as 6455.
    pub rfc: u16,
    /// The section, such as `5.2`; empty for the whole document.
    pub section: &'static str,
}

impl Cite {
    /// A section of RFC 6455, The WebSocket Protocol.
    #[must_use]
    pub const fn ws(section: &'static str) -> Self {
        Self { rfc: 6455, section }
    }

    /// A section of RFC 7692, Compression Extensions for WebSocket.
    #[must_use]
    pub const fn deflate(section: &'static str) -> Self {
        Self { rfc: 7692, section }
    }

    /// A section of RFC 1951, the DEFLATE format.
    #[must_use]
    pub const fn deflate_format(section: &'static str) -> Self {
        Self { rfc: 1951, section }
    }

    /// A section of RFC 9110, HTTP Semantics.
    #[must_use]
    pub const fn http(section: &'static str) -> Self {
        Self { rfc: 9110, section }
    }

    /// A section of RFC 9112, HTTP/1.1.
    #[must_use]
    pub const fn http1(section: &'static str) -> Self {
        Self { rfc: 9112, section }
    }
}

impl fmt::Display for Cite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RFC {}", self.rfc)?;
        if !self.section.is_empty() {
            write!(f, " §{}", self.section)?;
        }
        Ok(())
    }
}

/// How a decoded piece explains itself: where it stands, what it is called, and what it says.
///
/// Value, symbol and meaning are three things: `opcode`, `1`, `text`, "the payload is UTF-8".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The RFC's name for it: `FIN`, `Payload len`.
    pub name: &'static str,
    /// Where it stands, counted from the first bit of the frame.
    pub bits: Bits,
    /// The number in it.
    pub value: u64,
    /// The name of the value, where it has one: `text` for opcode 1.
    pub symbol: Option<&'static str>,
    /// What the value does to the reader of the stream.
    pub meaning: Cow<'static, str>,
    /// Where the RFC defines it.
    pub cite: Cite,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_bits_covers_a_byte() {
        let fin = Bits::new(0, 1);
        let rsv = fin.then(3);
        let opcode = rsv.then(4);
        assert_eq!(opcode, Bits::new(4, 4));
        assert_eq!((opcode.first_byte(), opcode.end_byte()), (0, 1));
        assert_eq!(opcode.then(1).first_byte(), 1);
    }

    #[test]
    fn a_citation_reads_as_people_write_it() {
        assert_eq!(Cite::ws("5.2").to_string(), "RFC 6455 §5.2");
        assert_eq!(Cite::ws("").to_string(), "RFC 6455");
    }
}
