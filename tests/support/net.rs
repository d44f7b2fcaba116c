//! Packets and capture files of every kind, made from what two ends say.

use std::net::IpAddr;

/// Flags of TCP.
pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const ACK: u8 = 16;

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    pub ip: IpAddr,
    pub port: u16,
}

/// An end by its address in text and its port.
pub fn host(ip: &str, port: u16) -> Host {
    Host { ip: ip.parse().expect("an address"), port }
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    pub from: Host,
    pub to: Host,
    pub seq: u32,
    pub ack: u32,
    pub flags: u8,
    pub payload: Vec<u8>,
}

impl Tcp {
    /// Its header and payload.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.from.port.to_be_bytes());
        out.extend_from_slice(&self.to.port.to_be_bytes());
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.ack.to_be_bytes());
        out.extend_from_slice(&[5 << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        out.extend_from_slice(&self.payload);
        out
    }

    /// The IP packet around it, with the checksums that belong in it.
    pub fn ip(&self) -> Vec<u8> {
        let mut segment = self.bytes();
        let sum = tcp_sum(self.from.ip, self.to.ip, &segment);
        segment[16..18].copy_from_slice(&sum.to_be_bytes());
        ip(self.from.ip, self.to.ip, 6, &segment)
    }
}

/// The checksum of a segment, over its addresses too (RFC 9293 §3.1).
fn tcp_sum(from: IpAddr, to: IpAddr, segment: &[u8]) -> u16 {
    let mut front = Vec::with_capacity(40);
    for address in [from, to] {
        match address {
            IpAddr::V4(v4) => front.extend_from_slice(&v4.octets()),
            IpAddr::V6(v6) => front.extend_from_slice(&v6.octets()),
        }
    }
    front.extend_from_slice(&(segment.len() as u32).to_be_bytes());
    front.extend_from_slice(&[0, 0, 0, 6]);
    checksum(words(&front) + words(segment))
}

/// The sum of the 16-bit words (RFC 1071).
fn words(bytes: &[u8]) -> u64 {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let sum: u64 = pairs.iter().map(|pair| u64::from(u16::from_be_bytes(*pair))).sum();
    sum + rest.first().map_or(0, |byte| u64::from(*byte) << 8)
}

fn checksum(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// An IP packet.
pub fn ip(from: IpAddr, to: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => ipv4(from.octets(), to.octets(), 0, 0, protocol, &[], payload),
        (IpAddr::V6(from), IpAddr::V6(to)) => ipv6(from.octets(), to.octets(), protocol, payload),
        _ => panic!("both ends have addresses of one version"),
    }
}

/// An IPv4 packet; `fragment` is the field of flags and offset.
pub fn ipv4(
    from: [u8; 4],
    to: [u8; 4],
    id: u16,
    fragment: u16,
    protocol: u8,
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let header = 20 + options.len();
    let total = u16::try_from(header + payload.len()).unwrap_or(0);
    let mut out = vec![0x40 | (header / 4) as u8, 0];
    out.extend_from_slice(&total.to_be_bytes());
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(&fragment.to_be_bytes());
    out.extend_from_slice(&[64, protocol, 0, 0]);
    out.extend_from_slice(&from);
    out.extend_from_slice(&to);
    out.extend_from_slice(options);
    let sum = checksum(words(&out));
    out[10..12].copy_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

/// An IPv6 packet.
pub fn ipv6(from: [u8; 16], to: [u8; 16], next: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&[next, 64]);
    out.extend_from_slice(&from);
    out.extend_from_slice(&to);
    out.extend_from_slice(payload);
    out
}

/// Ethernet around an IP packet.
pub fn ethernet(ip: &[u8]) -> Vec<u8> {
    let kind: [u8; 2] = if ip[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &kind, ip].concat()
}

/// The header of a link type (<https://www.tcpdump.org/linktypes.html>) around an IP packet, from one end or the other.
pub fn on_link(link: u16, outgoing: bool, ip: &[u8]) -> Vec<u8> {
    let v4 = ip[0] >> 4 == 4;
    let kind: [u8; 2] = if v4 { [8, 0] } else { [0x86, 0xdd] };
    let front: &[u8] = match (link, outgoing) {
        (0, _) if v4 => &[2, 0, 0, 0],
        (0, _) => &[30, 0, 0, 0],
        (1, true) => &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2],
        (1, false) => &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1],
        // To another host, or to us; Ethernet; an address of six bytes.
        (113, _) => &[0, if outgoing { 4 } else { 0 }, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0],
        (276, _) => {
            let packet = if outgoing { 4 } else { 0 };
            let rest = [0, 0, 0, 0, 0, 2, 0, 1, packet, 6, 2, 0, 0, 0, 0, 1, 0, 0];
            return [&kind[..], &rest, ip].concat();
        }
        _ => return ip.to_vec(),
    };
    let kind = if link == 0 { &[][..] } else { &kind };
    [front, kind, ip].concat()
}

/// A packet at a time in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub time: u64,
    pub bytes: Vec<u8>,
    /// How long it was when it was sent.
    pub original: usize,
}

impl Packet {
    pub fn new(time: u64, bytes: Vec<u8>) -> Self {
        Self { time, original: bytes.len(), bytes }
    }
}

/// How a pcap file is written.
#[derive(Clone, Copy, Debug)]
pub struct Pcap {
    pub big_endian: bool,
    pub magic: u32,
    /// Bytes of each record header behind the first sixteen.
    pub more: usize,
    pub link: u32,
}

impl Default for Pcap {
    fn default() -> Self {
        Self { big_endian: false, magic: 0xa1b2_c3d4, more: 0, link: 1 }
    }
}

impl Pcap {
    fn word(self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    /// The file.
    pub fn file(self, packets: &[Packet]) -> Vec<u8> {
        let mut out = self.header();
        packets.iter().for_each(|packet| self.record(packet, &mut out));
        out
    }

    /// The header of the file.
    pub fn header(self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.word(self.magic));
        let version = if self.big_endian { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
        out.extend_from_slice(&version);
        for word in [0, 0, 262_144, self.link] {
            out.extend_from_slice(&self.word(word));
        }
        if self.magic >> 24 == 0x1c {
            out.extend_from_slice(&[0; 4]);
        }
        out
    }

    /// The record of a packet.
    pub fn record(self, packet: &Packet, out: &mut Vec<u8>) {
        let fraction = packet.time % 1_000_000_000;
        let nano = matches!(self.magic, 0xa1b2_3c4d | 0x1c00_01ac | 0x1c00_01ab);
        let fraction = if nano { fraction } else { fraction / 1000 };
        let words = [
            (packet.time / 1_000_000_000) as u32,
            fraction as u32,
            packet.bytes.len() as u32,
            packet.original as u32,
        ];
        for word in words {
            out.extend_from_slice(&self.word(word));
        }
        out.extend(std::iter::repeat_n(0xee, self.more));
        out.extend_from_slice(&packet.bytes);
    }
}

/// A pcapng file while it is written.
#[derive(Clone, Debug, Default)]
pub struct Pcapng {
    pub big_endian: bool,
    pub out: Vec<u8>,
}

impl Pcapng {
    pub fn new(big_endian: bool) -> Self {
        let mut file = Self { big_endian, out: Vec::new() };
        file.section();
        file
    }

    pub fn word(&self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub fn half(&self, number: u16) -> [u8; 2] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    /// A block of any type.
    pub fn block(&mut self, kind: u32, body: &[u8]) -> &mut Self {
        let padding = body.len().next_multiple_of(4) - body.len();
        let len = self.word((12 + body.len() + padding) as u32);
        self.out.extend_from_slice(&self.word(kind));
        self.out.extend_from_slice(&len);
        self.out.extend_from_slice(body);
        self.out.extend(std::iter::repeat_n(0, padding));
        self.out.extend_from_slice(&len);
        self
    }

    /// A section header.
    pub fn section(&mut self) -> &mut Self {
        let body = [
            &self.word(0x1a2b_3c4d)[..],
            &self.half(1),
            &self.half(0),
            &[0xff; 8],
            &self.option(1, b"a comment"),
            &[0; 4],
        ]
        .concat();
        self.block(0x0a0d_0d0a, &body)
    }

    /// An option of a block.
    pub fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [&self.half(code)[..], &self.half(value.len() as u16), value].concat();
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    /// An interface description with these options.
    pub fn interface(&mut self, link: u16, snap: u32, options: &[u8]) -> &mut Self {
        let body = [&self.half(link)[..], &[0; 2], &self.word(snap), options].concat();
        self.block(1, &body)
    }

    /// An enhanced packet block, its time in ticks.
    pub fn packet(&mut self, interface: u32, ticks: u64, packet: &Packet) -> &mut Self {
        let mut body = self.times(interface, ticks, packet);
        body.extend_from_slice(&packet.bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend_from_slice(&self.option(1, b"of a packet"));
        body.extend_from_slice(&[0; 4]);
        self.block(6, &body)
    }

    fn times(&self, interface: u32, ticks: u64, packet: &Packet) -> Vec<u8> {
        let words = [
            interface,
            (ticks >> 32) as u32,
            ticks as u32,
            packet.bytes.len() as u32,
            packet.original as u32,
        ];
        words.iter().flat_map(|word| self.word(*word)).collect()
    }

    /// The packet block that came before the enhanced one.
    pub fn obsolete_packet(&mut self, interface: u16, ticks: u64, packet: &Packet) -> &mut Self {
        let mut body = self.times(0, ticks, packet);
        body[..2].copy_from_slice(&self.half(interface));
        body[2..4].copy_from_slice(&[0xff; 2]);
        body.extend_from_slice(&packet.bytes);
        self.block(2, &body)
    }

    /// A simple packet block, which has no time.
    pub fn simple_packet(&mut self, packet: &Packet) -> &mut Self {
        let body = [&self.word(packet.original as u32)[..], &packet.bytes].concat();
        self.block(3, &body)
    }
}

/// Both ends of a connection while packets are made of what they say.
#[derive(Clone, Debug)]
pub struct Talk {
    pub ends: [Host; 2],
    /// The sequence numbers with which they begin.
    pub isn: [u32; 2],
    /// Bytes that each has sent.
    pub sent: [u64; 2],
    /// The packets so far.
    pub packets: Vec<Tcp>,
}

impl Talk {
    /// A connection without a packet.
    pub fn new(client: Host, server: Host, isn: [u32; 2]) -> Self {
        Self { ends: [client, server], isn, sent: [0; 2], packets: Vec::new() }
    }

    /// The three packets that open it.
    pub fn open(mut self) -> Self {
        let [client, server] = self.isn;
        self.push(0, client.wrapping_sub(1), 0, SYN, b"");
        self.push(1, server.wrapping_sub(1), client, SYN | ACK, b"");
        self.push(0, client, server, ACK, b"");
        self
    }

    /// The sequence number of the next byte of an end.
    pub fn next(&self, end: usize) -> u32 {
        self.isn[end].wrapping_add(self.sent[end] as u32)
    }

    /// A packet with any numbers.
    pub fn push(&mut self, end: usize, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> &mut Self {
        let (from, to) = (self.ends[end], self.ends[1 - end]);
        self.packets.push(Tcp { from, to, seq, ack, flags, payload: payload.to_vec() });
        self
    }

    /// An end says something, in one packet.
    pub fn say(&mut self, end: usize, payload: &[u8]) -> &mut Self {
        let (seq, ack) = (self.next(end), self.next(1 - end));
        self.sent[end] += payload.len() as u64;
        self.push(end, seq, ack, ACK, payload)
    }

    /// An end says it in packets of this size.
    pub fn say_in(&mut self, end: usize, payload: &[u8], size: usize) -> &mut Self {
        for piece in payload.chunks(size) {
            self.say(end, piece);
        }
        self
    }

    /// An end has nothing more to say.
    pub fn fin(&mut self, end: usize) -> &mut Self {
        let (seq, ack) = (self.next(end), self.next(1 - end));
        self.sent[end] += 1;
        self.push(end, seq, ack, FIN | ACK, b"")
    }

    /// The packets on Ethernet, a millisecond apart.
    pub fn on_ethernet(&self) -> Vec<Packet> {
        on_ethernet(&self.packets)
    }
}

/// Packets on Ethernet, a millisecond apart.
pub fn on_ethernet(packets: &[Tcp]) -> Vec<Packet> {
    packets
        .iter()
        .enumerate()
        .map(|(at, tcp)| Packet::new(1_600_000_000_000_000_000 + at as u64 * 1_000_000, ethernet(&tcp.ip())))
        .collect()
}
