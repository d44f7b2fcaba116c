//! The first bytes of a frame, judged alone.

use crate::rules::facts::{Frame, Rsv};
use crate::rules::judge_frame;
use crate::rules::rule::Finding;
use crate::wire::frame::Header;
use crate::wire::sender::Sender;

/// What is wrong with the header in any case, whatever came before it.
pub(super) fn findings(bytes: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(header) = Header::decode(bytes).or_else(|| as_if_whole(bytes)) {
        judge_frame(&alone(header), &mut found);
    }
    // There is no connection on which a browser could say something.
    found.iter_mut().for_each(|finding| finding.browser = None);
    found
}

/// The header with a usual key, where only its key is missing: all the rest of it can be judged.
fn as_if_whole(bytes: &[u8]) -> Option<Header> {
    Header::decode(&[bytes, &[1, 2, 3, 4]].concat())
}

/// A frame of which only the header is known: whatever depends on more stays silent.
const fn alone(header: Header) -> Frame {
    Frame {
        header,
        sender: if header.mask() { Sender::Client } else { Sender::Server },
        roles_known: false,
        rsv: Rsv::Unknown,
        deflate: false,
        open: None,
        open_unknown: true,
        closed_by: None,
        same_key: 1,
        early: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(bytes: &[u8]) -> Vec<&'static str> {
        findings(bytes).iter().map(|finding| finding.rule.id).collect()
    }

    #[test]
    fn what_is_wrong_in_any_case_is_found_and_nothing_else() {
        assert_eq!(ids(&[0x83, 0x00]), ["framing/opcode-reserved"]);
        assert_eq!(ids(&[0x09, 0x81]), ["framing/control-fragmented"]);
        assert_eq!(ids(&[0x81, 0xfe, 0x00, 0x05]), ["framing/length-minimal"]);
        assert_eq!(ids(&[0xc1, 0x05]), [""; 0]);
        assert_eq!(ids(&[0x80, 0x94]), [""; 0]);
        assert_eq!(ids(&[0x81]), [""; 0]);
    }
}
