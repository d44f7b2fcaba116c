//! The kinds of things that `--only` and `--hide` name.

use crate::render::collect::{FrameHeader, Shown, WholeFrame};
use crate::session::event::{Event, Kind, Why};
use crate::wire::opcode::Opcode;

/// A set of kinds. One thing can be of several: a frame of text is `frame`, `data` and `text`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u32);

/// One row for each kind: its name, and what is of it.
pub const KINDS: &[(&str, Kinds, &str)] = &[
    ("open", Kinds::OPEN, "the beginning of a connection"),
    ("request", Kinds::REQUEST, "heads of requests"),
    ("response", Kinds::RESPONSE, "heads of responses"),
    ("handshake", Kinds::HANDSHAKE, "requests and responses of opening handshakes"),
    ("http", Kinds::HTTP, "other HTTP, bodies included"),
    ("frame", Kinds::FRAME, "frames of every opcode"),
    ("data", Kinds::DATA, "data frames and messages"),
    ("text", Kinds::TEXT, "frames with opcode 1, and messages of text"),
    ("binary", Kinds::BINARY, "frames with opcode 2, and messages of bytes"),
    ("continuation", Kinds::CONTINUATION, "frames with opcode 0"),
    ("control", Kinds::CONTROL, "control frames"),
    ("close", Kinds::CLOSE, "frames with opcode 8"),
    ("ping", Kinds::PING, "frames with opcode 9"),
    ("pong", Kinds::PONG, "frames with opcode 10"),
    ("message", Kinds::MESSAGE, "messages"),
    ("opaque", Kinds::OPAQUE, "bytes that are not WebSocket"),
    ("gap", Kinds::GAP, "bytes that are missing"),
    ("end", Kinds::END, "the end of a sender's stream"),
    ("finding", Kinds::FINDING, "whatever breaks a rule"),
];

impl Kinds {
    const OPEN: Self = Self(1);
    const REQUEST: Self = Self(1 << 1);
    const RESPONSE: Self = Self(1 << 2);
    const HANDSHAKE: Self = Self(1 << 3);
    const HTTP: Self = Self(1 << 4);
    const FRAME: Self = Self(1 << 5);
    const DATA: Self = Self(1 << 6);
    const TEXT: Self = Self(1 << 7);
    const BINARY: Self = Self(1 << 8);
    const CONTINUATION: Self = Self(1 << 9);
    const CONTROL: Self = Self(1 << 10);
    const CLOSE: Self = Self(1 << 11);
    const PING: Self = Self(1 << 12);
    const PONG: Self = Self(1 << 13);
    const MESSAGE: Self = Self(1 << 14);
    const OPAQUE: Self = Self(1 << 15);
    const GAP: Self = Self(1 << 16);
    const END: Self = Self(1 << 17);
    const FINDING: Self = Self(1 << 18);

    /// Reads names between commas; a plural is fine.
    ///
    /// # Errors
    /// A sentence about a name that is none.
    pub fn parse(names: &str) -> Result<Self, String> {
        names.split(',').map(str::trim).try_fold(Self::default(), |kinds, name| {
            let is_it = |kind: &str| kind == name || name.strip_suffix('s') == Some(kind);
            match KINDS.iter().find(|row| is_it(row.0)) {
                Some(row) => Ok(kinds.with(row.1)),
                None => {
                    let all: Vec<_> = KINDS.iter().map(|row| row.0).collect();
                    Err(format!("{name:?} is no kind of thing that is shown; there are {}", all.join(", ")))
                }
            }
        })
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two sets share a kind.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds that a thing is of.
    #[must_use]
    pub fn of(shown: &Shown<'_>) -> Self {
        let kinds = match shown {
            Shown::Frame(frame) => Self::of_frame(frame),
            Shown::Message(whole) => {
                Self::MESSAGE.with(Self::DATA).with(Self::of_opcode(whole.message.opcode))
            }
            Shown::Event(event) => Self::of_event(event),
        };
        if shown.findings().next().is_some() { kinds.with(Self::FINDING) } else { kinds }
    }

    fn of_frame(frame: &WholeFrame<'_>) -> Self {
        let opcode = match frame.header {
            FrameHeader::Whole(header) | FrameHeader::Begun(header) => Some(header.opcode()),
            FrameHeader::Cut(partial) => partial.first().map(|first| Opcode(first & 0xf)),
        };
        opcode.map_or(Self::FRAME, Self::of_frame_with)
    }

    /// The kinds that a frame with this opcode is of.
    pub(super) const fn of_frame_with(opcode: Opcode) -> Self {
        let family = if opcode.is_control() { Self::CONTROL } else { Self::DATA };
        Self::FRAME.with(family).with(Self::of_opcode(opcode))
    }

    const fn of_opcode(opcode: Opcode) -> Self {
        match opcode {
            Opcode::CONTINUATION => Self::CONTINUATION,
            Opcode::TEXT => Self::TEXT,
            Opcode::BINARY => Self::BINARY,
            Opcode::CLOSE => Self::CLOSE,
            Opcode::PING => Self::PING,
            Opcode::PONG => Self::PONG,
            _ => Self(0),
        }
    }

    fn of_event(event: &Event<'_>) -> Self {
        let head = |handshake| if handshake { Self::HANDSHAKE } else { Self::HTTP };
        match &event.kind {
            Kind::Open(_) => Self::OPEN,
            Kind::Request(request) => Self::REQUEST.with(head(request.handshake)),
            Kind::Response(response) => Self::RESPONSE.with(head(response.handshake)),
            Kind::Opaque(opaque) if opaque.why == Why::HttpBody => Self::OPAQUE.with(Self::HTTP),
            Kind::Opaque(_) => Self::OPAQUE,
            Kind::Gap | Kind::Resync(_) => Self::GAP,
            Kind::Part(_) => Self::MESSAGE.with(Self::DATA),
            Kind::End(_) => Self::END,
            // Joined by the collector.
            Kind::FrameStart(_)
            | Kind::FrameCut(_)
            | Kind::Payload(_)
            | Kind::Inflated(_)
            | Kind::FrameEnd(_)
            | Kind::Message(_) => Self(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_a_kind_of_its_own() {
        for (i, (name, kinds, _)) in KINDS.iter().enumerate() {
            assert_eq!(kinds.0, 1 << i, "{name}");
            assert_eq!(Kinds::parse(name), Ok(*kinds));
            assert_eq!(Kinds::parse(&format!("{name}s")), Ok(*kinds));
        }
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        assert_eq!(Kinds::parse("text, ping").map(|kinds| kinds.0.count_ones()), Ok(2));
        let sentence = Kinds::parse("text,foo").expect_err("no kind");
        assert!(sentence.starts_with("\"foo\" is no kind"), "{sentence}");
        assert!(sentence.contains("handshake, http, frame"), "{sentence}");
        assert!(Kinds::parse("").is_err());
    }
}
