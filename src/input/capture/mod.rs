//! Capture files, pcap and pcapng: packet by packet, down to TCP.

mod counts;
mod fragment;
mod fragments;
mod link;
mod packet;
mod pcap;
mod pcapng;
mod plain;
mod time;
mod window;

use std::io::Read;
use std::num::NonZeroU64;

use self::counts::{Counts, Outside};
use self::fragments::Fragments;
use self::link::Inside;
use self::packet::Unread;
use self::pcap::Pcap;
use self::pcapng::Pcapng;
use self::window::Window;
use super::Options;
use super::emit::{Emitter, Stop};
use super::error::InputError;
use super::format::Format;
use super::tcp::Tcp;
use crate::session::segment::Time;

/// A place in the file where it cannot be read further, and why.
#[derive(Debug)]
struct Damage {
    at: u64,
    what: String,
}

/// Why there is no next packet, where the file has not merely ended.
#[derive(Debug)]
enum Trouble {
    Damage(Damage),
    Read(InputError),
}

impl From<Damage> for Trouble {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

impl From<InputError> for Trouble {
    fn from(error: InputError) -> Self {
        Self::Read(error)
    }
}

/// A packet that is in the window.
#[derive(Clone, Copy, Debug)]
struct Raw {
    /// Bytes of the window before the packet.
    front: usize,
    /// Bytes of the packet.
    len: usize,
    /// Bytes of the window to take with it.
    total: usize,
    link: u16,
    /// Whether TLS was around its bytes when they were sent.
    decrypted: bool,
    time: Option<Time>,
    /// How long the packet was when it was sent.
    original: u32,
}

/// The file around the packets.
#[derive(Debug)]
enum Container {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Container {
    fn open(window: &mut Window<impl Read>) -> Result<Self, Trouble> {
        window.need(4)?;
        if pcapng::is_pcapng(window.bytes()) {
            return Ok(Self::Pcapng(Pcapng::new()));
        }
        Pcap::open(window).map(Self::Pcap)
    }

    fn next(&mut self, window: &mut Window<impl Read>) -> Result<Option<Raw>, Trouble> {
        match self {
            Self::Pcap(pcap) => pcap.next(window),
            Self::Pcapng(pcapng) => pcapng.next(window),
        }
    }

    const fn outside(&self) -> Outside {
        match self {
            Self::Pcap(_) => Outside::NONE,
            Self::Pcapng(pcapng) => pcapng.outside,
        }
    }
}

/// The format of a file that begins with these bytes, where it is a capture.
pub(super) fn recognise(head: &[u8]) -> Option<Format> {
    if pcapng::is_pcapng(head) {
        return Some(Format::Pcapng);
    }
    pcap::is_pcap(head).then_some(Format::Pcap)
}

/// Whether more bytes could still make it one.
pub(super) fn may_become_one(head: &[u8]) -> bool {
    head.len() < 4 && matches!(head.first(), Some(0x0a | 0xa1 | 0xd4 | 0x4d | 0x34 | 0x1c | 0xac | 0xab))
}

/// Reads to the end. Where the file is damaged, what came before is handed on, and then that is the error.
pub(super) fn read(
    name: &str,
    format: Format,
    reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let mut reading = Reading::new(name, format, reader, options);
    let end = reading.packets(&mut |_| false, to);
    reading.end(end, notice, to).map(drop)
}

/// Where fewer bytes than this were read and not used, a round is over: the next packet is likely not whole.
const FEW: usize = 4 * 1024;

/// A file while it is read.
pub(super) struct Reading<R> {
    window: Window<R>,
    /// None before its beginning was read.
    container: Option<Container>,
    counts: Counts,
    fragments: Fragments,
    tcp: Tcp,
    growing: bool,
}

impl<R: Read> Reading<R> {
    pub(super) fn new(name: &str, format: Format, reader: R, options: &Options) -> Self {
        Self {
            window: Window::new(name, reader),
            container: None,
            counts: Counts::default(),
            fragments: Fragments::default(),
            tcp: Tcp::new(format, options),
            growing: options.growing,
        }
    }

    /// Reads on as far as the bytes go that are read into `memory` at once, or to the end: then it says what there is to say
    /// of all. Whether that was the end.
    pub(super) fn round(
        &mut self,
        memory: &mut Vec<u8>,
        notice: &mut dyn FnMut(&str),
        to: &mut Emitter<'_>,
    ) -> Result<bool, Stop> {
        let (from, had, most) = (self.window.offset(), self.window.read(), memory.len().max(1) as u64);
        self.window.go_on_in(memory);
        let mut is_over = |window: &Window<R>| {
            window.offset() - from >= most || window.read() > had && window.bytes().len() < FEW
        };
        let end = self.packets(&mut is_over, to);
        self.window.go_on_in(memory);
        self.end(end, notice, to)
    }

    /// Packets were read, and perhaps that was the `end` of them.
    fn end(
        &mut self,
        end: Result<bool, Stop>,
        notice: &mut dyn FnMut(&str),
        to: &mut Emitter<'_>,
    ) -> Result<bool, Stop> {
        let end = match end {
            Ok(false) => return Ok(false),
            Err(Stop::Closed) => return Err(Stop::Closed),
            // Of a file that is still being written, the last packet need not be whole.
            Err(Stop::Bad(InputError::Damaged { .. })) if self.growing && self.window.is_over() => Ok(true),
            end => end,
        };
        self.tcp.finish(to)?;
        self.counts.say(self.fragments.finish(), notice);
        self.tcp.say(notice);
        to.others.add(&self.tcp.others());
        end
    }

    /// The next packets, until `enough`; whether there are no more.
    fn packets(
        &mut self,
        enough: &mut impl FnMut(&Window<R>) -> bool,
        to: &mut Emitter<'_>,
    ) -> Result<bool, Stop> {
        let mut container = match self.container.take() {
            Some(container) => container,
            None => Container::open(&mut self.window).map_err(|trouble| self.window.error(trouble))?,
        };
        while !enough(&self.window) {
            let next = container.next(&mut self.window);
            self.counts.outside = container.outside();
            let Some(raw) = next.map_err(|trouble| self.window.error(trouble))? else { return Ok(true) };
            self.packet(&raw, to)?;
            self.window.take(raw.total);
        }
        self.container = Some(container);
        Ok(false)
    }

    fn packet(&mut self, raw: &Raw, to: &mut Emitter<'_>) -> Result<(), Stop> {
        let Self { window, counts, fragments, tcp, .. } = self;
        counts.packets += 1;
        // A packet whose interface is not described is one too.
        let number = NonZeroU64::new(counts.packets + counts.outside.homeless + counts.outside.numbered);
        let bytes = window.bytes().get(raw.front..raw.front + raw.len).unwrap_or_default();
        tcp.came_decrypted(raw.decrypted);
        let beyond = raw.original.saturating_sub(u32::try_from(raw.len).unwrap_or(u32::MAX));
        let unread = match link::inside(raw.link, bytes) {
            Inside::Ip(ip) => {
                match packet::read(ip, beyond, (raw.time, number), fragments, |packet| tcp.add(packet, to)) {
                    Ok(done) => return done,
                    Err(unread) => unread,
                }
            }
            Inside::Tunnel(name) => Unread::Tunnel(name),
            Inside::Other => Unread::NotTcp,
            Inside::Cut => Unread::Broken,
            Inside::Unknown => {
                counts.unknown_link(raw.link);
                return Ok(());
            }
        };
        counts.unread(unread);
        Ok(())
    }
}
