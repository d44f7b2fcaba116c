//! Block after block: which kind, and where in it the reader stands (RFC 1951 §3.2.3, §3.2.4).

use super::block_type::BlockType;
use super::codes::{Codes, FIXED};
use super::dynamic::{Head, Located};
use super::fault::{Ending, FaultKind, Inside, Reach};
use super::observe::{Observer, Seen};
use super::reader::BitReader;
use super::symbols::{self, Copy, Exit};
use super::window::{LAP, Window};

/// What the sender promised.
#[derive(Clone, Copy)]
pub(super) struct Agreed {
    /// How far back it looks, in bytes.
    pub(super) window: usize,
    /// Whether it may look into earlier messages.
    pub(super) takeover: bool,
}

/// What a step came to.
pub(super) enum Step {
    /// There is more to do.
    On,
    /// Nothing more without input.
    Hungry,
    /// Nothing more without budget.
    Full,
}

/// The blocks of one message.
pub(super) struct Blocks {
    state: State,
    /// BFINAL of the current block.
    is_final: bool,
    /// The last thing was a whole stored block without bytes.
    empty_stored: bool,
    /// The byte behind the last final block.
    pub(super) behind_final: Option<u64>,
    /// What is left of a copy that the budget, or the lap, cut: its bytes and its distance.
    copy: (usize, usize),
    /// The first copy from beyond the agreed window.
    pub(super) beyond_window: Option<Reach>,
    /// The first copy from an earlier message, where that was refused.
    pub(super) before_message: Option<Reach>,
    dynamic: Option<Box<Dynamic>>,
}

struct Dynamic {
    head: Head,
    codes: Codes,
}

#[derive(Clone, Copy)]
enum State {
    Header,
    StoredLength,
    Stored(usize),
    CodeLengths,
    Fixed,
    Dynamic,
}

impl Blocks {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Header,
            is_final: false,
            empty_stored: false,
            behind_final: None,
            copy: (0, 0),
            beyond_window: None,
            before_message: None,
            dynamic: None,
        }
    }

    /// Begins another message; the tables' memory is kept.
    pub(super) fn reset(&mut self) {
        *self = Self { dynamic: self.dynamic.take(), ..Self::new() };
    }

    /// Bytes that the tables occupy.
    pub(super) fn memory(&self) -> usize {
        self.dynamic.as_ref().map_or(0, |_| size_of::<Dynamic>())
    }

    /// Does the next bit of work; the window's lap must have room.
    pub(super) fn step<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        window: &mut Window,
        agreed: Agreed,
        room: usize,
        observer: &mut O,
    ) -> Result<Step, Located> {
        match self.state {
            State::Header => self.header(reader, observer),
            State::StoredLength => self.stored_length(reader, observer),
            State::Stored(left) => Ok(self.stored(left, reader, window, room, observer)),
            State::CodeLengths => self.code_lengths(reader, observer),
            _ if self.copy.0 > 0 => Ok(self.go_on_copying(window, room)),
            State::Fixed => {
                let exit = symbols::decode(&FIXED, reader, window, agreed.window, room, observer);
                self.leave(exit, reader, window, agreed, observer)
            }
            State::Dynamic => {
                let Some(dynamic) = &self.dynamic else { return Ok(Step::Hungry) };
                let exit = symbols::decode(&dynamic.codes, reader, window, agreed.window, room, observer);
                self.leave(exit, reader, window, agreed, observer)
            }
        }
    }

    fn header<O: Observer>(&mut self, reader: &mut BitReader<'_>, observer: &mut O) -> Result<Step, Located> {
        let at = reader.position();
        let Some(bits) = reader.take(3) else { return Ok(Step::Hungry) };
        self.is_final = bits & 1 == 1;
        self.empty_stored = false;
        observer.saw(Seen::Block { at, is_final: self.is_final, kind: BlockType::of(bits >> 1) });
        self.state = match bits >> 1 {
            0 => {
                reader.align();
                State::StoredLength
            }
            1 => State::Fixed,
            2 => {
                self.dynamic
                    .get_or_insert_with(|| Box::new(Dynamic { head: Head::new(), codes: Codes::empty() }));
                State::CodeLengths
            }
            _ => return Err((FaultKind::ReservedBlockType, at + 1)),
        };
        Ok(Step::On)
    }

    fn stored_length<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        observer: &mut O,
    ) -> Result<Step, Located> {
        let at = reader.position();
        let Some(bits) = reader.take(32) else { return Ok(Step::Hungry) };
        let (len, nlen) = (bits as u16, (bits >> 16) as u16);
        observer.saw(Seen::StoredLength { at, len, nlen });
        if len != !nlen {
            return Err((FaultKind::StoredLength { len, nlen }, at));
        }
        self.empty_stored = len == 0;
        self.state = State::Stored(len.into());
        Ok(Step::On)
    }

    fn stored<O: Observer>(
        &mut self,
        left: usize,
        reader: &mut BitReader<'_>,
        window: &mut Window,
        room: usize,
        observer: &mut O,
    ) -> Step {
        if left == 0 {
            return self.end_block(reader);
        }
        if room == 0 {
            return Step::Full;
        }
        let start = window.pos;
        let most = left.min(room).min(LAP - start);
        let taken = reader.take_bytes(most, |bytes| window.append(bytes));
        window.mark_known(start);
        if O::OBSERVES && taken > 0 {
            observer.saw(Seen::Stored(window.bytes.get(start..window.pos).unwrap_or_default()));
        }
        self.state = State::Stored(left - taken);
        if taken == 0 { Step::Hungry } else { Step::On }
    }

    fn code_lengths<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        observer: &mut O,
    ) -> Result<Step, Located> {
        let Some(dynamic) = &mut self.dynamic else { return Ok(Step::Hungry) };
        if !dynamic.head.read(reader, &mut dynamic.codes, observer)? {
            return Ok(Step::Hungry);
        }
        self.state = State::Dynamic;
        Ok(Step::On)
    }

    fn leave<O: Observer>(
        &mut self,
        exit: Exit,
        reader: &mut BitReader<'_>,
        window: &Window,
        agreed: Agreed,
        observer: &mut O,
    ) -> Result<Step, Located> {
        match exit {
            Exit::Edge => Ok(Step::On),
            Exit::Hungry => Ok(Step::Hungry),
            Exit::Full => Ok(Step::Full),
            Exit::End => Ok(self.end_block(reader)),
            Exit::Copy(copy) => self.begin_copy(&copy, window, agreed, observer),
            Exit::Fault(kind, at) => Err((kind, at)),
        }
    }

    /// A final block ends a DEFLATE stream, and another one may begin at the next byte (RFC 7692 §7.2.3.4).
    fn end_block(&mut self, reader: &mut BitReader<'_>) -> Step {
        if self.is_final {
            reader.align();
            self.behind_final = Some(reader.position() / 8);
        }
        self.state = State::Header;
        Step::On
    }

    /// Looks whether the bytes are there, and whether they were to be left alone.
    fn begin_copy<O: Observer>(
        &mut self,
        copy: &Copy,
        window: &Window,
        agreed: Agreed,
        observer: &mut O,
    ) -> Result<Step, Located> {
        let &Copy { len, distance, at } = copy;
        let sent = window.sent();
        if distance as u64 > sent {
            return Err((FaultKind::TooFarBack { distance: distance as u16, sent: sent as u16 }, at));
        }
        let reach = |allowed| Reach { at, distance: distance as u16, allowed };
        if distance > agreed.window {
            self.beyond_window.get_or_insert(reach(agreed.window as u16));
        }
        let of_message = window.above_floor();
        if !agreed.takeover && distance as u64 > of_message {
            self.before_message.get_or_insert(reach(of_message as u16));
        }
        if O::OBSERVES {
            window.preview(len, distance, |text, unknown| observer.saw(Seen::Copied { text, unknown }));
        }
        self.copy = (len, distance);
        Ok(Step::On)
    }

    fn go_on_copying(&mut self, window: &mut Window, room: usize) -> Step {
        if room == 0 {
            return Step::Full;
        }
        let (left, distance) = self.copy;
        let now = left.min(room);
        window.copy_slowly(now, distance);
        self.copy.0 -= now;
        Step::On
    }

    /// How a message of `compressed` bytes ended, of whose bits `unused` were not used.
    pub(super) fn ending(&self, compressed: u64, unused: u64) -> Ending {
        match self.state {
            State::Header if compressed == 0 => Ending::Nothing,
            State::Header if self.behind_final == Some(compressed) => Ending::AfterFinal,
            State::Header if self.empty_stored => Ending::TailKept,
            State::Header => Ending::BetweenBlocks,
            State::StoredLength if unused == 0 => Ending::Clean,
            State::StoredLength => Ending::Truncated(Inside::StoredLength),
            State::Stored(left) => Ending::Truncated(Inside::Stored(left as u16)),
            State::CodeLengths => Ending::Truncated(Inside::CodeLengths),
            State::Fixed | State::Dynamic => Ending::Truncated(Inside::Symbols),
        }
    }
}
