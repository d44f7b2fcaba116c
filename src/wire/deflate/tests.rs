//! Messages built by hand, each for one thing that DEFLATE or RFC 7692 allows or forbids.

use super::*;

/// Plain bytes as a text, `?` for each unknown one.
fn shown(plain: &mut Vec<u8>) -> impl FnMut(Plain<'_>) {
    |piece| match piece {
        Plain::Known(bytes) => plain.extend_from_slice(bytes),
        Plain::Unknown(len) => plain.extend(std::iter::repeat_n(b'?', len)),
    }
}

/// One message, fed in pieces of `piece` bytes.
fn message(inflater: &mut Inflater, bytes: &[u8], piece: usize) -> (String, Message) {
    let mut plain = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        let fed = inflater.feed(piece, u64::MAX, &mut shown(&mut plain));
        assert_eq!(fed.taken, piece.len());
    }
    (String::from_utf8_lossy(&plain).into_owned(), inflater.end_of_message())
}

/// Several messages on one connection, in pieces of every size; all must agree.
fn messages(mut inflater: impl FnMut() -> Inflater, list: &[&[u8]]) -> Vec<(String, Message)> {
    let mut in_pieces = |piece| {
        let mut inflater = inflater();
        list.iter().map(|bytes| message(&mut inflater, bytes, piece)).collect::<Vec<_>>()
    };
    let whole = in_pieces(usize::MAX);
    for piece in 1..list.iter().map(|bytes| bytes.len()).max().unwrap_or(1) {
        assert_eq!(in_pieces(piece), whole, "pieces of {piece}");
    }
    whole
}

fn with_takeover() -> Inflater {
    Inflater::new(15, true)
}

fn one(bytes: &[u8]) -> (String, Ending) {
    let all = messages(with_takeover, &[bytes]);
    (all[0].0.clone(), all[0].1.ending)
}

fn fault(bytes: &[u8]) -> (FaultKind, u64) {
    match one(bytes).1 {
        Ending::Faulty(fault) => (fault.kind, fault.at),
        ending => panic!("{ending:?}"),
    }
}

/// Writes bits as DEFLATE does: `number` with its lowest bit first, `code` with its highest first.
#[derive(Default)]
struct Writer(Vec<bool>);

impl Writer {
    fn number(mut self, value: u32, len: u32) -> Self {
        self.0.extend((0..len).map(|i| value >> i & 1 == 1));
        self
    }

    fn code(mut self, value: u32, len: u32) -> Self {
        self.0.extend((0..len).rev().map(|i| value >> i & 1 == 1));
        self
    }

    fn bytes(self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        // The last byte's free bits stay 0; `chunks` leaves them out, so put them in.
        let mut bits = self.0;
        bits.resize(bits.len().next_multiple_of(8), false);
        bits.chunks(8).map(byte).collect()
    }

    /// A dynamic block's head up to its code lengths: all four of its counts, and the lengths of the code length
    /// code by symbol.
    fn dynamic(self, hlit: u32, hdist: u32, lengths: &[(usize, u32)]) -> Self {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let head = self.number(0b100, 3).number(hlit - 257, 5).number(hdist - 1, 5).number(15, 4);
        ORDER.iter().fold(head, |head, symbol| {
            let length = lengths.iter().find(|(of, _)| of == symbol).map_or(0, |(_, length)| *length);
            head.number(length, 3)
        })
    }
}

/// Bits of such a head.
const HEAD: u64 = 17 + 19 * 3;

#[test]
fn the_examples_of_rfc_7692() {
    // §7.2.3.1, in one piece and with the fixed code.
    let hello: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(one(hello), ("Hello".into(), Ending::Clean));
    // §7.2.3.2: the second one is a copy of the first.
    let again: &[u8] = &[0xf2, 0x00, 0x11, 0x00, 0x00];
    let both = messages(with_takeover, &[hello, again]);
    assert_eq!((both[1].0.as_str(), both[1].1.ending), ("Hello", Ending::Clean));
    assert_eq!((both[1].1.compressed, both[1].1.plain), (5, 5));
    // §7.2.3.3: a stored block, and an empty one behind it.
    let stored: &[u8] = &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(one(stored), ("Hello".into(), Ending::Clean));
    // §7.2.3.4: a final block, and an empty one that is not.
    let last: &[u8] = &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(one(last), ("Hello".into(), Ending::Clean));
    let after_last = messages(with_takeover, &[last, again]);
    assert_eq!((after_last[1].0.as_str(), after_last[1].1.ending), ("Hello", Ending::Clean));
    // §7.2.3.5: two blocks with a flush between them.
    let two: &[u8] = &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(one(two), ("Hello".into(), Ending::Clean));
    // §7.2.3.6: the empty message.
    assert_eq!(one(&[0x00]), (String::new(), Ending::Clean));
}

#[test]
fn a_message_cut_short_is_truncated() {
    assert_eq!(one(&[0xf2, 0x48, 0xcd]), ("He".into(), Ending::Truncated(Inside::Symbols)));
    assert_eq!(
        one(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07]),
        ("Hello".into(), Ending::Truncated(Inside::Symbols))
    );
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48];
    assert_eq!(one(&stored), ("H".into(), Ending::Truncated(Inside::Stored(4))));
    for len in 2..5 {
        assert_eq!(one(&stored[..len]).1, Ending::Truncated(Inside::StoredLength));
    }
    assert_eq!(one(&[0x04]), (String::new(), Ending::Truncated(Inside::CodeLengths)));
}

#[test]
fn an_end_between_blocks_says_what_is_missing_or_left_over() {
    assert_eq!(one(&[]).1, Ending::Nothing);
    assert_eq!(one(&[0x00, 0x00, 0x00, 0xff, 0xff]).1, Ending::TailKept);
    let hello_kept = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff];
    assert_eq!(one(&hello_kept), ("Hello".into(), Ending::TailKept));
    assert_eq!(one(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), ("Hello".into(), Ending::AfterFinal));
    assert_eq!(one(&[0x00, 0x01, 0x00, 0xfe, 0xff, b'x']), ("x".into(), Ending::BetweenBlocks));
}

#[test]
fn several_final_blocks_in_one_message() {
    let bytes = [0x01, 0x01, 0x00, 0xfe, 0xff, b'a', 0x01, 0x01, 0x00, 0xfe, 0xff, b'b', 0x00];
    assert_eq!(one(&bytes), ("ab".into(), Ending::Clean));
    let left_over = [0x01, 0x01, 0x00, 0xfe, 0xff, b'a', 0xff];
    let Ending::Faulty(fault) = one(&left_over).1 else { panic!() };
    assert_eq!((fault.kind, fault.at, fault.behind_final), (FaultKind::ReservedBlockType, 49, Some(6)));
}

#[test]
fn each_fault_at_its_bit() {
    use FaultKind::*;
    assert_eq!(fault(&[0x06]), (ReservedBlockType, 1));
    assert_eq!(fault(&[0x00, 5, 0, 0xfa, 0xfe]), (StoredLength { len: 5, nlen: 0xfefa }, 8));
    let counts =
        |hlit, hdist| Writer::default().number(0b100, 3).number(hlit, 5).number(hdist, 5).number(0, 4);
    assert_eq!(fault(&counts(30, 0).bytes()), (TooManyLengthCodes(287), 3));
    assert_eq!(fault(&counts(29, 30).bytes()), (TooManyDistanceCodes(31), 8));
    let code_length = |lengths: &[(usize, u32)]| fault(&Writer::default().dynamic(257, 1, lengths).bytes());
    assert_eq!(code_length(&[(0, 1), (1, 1), (2, 1)]), (OverSubscribed(Code::CodeLength), 17));
    assert_eq!(code_length(&[(0, 1), (1, 2)]), (Incomplete(Code::CodeLength), 17));
    assert_eq!(code_length(&[]), (Incomplete(Code::CodeLength), 17));
}

/// Code length symbols 0, 1, 16 and 18 as codes 00, 01, 10 and 11.
fn head(hlit: u32, hdist: u32) -> Writer {
    Writer::default().dynamic(hlit, hdist, &[(0, 2), (1, 2), (16, 2), (18, 2)])
}

/// 256 zeroes.
fn no_literals(head: Writer) -> Writer {
    head.code(3, 2).number(127, 7).code(3, 2).number(107, 7)
}

#[test]
fn each_fault_of_the_code_lengths() {
    use FaultKind::*;
    assert_eq!(fault(&head(257, 1).code(2, 2).number(0, 2).bytes()), (NothingToRepeat, HEAD));
    let beyond = head(257, 1).code(1, 2).code(3, 2).number(127, 7).code(3, 2).number(127, 7);
    assert_eq!(fault(&beyond.bytes()), (RepeatBeyondEnd { repeat: 138, left: 119 }, HEAD + 11));
    let endless = head(257, 1).code(1, 2).code(3, 2).number(127, 7).code(3, 2).number(107, 7).code(0, 2);
    assert_eq!(fault(&endless.bytes()), (NoEndOfBlock, HEAD));
    let three = no_literals(head(259, 1)).code(1, 2).code(1, 2).code(1, 2).code(0, 2);
    assert_eq!(fault(&three.bytes()), (OverSubscribed(Code::LiteralLength), HEAD));
    let distances = no_literals(head(257, 3)).code(1, 2).code(1, 2).code(1, 2).code(1, 2);
    assert_eq!(fault(&distances.bytes()), (OverSubscribed(Code::Distance), HEAD));
}

#[test]
fn a_code_of_one_bit_or_of_none_is_allowed_and_its_other_bit_is_not() {
    use FaultKind::*;
    // The end of the block as 0, length 3 as 1; one distance, 1, as 0.
    let block = || no_literals(head(258, 1)).code(1, 2).code(1, 2).code(1, 2);
    let (ends, at) = (block().code(0, 1).number(0, 3), HEAD + 18 + 6);
    assert_eq!(one(&ends.bytes()), (String::new(), Ending::Clean));
    assert_eq!(fault(&block().code(1, 1).code(1, 1).bytes()), (NoSuchCode(Code::Distance), at + 1));
    assert_eq!(fault(&block().code(1, 1).code(0, 1).bytes()), (TooFarBack { distance: 1, sent: 0 }, at + 1));
    // No distance at all.
    let none = no_literals(head(258, 1)).code(1, 2).code(1, 2).code(0, 2).code(1, 1);
    assert_eq!(fault(&none.bytes()), (NoSuchCode(Code::Distance), at + 1));
    // The end of the block alone, as 0.
    let end = || no_literals(head(257, 1)).code(1, 2).code(0, 2);
    assert_eq!(one(&end().code(0, 1).number(0, 3).bytes()), (String::new(), Ending::Clean));
    assert_eq!(fault(&end().code(1, 1).bytes()), (NoSuchCode(Code::LiteralLength), at - 2));
}

#[test]
fn each_fault_among_the_symbols() {
    use FaultKind::*;
    let fixed = || Writer::default().number(0b010, 3);
    assert_eq!(fault(&fixed().code(0b1100_0110, 8).bytes()), (ReservedLength(286), 3));
    assert_eq!(fault(&fixed().code(0b1100_0111, 8).bytes()), (ReservedLength(287), 3));
    let a = || fixed().code(0x30 + 0x61, 8);
    assert_eq!(fault(&a().code(1, 7).code(30, 5).bytes()), (ReservedDistance(30), 18));
    assert_eq!(fault(&a().code(1, 7).code(31, 5).bytes()), (ReservedDistance(31), 18));
    assert_eq!(fault(&a().code(1, 7).code(1, 5).bytes()), (TooFarBack { distance: 2, sent: 1 }, 18));
    assert_eq!(
        one(&a().code(1, 7).code(0, 5).code(0, 7).number(0, 3).bytes()),
        ("aaaa".into(), Ending::Clean)
    );
}

/// A message of a stored block of `bytes`.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.len() as u16;
    [&[0][..], &len.to_le_bytes(), &(!len).to_le_bytes(), bytes, &[0]].concat()
}

/// A message of one copy of three bytes; the distance is a symbol and extra bits.
fn copy(symbol: u32, extra: u32, extra_len: u32) -> Vec<u8> {
    let block = Writer::default().number(0b010, 3).code(1, 7).code(symbol, 5).number(extra, extra_len);
    block.code(0, 7).number(0, 3).bytes()
}

#[test]
fn a_copy_from_beyond_the_agreed_window_is_made_and_told() {
    let sent = stored(&(0..=255).cycle().take(600).collect::<Vec<u8>>());
    let within = copy(15, 63, 6);
    let beyond = copy(16, 0, 7);
    let all = messages(|| Inflater::new(8, true), &[&sent, &within, &beyond]);
    assert_eq!(all[1].1.beyond_window, None);
    assert_eq!(all[2].1.beyond_window, Some(Reach { at: 10, distance: 257, allowed: 256 }));
    assert_eq!((all[2].1.plain, all[2].1.ending), (3, Ending::Clean));
    let sent = (600 + 3 - 257) % 256;
    assert_eq!(all[2].0.as_bytes()[0], sent as u8);
}

#[test]
fn a_copy_from_an_earlier_message_is_told_where_that_was_refused() {
    let (first, own) = (stored(b"abc"), stored(b"de"));
    let mixed = [&own[..7], &copy(3, 0, 0)].concat();
    let all = messages(|| Inflater::new(15, false), &[&first, &mixed, &own]);
    assert_eq!((all[1].0.as_str(), all[1].1.ending), ("debcd", Ending::Clean));
    assert_eq!(all[1].1.before_message, Some(Reach { at: 56 + 10, distance: 4, allowed: 2 }));
    assert_eq!(all[2].1.before_message, None);
    let allowed = messages(with_takeover, &[&first, &mixed]);
    assert_eq!((allowed[1].0.as_str(), allowed[1].1.before_message), ("debcd", None));
}

#[test]
fn lost_history_is_unknown_and_so_are_copies_of_it() {
    let mixed = [&stored(b"de")[..7], &copy(3, 0, 0)].concat();
    let lost = || {
        let mut inflater = with_takeover();
        inflater.lose_history();
        inflater
    };
    let all = messages(lost, &[&mixed, &copy(2, 0, 0), &copy(29, 8191, 13), &stored(b"known")]);
    let shown: Vec<_> = all.iter().map(|(text, message)| (text.as_str(), message.unknown)).collect();
    assert_eq!(shown, [("de??d", 2), ("??d", 2), ("???", 3), ("known", 0)]);
    assert!(all.iter().all(|(_, message)| message.ending == Ending::Clean));
}

#[test]
fn thirty_two_kib_later_nothing_is_unknown_any_more() {
    let mut inflater = with_takeover();
    inflater.lose_history();
    message(&mut inflater, &stored(&[b'x'; 32767]), 1000);
    assert_eq!(message(&mut inflater, &copy(29, 8191, 13), 9).0, "?xx");
    message(&mut inflater, &stored(&[b'y'; 32767]), 1000);
    assert_eq!(message(&mut inflater, &copy(29, 8191, 13), 9).0, "xyy");
    assert!(inflater.memory() < 34 * 1024);
}

#[test]
fn a_message_that_broke_off_leaves_an_unknown_window() {
    let all = messages(with_takeover, &[&stored(b"abc"), &[0x06], &copy(2, 0, 0)]);
    assert_eq!((all[2].0.as_str(), all[2].1.unknown), ("???", 3));
    let all = messages(with_takeover, &[&stored(b"abc"), &[0x00, 0x00, 0x00, 0xff, 0xff], &copy(2, 0, 0)]);
    assert_eq!((all[2].0.as_str(), all[2].1.unknown), ("abc", 0));
}

#[test]
fn the_budget_stops_at_its_byte_and_the_rest_can_follow() {
    let bytes = [&stored(b"abcdef")[..11], &copy(4, 1, 1)].concat();
    let whole = "abcdefabc";
    for budget in 0..whole.len() as u64 {
        let mut inflater = with_takeover();
        let (mut plain, mut taken) = (Vec::new(), 0);
        let fed = inflater.feed(&bytes, budget, &mut shown(&mut plain));
        assert_eq!((fed.status, plain.as_slice()), (Status::Full, &whole.as_bytes()[..budget as usize]));
        taken += fed.taken;
        let fed = inflater.feed(&bytes[taken..], whole.len() as u64 - budget, &mut shown(&mut plain));
        assert_eq!((fed.status, plain.as_slice()), (Status::Hungry, whole.as_bytes()));
        assert_eq!(inflater.end_of_message().plain, 9);
        // Not going on leaves the history unknown.
        inflater.feed(&bytes, budget, &mut |_| {});
        assert_eq!(inflater.end_of_message().ending, Ending::Stopped);
        assert_eq!(message(&mut inflater, &copy(2, 0, 0), 1).0, "???");
    }
}

#[test]
fn memory_comes_with_the_first_byte_and_stays_below_48_kib() {
    let mut inflater = with_takeover();
    assert_eq!(inflater.memory(), 0);
    inflater.lose_history();
    inflater.feed(&head(257, 1).bytes(), 0, &mut |_| {});
    assert!(inflater.memory() + size_of::<Inflater>() < 48 * 1024, "{}", inflater.memory());
    inflater.lose_history();
    assert_eq!(inflater.memory(), 0);
}
