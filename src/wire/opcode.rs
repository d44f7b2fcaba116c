//! Opcodes: what kind of frame it is (RFC 6455 §5.2, §11.8).

/// The four bits that say what kind of frame it is. All sixteen values are opcodes; six have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(pub u8);

/// One row for each opcode with a name: the value, its name, and what it does to the reader.
pub const OPCODES: &[(Opcode, &str, &str)] = &[
    (Opcode::CONTINUATION, "continuation", "goes on with the message that was begun"),
    (Opcode::TEXT, "text", "the payload is UTF-8"),
    (Opcode::BINARY, "binary", "the payload is any bytes"),
    (Opcode::CLOSE, "close", "the last frame this side sends"),
    (Opcode::PING, "ping", "asks for a pong with the same payload"),
    (Opcode::PONG, "pong", "answers a ping, or just says: still here"),
];

impl Opcode {
    /// 0: another piece of the message that was begun.
    pub const CONTINUATION: Self = Self(0x0);
    /// 1: a message of UTF-8 text, or its first piece.
    pub const TEXT: Self = Self(0x1);
    /// 2: a message of bytes, or its first piece.
    pub const BINARY: Self = Self(0x2);
    /// 8: the closing handshake.
    pub const CLOSE: Self = Self(0x8);
    /// 9: a question that a Pong answers.
    pub const PING: Self = Self(0x9);
    /// 10: the answer to a Ping, or a sign of life.
    pub const PONG: Self = Self(0xa);

    /// Its name; none for the ten reserved values.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// What it does to the reader, or for whom it is reserved.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.row() {
            Some(row) => row.2,
            None if self.is_control() => "reserved for control frames yet to be defined",
            None => "reserved for data frames yet to be defined",
        }
    }

    /// Whether it is a control frame: the high one of the four bits is set (RFC 6455 §5.5).
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether it begins a message: text or binary.
    #[must_use]
    pub const fn begins_message(self) -> bool {
        matches!(self, Self::TEXT | Self::BINARY)
    }

    /// Whether it is one of the ten values that RFC 6455 leaves for later.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        matches!(self.0, 3..=7 | 0xb..)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str)> {
        OPCODES.iter().find(|row| row.0 == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_sixteen_are_reserved_and_have_no_name() {
        for value in 0..16 {
            let opcode = Opcode(value);
            assert_eq!(opcode.is_reserved(), opcode.name().is_none(), "{value}");
        }
        assert_eq!((0..16).filter(|&v| Opcode(v).is_reserved()).count(), 10);
    }
}
