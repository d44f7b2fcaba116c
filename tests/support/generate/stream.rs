//! One direction of a connection: bytes gather, and are sent in segments.

use std::io::{self, Write};

use super::super::mutate::Random;
use super::super::net::{ACK, Host, Tcp};
use super::network::{Network, Wire};
use super::truth::{Fact, Pending};

/// One direction.
pub struct Way {
    pub from: Host,
    pub to: Host,
    isn: u32,
    /// Bytes that were sent.
    sent: u64,
    /// What gathers.
    pub out: Vec<u8>,
    /// Where in it a segment ends, however short that is.
    pub ends: Vec<usize>,
    pub pending: Pending,
    /// The end of the last segment, where that was captured.
    last: Vec<u8>,
}

impl Way {
    pub fn new(from: Host, to: Host, random: &mut Random) -> Self {
        let isn = random.next() as u32;
        let (out, ends, last) = (Vec::new(), Vec::new(), Vec::new());
        Self { from, to, isn, sent: 0, out, ends, pending: Pending::default(), last }
    }

    /// The sequence number of the next byte.
    pub const fn next(&self) -> u32 {
        self.isn.wrapping_add(self.sent as u32)
    }

    /// The offset of the next byte that gathers.
    pub const fn offset(&self) -> u64 {
        self.sent + self.out.len() as u64
    }

    /// A packet with flags and without bytes.
    pub fn push(
        &self,
        back: u32,
        flags: u8,
        ack: u32,
        client: bool,
        wire: &mut Wire<impl Write>,
    ) -> io::Result<()> {
        let seq = self.next().wrapping_sub(back);
        let tcp = Tcp { from: self.from, to: self.to, seq, ack, flags, payload: Vec::new() };
        wire.send(&tcp, client, 0)
    }

    /// Sends what has gathered in segments of `size`; `kind` 0 is the client.
    pub fn flush(
        &mut self,
        (sender, ack, size, network): (usize, u32, usize, Network),
        wire: &mut Wire<impl Write>,
        random: &mut Random,
        facts: &mut Vec<Fact>,
    ) -> io::Result<()> {
        let (out, ends) = (std::mem::take(&mut self.out), std::mem::take(&mut self.ends));
        for piece in pieces(&out, &ends).flat_map(|piece| piece.chunks(size)) {
            let fate = network.fate(random);
            let front = if fate.overlap && !fate.lost { random.under(self.last.len() + 1) } else { 0 };
            let mut payload = self.last[self.last.len() - front..].to_vec();
            payload.extend_from_slice(piece);
            let seq = self.next().wrapping_sub(front as u32);
            let tcp = Tcp { from: self.from, to: self.to, seq, ack, flags: ACK, payload };
            if !fate.lost {
                wire.send(&tcp, sender == 0, fate.late)?;
                if let Some(late) = fate.again {
                    wire.send(&tcp, sender == 0, late)?;
                }
            }
            let from = self.sent;
            self.sent += piece.len() as u64;
            self.pending.pass(from, self.sent, fate.lost, facts);
            self.last.clear();
            if network.overlap > 0 && !fate.lost {
                self.last.extend_from_slice(&piece[piece.len().saturating_sub(300)..]);
            }
        }
        self.out = out;
        self.out.clear();
        Ok(())
    }
}

/// The bytes up to each of these ends, and those behind the last.
fn pieces<'a>(bytes: &'a [u8], ends: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let ends = ends.iter().copied().chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| &bytes[start..end])
}
