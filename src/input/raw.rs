//! Raw bytes of one sender, in pieces, as they come.

use std::io::Read;

use super::Options;
use super::dump::joined_sides;
use super::emit::{Emitter, Stop};
use super::error::InputError;
use super::format::Format;
use super::roles;
use super::source::fill;
use crate::session::segment::{Opening, Roles};
use crate::wire::sender::Sender;

/// Bytes handed on at a time.
const PIECE: usize = 128 * 1024;

/// Reads to the end; `notice` gets what was inferred.
pub(super) fn read(
    name: &str,
    mut reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let mut piece = vec![0; PIECE];
    let mut len = fill_head(name, &mut reader, &mut piece)?;
    let head = piece.get(..len).unwrap_or_default();
    if head.is_empty() {
        return Ok(());
    }
    let (mut sender, roles) =
        options.from.map_or_else(|| roles::infer(head), |sender| (sender, Roles::Given));
    let split = if roles == Roles::Given { None } else { roles::response_behind_request(head) };
    let only = split.is_none().then_some(sender);
    if roles == Roles::MaskBit && len > 1 {
        say_mask_bit(sender, notice);
    }
    let opening = Opening { input: Format::Raw.name().to_owned(), roles, only, ..Opening::default() };
    let connection = to.open(None, opening)?;
    let mut start = 0;
    if let Some(at) = split {
        notice(&joined_sides(at));
        to.bytes(connection, sender, None, head.get(..at).unwrap_or_default())?;
        sender = Sender::Server;
        start = at;
    }
    while len > 0 {
        to.bytes(connection, sender, None, piece.get(start..len).unwrap_or_default())?;
        start = 0;
        len = fill(name, &mut reader, &mut piece)?;
    }
    Ok(())
}

/// Says whose the bytes are taken for, where nothing but the MASK bit tells.
pub(super) fn say_mask_bit(sender: Sender, notice: &mut dyn FnMut(&str)) {
    let (other, bit) = (sender.other(), u8::from(sender == Sender::Client));
    notice(&format!("taken as the {sender}'s, since the MASK bit of byte 1 is {bit}; --from {other} if not"));
}

/// Reads until the roles can be told, so that they do not depend on how the bytes happen to come.
fn fill_head(name: &str, reader: &mut impl Read, piece: &mut [u8]) -> Result<usize, InputError> {
    let mut len = 0;
    while !roles::is_settled(piece.get(..len).unwrap_or_default()) {
        match fill(name, reader, piece.get_mut(len..).unwrap_or_default())? {
            0 => break,
            more => len += more,
        }
    }
    Ok(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::segment::{Content, How};
    use std::ops::ControlFlow;

    /// Gives its bytes one at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            match (self.0.split_first(), to.first_mut()) {
                (Some((first, rest)), Some(slot)) => {
                    *slot = *first;
                    self.0 = rest;
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    /// What is read: the bytes of the client and the server, the roles, and the notices.
    fn read_all(reader: impl Read, from: Option<Sender>) -> ([Vec<u8>; 2], Opening, Vec<String>) {
        let (mut bytes, mut opening, mut notices) = ([vec![], vec![]], Opening::default(), vec![]);
        let mut each = |segment: crate::session::segment::Segment<'_>| {
            match segment.content {
                Content::Open(open) => opening = *open,
                Content::Bytes(piece) => bytes[segment.sender as usize].extend_from_slice(piece),
                Content::End(how) => assert_eq!(how, How::Unknown),
                Content::Gap(_) | Content::Message(..) | Content::Reported(_) => {
                    panic!("raw bytes have none")
                }
            }
            ControlFlow::Continue(())
        };
        let mut to = Emitter::new(1, &mut each);
        let options = Options { from, ..Options::default() };
        read("x", reader, &options, &mut |notice| notices.push(notice.to_owned()), &mut to).unwrap();
        to.finish().unwrap();
        (bytes, opening, notices)
    }

    #[test]
    fn pieces_of_any_size_give_the_same() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\nHTTP/1.1 101 x\r\n\r\n\x81\x00"[..],
            b"GET / HTTP/1.1\r\n\r\n\x81\x80abcd",
            b"HTTP/1.1 101 x\r\n\r\n\x81\x00",
            b"\x81\x80abcd",
            b"\x81",
            b"Hi, from the server!",
        ] {
            assert_eq!(read_all(bytes, None), read_all(Slowly(bytes), None));
        }
    }

    #[test]
    fn the_user_knows_better() {
        let (bytes, opening, notices) = read_all(&b"\x81\x80abcd"[..], Some(Sender::Server));
        assert_eq!((bytes[1].len(), opening.roles, opening.only), (6, Roles::Given, Some(Sender::Server)));
        assert!(notices.is_empty());
        let (_, _, notices) = read_all(&b"\x81\x80abcd"[..], None);
        assert_eq!(
            notices,
            ["taken as the client's, since the MASK bit of byte 1 is 1; --from server if not"]
        );
    }

    #[test]
    fn a_large_file_comes_in_pieces() {
        let bytes: Vec<u8> = (0..PIECE * 3 + 17).map(|i| i as u8 | 0x80).collect();
        assert_eq!(read_all(&bytes[..], None).0[0], bytes);
    }
}
