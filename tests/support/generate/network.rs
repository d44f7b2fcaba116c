//! What the network does to segments, and the file that they end up in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use super::super::mutate::Random;
use super::super::net::{Packet, Pcap, Pcapng, Tcp, on_link};
use super::Plan;

/// Nanoseconds from one packet to the next.
const BETWEEN: u64 = 20_000;

/// By how many packets one is late at most.
const LATEST: usize = 40;

/// How many of a thousand segments meet a fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Captured twice.
    pub again: usize,
    /// Captured behind others that were sent later.
    pub late: usize,
    /// Sent together with the end of the one before.
    pub overlap: usize,
    /// Never captured.
    pub lost: usize,
}

impl Network {
    pub const CLEAN: Self = Self { again: 0, late: 0, overlap: 0, lost: 0 };
    /// One that loses nothing.
    pub const BUSY: Self = Self { again: 30, late: 50, overlap: 20, lost: 0 };

    /// What becomes of the next segment.
    pub fn fate(self, random: &mut Random) -> Fate {
        let at = random.under(1000);
        let late = if random.under(1000) < self.late { 1 + random.under(LATEST) } else { 0 };
        let again = (random.under(1000) < self.again).then(|| random.under(LATEST));
        let overlap = random.under(1000) < self.overlap;
        Fate { lost: at < self.lost, late, again, overlap }
    }
}

/// What becomes of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    pub lost: bool,
    /// By how many packets it is late, and where it comes again.
    pub late: usize,
    pub again: Option<usize>,
    pub overlap: bool,
}

enum Writer {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// The capture while it is written.
pub struct Wire<W> {
    out: W,
    writer: Writer,
    link: u16,
    time: u64,
    /// Packets that are late, by when they come.
    late: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
    packets: u64,
    bytes: u64,
    buffer: Vec<u8>,
}

impl<W: Write> Wire<W> {
    pub fn new(plan: &Plan, out: W) -> io::Result<Self> {
        let link = plan.file.link;
        let (writer, buffer) = if plan.file.pcapng {
            let mut file = Pcapng::new(false);
            file.interface(link, 0, &[]);
            let front = std::mem::take(&mut file.out);
            (Writer::Pcapng(file), front)
        } else {
            let file = Pcap { link: u32::from(link), ..Pcap::default() };
            (Writer::Pcap(file), file.header())
        };
        let time = 1_700_000_000_000_000_000;
        Ok(Self { out, writer, link, time, late: BinaryHeap::new(), packets: 0, bytes: 0, buffer })
    }

    /// A segment is sent, and captured `late` packets later; `outgoing` where the client sends it.
    pub fn send(&mut self, tcp: &Tcp, outgoing: bool, late: usize) -> io::Result<()> {
        let bytes = on_link(self.link, outgoing, &tcp.ip());
        self.time += BETWEEN;
        while self.late.peek().is_some_and(|Reverse((time, ..))| *time < self.time) {
            let Some(Reverse((time, _, bytes))) = self.late.pop() else { break };
            self.write(time, bytes)?;
        }
        if late == 0 {
            return self.write(self.time, bytes);
        }
        let number = self.packets + self.late.len() as u64;
        self.late.push(Reverse((self.time + late as u64 * BETWEEN + 1000, number, bytes)));
        Ok(())
    }

    fn write(&mut self, time: u64, bytes: Vec<u8>) -> io::Result<()> {
        let packet = Packet::new(time, bytes);
        match &mut self.writer {
            Writer::Pcap(file) => file.record(&packet, &mut self.buffer),
            Writer::Pcapng(file) => {
                file.packet(0, time / 1000, &packet);
                self.buffer.append(&mut file.out);
            }
        }
        self.packets += 1;
        if self.buffer.len() > 1 << 18 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bytes += self.buffer.len() as u64;
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is still on its way; how many packets there are, and bytes.
    pub fn finish(mut self) -> io::Result<(u64, u64)> {
        while let Some(Reverse((time, _, bytes))) = self.late.pop() {
            self.write(time, bytes)?;
        }
        self.flush()?;
        self.out.flush()?;
        Ok((self.packets, self.bytes))
    }
}
