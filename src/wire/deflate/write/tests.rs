//! What is written is what is read, by our reader and by zlib; and what is broken is broken as asked.

use proptest::prelude::*;

use super::flaw::Flaw;
use super::message::{Blocks, Deflater, Options};
use super::*;
use crate::wire::deflate::{Ending, FaultKind, Inflater, Message, Plain};

fn read(inflater: &mut Inflater, bytes: &[u8]) -> (Vec<u8>, Message) {
    let mut plain = Vec::new();
    inflater.feed(bytes, u64::MAX, &mut |piece| match piece {
        Plain::Known(known) => plain.extend_from_slice(known),
        Plain::Unknown(len) => panic!("{len} unknown bytes"),
    });
    (plain, inflater.end_of_message())
}

fn options() -> impl Strategy<Value = Options> {
    let blocks =
        prop_oneof![Just(Blocks::Chosen), Just(Blocks::Stored), Just(Blocks::Fixed), Just(Blocks::Dynamic)];
    (0u8..10, 8u8..16, any::<bool>(), blocks, any::<bool>()).prop_map(
        |(level, window_bits, takeover, blocks, is_final)| Options {
            level,
            window_bits,
            takeover,
            blocks,
            is_final,
        },
    )
}

/// Texts that repeat themselves and each other.
fn texts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop_oneof![
        Just(b"price".to_vec()),
        Just(b"ha ha ha ".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40)
    ];
    let text = (proptest::collection::vec(word, 0..12), 1usize..30)
        .prop_map(|(words, times)| words.concat().repeat(times));
    proptest::collection::vec(text, 1..5)
}

proptest! {
    #[test]
    fn what_is_written_is_read(options in options(), texts in texts()) {
        let mut deflater = Deflater::new(options);
        let mut inflater = Inflater::new(options.window_bits, options.takeover);
        for text in &texts {
            let (plain, message) = read(&mut inflater, &deflater.message(text));
            prop_assert_eq!(&plain, text);
            prop_assert_eq!(message.ending, Ending::Clean);
            prop_assert_eq!((message.beyond_window, message.before_message), (None, None));
        }
    }

    #[test]
    fn zlib_reads_it_too(options in options(), texts in texts()) {
        let mut deflater = Deflater::new(Options { is_final: false, ..options });
        let mut zlib = flate2::Decompress::new(false);
        for text in &texts {
            let bytes = [deflater.message(text), message::TAIL.to_vec()].concat();
            let mut plain = Vec::with_capacity(text.len() + 1024);
            zlib.decompress_vec(&bytes, &mut plain, flate2::FlushDecompress::Sync).unwrap();
            prop_assert_eq!(&plain, text);
        }
    }
}

#[test]
fn hello_by_hand() {
    let mut deflater = Deflater::new(Options { blocks: Blocks::Fixed, ..Options::default() });
    // RFC 7692 §7.2.3.2: the second message is a copy of the first but for how the copy is found.
    assert_eq!(deflater.message(b"Hello"), [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    assert_eq!(deflater.message(b"Hello"), [0x02, 0x13, 0x00, 0x00]);
    let mut last = Deflater::new(Options { blocks: Blocks::Fixed, is_final: true, ..Options::default() });
    assert_eq!(last.message(b"Hello"), [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]);
    let mut stored = Deflater::new(Options { blocks: Blocks::Stored, ..Options::default() });
    assert_eq!(stored.message(b"Hi"), [0x00, 0x02, 0x00, 0xfd, 0xff, b'H', b'i', 0x00]);
    assert_eq!(Deflater::new(Options::default()).message(b""), [0x00]);
}

/// The kind of the fault that a flaw is read as.
fn expected(flaw: Flaw, kind: FaultKind) -> bool {
    match flaw {
        Flaw::BlockType => kind == FaultKind::ReservedBlockType,
        Flaw::StoredLength => matches!(kind, FaultKind::StoredLength { len: 5, nlen: 5 }),
        Flaw::TooManyLengths => kind == FaultKind::TooManyLengthCodes(287),
        Flaw::TooManyDistances => kind == FaultKind::TooManyDistanceCodes(31),
        Flaw::CodeLengths => matches!(kind, FaultKind::OverSubscribed(_)),
        Flaw::Incomplete => matches!(kind, FaultKind::Incomplete(_)),
        Flaw::NothingToRepeat => kind == FaultKind::NothingToRepeat,
        Flaw::RepeatBeyondEnd => matches!(kind, FaultKind::RepeatBeyondEnd { repeat: 138, left: 1 }),
        Flaw::NoEndOfBlock => kind == FaultKind::NoEndOfBlock,
        Flaw::NoSuchCode => matches!(kind, FaultKind::NoSuchCode(_)),
        Flaw::ReservedLength => kind == FaultKind::ReservedLength(286),
        Flaw::ReservedDistance => kind == FaultKind::ReservedDistance(30),
        Flaw::TooFar => kind == FaultKind::TooFarBack { distance: 25, sent: 24 },
        Flaw::Cut | Flaw::NoFlush | Flaw::TailKept | Flaw::Empty => false,
    }
}

#[test]
fn each_flaw_is_read_as_what_it_is() {
    for blocks in [Blocks::Chosen, Blocks::Stored, Blocks::Fixed, Blocks::Dynamic] {
        for is_final in [false, true] {
            for flaw in Flaw::ALL {
                let mut deflater = Deflater::new(Options { blocks, is_final, ..Options::default() });
                let mut inflater = Inflater::new(15, true);
                read(&mut inflater, &deflater.message(b"Hello, hello"));
                let (plain, message) = read(&mut inflater, &deflater.broken(b"Hello, hello", flaw).unwrap());
                let right = match (flaw, message.ending) {
                    (Flaw::Empty, Ending::Nothing)
                    | (Flaw::NoFlush, Ending::AfterFinal)
                    | (Flaw::TailKept, Ending::TailKept)
                    | (Flaw::Cut, Ending::Truncated(_)) => true,
                    (_, Ending::Faulty(fault)) => {
                        plain.starts_with(b"Hello, hello") && expected(flaw, fault.kind)
                    }
                    _ => false,
                };
                assert!(right, "{flaw:?} in {blocks:?} blocks, final {is_final}: {:?}", message.ending);
            }
        }
    }
}

#[test]
fn no_distance_is_too_far_once_enough_was_sent() {
    let mut deflater = Deflater::new(Options::default());
    assert!(deflater.broken(&vec![b'a'; 32_767], Flaw::TooFar).is_ok());
    assert!(deflater.broken(b"a", Flaw::TooFar).is_err());
}

#[test]
fn a_symbol_is_written_as_it_was_met() {
    // 258 as 227 and 31, a stored block whose padding is not 0, a code length code longer than it need be.
    let mut writer = Writer::new();
    writer.begin_block(false, BlockType::Fixed);
    writer.symbol(Symbol::Literal(b'a')).unwrap();
    let length = Number { symbol: 284, extra: 31 };
    writer.symbol(Symbol::Copy { length, distance: Number::distance(1) }).unwrap();
    writer.symbol(Symbol::End).unwrap();
    writer.begin_block(false, BlockType::Stored);
    writer.stored(0xff, b"b");
    writer.begin_block(false, BlockType::Dynamic);
    let mut head = Head::of_lengths(&[vec![0; 97], vec![1], vec![0; 158], vec![1]].concat(), &[0]);
    head.code_lengths.resize(19, 0);
    writer.head(&head);
    writer.symbol(Symbol::Literal(b'a')).unwrap();
    assert_eq!(writer.symbol(Symbol::Literal(b'b')), Err(NoCode(u16::from(b'b'))));
    writer.symbol(Symbol::End).unwrap();
    writer.flush();
    let (plain, message) = read(&mut Inflater::new(15, true), &writer.into_bytes());
    assert_eq!((plain, message.ending), ([vec![b'a'; 259], b"ba".to_vec()].concat(), Ending::Clean));
}
