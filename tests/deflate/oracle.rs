//! The same bytes through zlib-rs, through miniz_oxide and through our reader.

use flate2::{Decompress, FlushDecompress, Status as Zlib};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use wslens::wire::deflate::{Fault, Inflater, Plain, Status};

/// More plain bytes than any input of these tests makes.
const ROOM: usize = 1 << 21;

/// What became of some bytes: what was read, and whether more could follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub plain: Vec<u8>,
    pub accepted: bool,
}

/// A stream that goes on behind a final block takes a new inflater with the old one's window.
pub fn zlib(mut bytes: &[u8]) -> Outcome {
    let mut plain = Vec::with_capacity(ROOM);
    loop {
        let mut inflate = Decompress::new(false);
        if !plain.is_empty() {
            inflate.set_dictionary(&plain[plain.len().saturating_sub(32768)..]).unwrap();
        }
        let (before, status) =
            (plain.len(), inflate.decompress_vec(bytes, &mut plain, FlushDecompress::Sync));
        assert!(plain.len() < ROOM);
        plain.truncate(before + inflate.total_out() as usize);
        match status {
            Err(_) => return Outcome { plain, accepted: false },
            Ok(Zlib::StreamEnd) => bytes = &bytes[inflate.total_in() as usize..],
            Ok(_) => return Outcome { plain, accepted: true },
        }
    }
}

pub fn miniz(mut bytes: &[u8]) -> Outcome {
    let flags =
        inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
    let (mut plain, mut len) = (vec![0; ROOM], 0);
    loop {
        let mut inflate = Box::<DecompressorOxide>::default();
        let (status, used, made) = decompress(&mut inflate, bytes, &mut plain, len, flags);
        len += made;
        bytes = &bytes[used..];
        match status {
            TINFLStatus::Done if !bytes.is_empty() => {}
            TINFLStatus::Done | TINFLStatus::NeedsMoreInput => break,
            TINFLStatus::HasMoreOutput => panic!("too much for this test"),
            _ => {
                plain.truncate(len);
                return Outcome { plain, accepted: false };
            }
        }
    }
    plain.truncate(len);
    Outcome { plain, accepted: true }
}

/// Ours, with the input cut behind each of `cuts` bytes in turn.
pub fn ours(bytes: &[u8], cuts: &[usize]) -> (Outcome, Option<Fault>) {
    let mut inflater = Inflater::new(15, true);
    let (mut plain, mut fault, mut rest) = (Vec::new(), None, bytes);
    for cut in cuts.iter().copied().cycle() {
        let (piece, behind) = rest.split_at(cut.clamp(1, rest.len().max(1)).min(rest.len()));
        let fed = inflater.feed(piece, u64::MAX, &mut collect(&mut plain));
        assert_eq!(fed.taken, piece.len());
        if let Status::Faulty(found) = fed.status {
            assert!(found.at <= bytes.len() as u64 * 8);
            assert_eq!(*fault.get_or_insert(found), found);
        }
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    (Outcome { plain, accepted: fault.is_none() }, fault)
}

/// A sink that wants every byte to be known.
pub fn collect(plain: &mut Vec<u8>) -> impl FnMut(Plain<'_>) {
    |piece| match piece {
        Plain::Known(bytes) => plain.extend_from_slice(bytes),
        Plain::Unknown(len) => panic!("{len} unknown bytes where all were sent"),
    }
}
