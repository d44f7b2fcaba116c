//! What the bits of a header do to whoever reads the stream, in a few words.
//!
//! Each sentence fits beside the grid on a page of 80 columns, and has a long form for the first time.

use crate::rules::facts::Rsv;
use crate::session::event::Place;
use crate::wire::frame::{Header, LengthForm};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// What FIN says.
pub(super) const fn fin(header: &Header, first: bool, wrong: bool) -> &'static str {
    match (header.fin(), header.opcode()) {
        (false, _) if wrong => "more pieces follow?",
        (false, _) if first => "more follows; only the last has 1",
        (false, _) => "more follows",
        (true, Opcode::CONTINUATION) => "last piece: the message is whole",
        (true, opcode) if opcode.is_control() => "a control frame is always whole",
        (true, _) => "the last frame of its message",
    }
}

/// What one of the reserved bits says: `bit` is 4 for RSV1, 2 for RSV2, 1 for RSV3.
pub(super) const fn rsv(bit: u8, set: bool, rsv: Rsv, wrong: bool) -> &'static str {
    let used = match rsv {
        Rsv::Used(used) | Rsv::Foreign(used) => used & bit != 0,
        Rsv::PerFrame => bit == 4,
        Rsv::Unknown => false,
    };
    match (set, used, rsv) {
        (true, ..) if wrong => "for an extension?",
        (true, true, Rsv::PerFrame) => "this frame is compressed",
        (true, true, _) => "compressed (permessage-deflate)",
        (true, false, Rsv::Unknown) if bit == 4 => "compressed, if that was agreed",
        (true, false, _) => "for an extension not known here",
        (false, true, Rsv::PerFrame) => "this frame is not compressed",
        (false, true, _) => "not compressed",
        (false, false, Rsv::Used(0)) => "for extensions; none agreed",
        (false, false, Rsv::Used(_) | Rsv::PerFrame) => "for extensions; none uses it",
        (false, false, Rsv::Foreign(_)) => "for extensions; not in use here",
        (false, false, Rsv::Unknown) => "for extensions; not in use here",
    }
}

/// What all three say together while they are 0.
pub(super) const fn no_rsv(rsv: Rsv) -> &'static str {
    match rsv {
        Rsv::Used(0) => "no extension agreed",
        Rsv::Used(_) | Rsv::Foreign(4) => "not compressed",
        Rsv::PerFrame => "this frame is not compressed",
        Rsv::Unknown | Rsv::Foreign(_) => "no extension in use",
    }
}

/// What the opcode says; for a continuation what goes before the number of the frame that it continues.
pub(super) const fn opcode(header: &Header, place: Option<Place>, first: bool, wrong: bool) -> &'static str {
    match header.opcode() {
        Opcode::CONTINUATION if place.is_some() => "continuation of frame ",
        Opcode::CONTINUATION if wrong => "continuation, but of what?",
        Opcode::CONTINUATION => "continuation of an earlier piece",
        Opcode::TEXT if header.fin() => "text: the payload is UTF-8",
        Opcode::TEXT if first => "text; every later piece carries 0",
        Opcode::TEXT => "text",
        Opcode::BINARY if header.fin() => "binary: the payload is any bytes",
        Opcode::BINARY if first => "binary; each later piece has 0",
        Opcode::BINARY => "binary",
        Opcode::CLOSE if header.fin() => "close: this side sends no more",
        Opcode::CLOSE => "close: comes whole or not at all",
        Opcode::PING => "ping: send the same bytes back",
        Opcode::PONG => "pong: a ping's bytes, sent back",
        opcode if opcode.is_control() => "reserved for new control frames",
        _ => "reserved for new data frames",
    }
}

/// What MASK says.
pub(super) const fn mask(header: &Header, sender: Sender, first: bool, wrong: bool) -> &'static str {
    match (header.mask(), sender) {
        (true, Sender::Client) if first => "masked: a client always does it",
        (false, Sender::Server) if first => "not masked: a server never is",
        (true, Sender::Server) if wrong => "masked; a server never is",
        (false, Sender::Client) if wrong => "not masked; a client always is",
        (true, _) => "masked",
        (false, _) => "not masked",
    }
}

/// What Payload len says.
pub(super) fn length(header: &Header, first: bool) -> &'static str {
    let minimal = header.length_form() == LengthForm::shortest(header.payload_len());
    match header.length_form() {
        LengthForm::Seven if header.payload_len() == 0 => "no payload follows",
        LengthForm::Seven if first => "up to 125: this is the length",
        LengthForm::Seven => "this is the length",
        LengthForm::Sixteen if minimal => "over 125: see the next 2 bytes",
        LengthForm::Sixteen => "126: see the next 2 bytes",
        LengthForm::SixtyFour if minimal => "over 65535: see the next 8 bytes",
        LengthForm::SixtyFour => "127: see the next 8 bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns beside the grid on a page of 80.
    const ROOM: usize = 33;

    #[test]
    fn every_sentence_fits_beside_the_grid() {
        let both = [false, true];
        for (first_byte, second_byte) in (0..=255).flat_map(|a| [0, 126, 127, 128].map(|b| (a, b))) {
            let header = Header::new(first_byte, 5, LengthForm::announced_by(second_byte), None);
            for (first, wrong) in both.into_iter().flat_map(|a| both.map(|b| (a, b))) {
                let mut all = vec![
                    fin(&header, first, wrong),
                    opcode(&header, None, first, wrong),
                    length(&header, first),
                ];
                all.extend(Sender::BOTH.map(|sender| mask(&header, sender, first, wrong)));
                for known in [Rsv::Unknown, Rsv::Used(0), Rsv::Used(4), Rsv::PerFrame, Rsv::Foreign(0)] {
                    all.extend([4, 2, 1].map(|bit| rsv(bit, first, known, wrong)));
                    all.push(no_rsv(known));
                }
                for words in all {
                    assert!(words.len() <= ROOM && words.is_ascii(), "{words}");
                }
            }
        }
    }
}
