//! Writes TCP packets (RFC 9293) in IP of either version (RFC 791, RFC 8200), checksums included.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Bytes of a TCP header without options.
const TCP: usize = 20;

/// The options of a SYN: the longest segment, which is [`MOST_PAYLOAD`] (RFC 9293 §3.7.1), a filler, and how windows are
/// scaled, which is by 14 bits (RFC 7323 §2.2).
const SYN_OPTIONS: [u8; 8] = [2, 4, (MOST_PAYLOAD >> 8) as u8, MOST_PAYLOAD as u8, 1, 3, 3, 14];

/// The most bytes of payload in a packet, so that the packet is no longer than 65,535 bytes.
pub(super) const MOST_PAYLOAD: usize = 65_535 - 40 - TCP;

/// The number of TCP in an IP header.
const PROTOCOL: u8 = 6;

/// The flags of a TCP header.
pub(super) mod flag {
    pub const FIN: u8 = 1;
    pub const SYN: u8 = 2;
    pub const RST: u8 = 4;
    pub const PSH: u8 = 8;
    pub const ACK: u8 = 16;
}

/// A TCP packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// Both ends, their addresses of the same version.
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub sequence: u32,
    pub acknowledged: u32,
    pub flags: u8,
    pub payload: &'a [u8],
}

/// Two addresses that can stand in one packet: where only one is of IPv4, it becomes one of IPv6 that says the same
/// (RFC 4291 §2.5.5.2).
pub(super) fn of_one_version(one: SocketAddr, other: SocketAddr) -> (SocketAddr, SocketAddr) {
    if one.is_ipv4() == other.is_ipv4() {
        return (one, other);
    }
    let wide = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    };
    (wide(one), wide(other))
}

impl Packet<'_> {
    const fn options(&self) -> &'static [u8] {
        if self.flags & flag::SYN != 0 { &SYN_OPTIONS } else { &[] }
    }

    /// Bytes of the TCP header and the payload.
    const fn tcp_len(&self) -> usize {
        TCP + self.options().len() + self.payload.len()
    }

    /// Bytes of all of it.
    pub(super) const fn len(&self) -> usize {
        self.tcp_len() + if self.from.is_ipv4() { 20 } else { 40 }
    }

    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let len = u16::try_from(self.tcp_len()).unwrap_or(u16::MAX);
        let mut sum = Sum::default();
        sum.add(&[0, PROTOCOL]);
        sum.add(&len.to_be_bytes());
        let start = out.len();
        match (self.from.ip(), self.to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                // Version 4, a header of five words; may not be fragmented, and lives for 64 hops.
                out.extend_from_slice(&[0x45, 0]);
                out.extend_from_slice(&len.saturating_add(20).to_be_bytes());
                out.extend_from_slice(&[0, 0, 0x40, 0, 64, PROTOCOL, 0, 0]);
                out.extend_from_slice(&from.octets());
                out.extend_from_slice(&to.octets());
                let header = out.get(start..).unwrap_or_default();
                let mut header_sum = Sum::default();
                header_sum.add(header);
                sum.add(header.get(12..).unwrap_or_default());
                put(out, start + 10, header_sum.finish());
            }
            (from, to) => {
                out.extend_from_slice(&[0x60, 0, 0, 0]);
                out.extend_from_slice(&len.to_be_bytes());
                out.extend_from_slice(&[PROTOCOL, 64]);
                out.extend_from_slice(&wide(from).octets());
                out.extend_from_slice(&wide(to).octets());
                sum.add(out.get(start + 8..).unwrap_or_default());
            }
        }
        self.write_tcp(out, sum);
    }

    fn write_tcp(&self, out: &mut Vec<u8>, mut sum: Sum) {
        let start = out.len();
        out.extend_from_slice(&self.from.port().to_be_bytes());
        out.extend_from_slice(&self.to.port().to_be_bytes());
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.acknowledged.to_be_bytes());
        // The words of the header, in the upper four bits.
        let words = ((TCP + self.options().len()) / 4) as u8;
        // The widest window; no checksum yet, nothing urgent.
        out.extend_from_slice(&[words << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        out.extend_from_slice(self.options());
        out.extend_from_slice(self.payload);
        sum.add(out.get(start..).unwrap_or_default());
        put(out, start + 16, sum.finish());
    }
}

const fn wide(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

fn put(out: &mut [u8], at: usize, number: u16) {
    if let Some(place) = out.get_mut(at..at + 2) {
        place.copy_from_slice(&number.to_be_bytes());
    }
}

/// The sum of 16-bit words that IP and TCP check by (RFC 1071). Each part but the last has an even length.
#[derive(Clone, Copy, Debug, Default)]
struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<4>();
        // Words of 32 bits sum up to the same once the carries are folded, and 64 bits hold four billion of them.
        self.0 += words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum::<u64>();
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.0 += u64::from(u32::from_be_bytes(last));
    }

    const fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::{IpSlice, Ipv4HeaderSlice, TcpHeader, TcpSlice};

    fn written(packet: &Packet<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        packet.write(&mut out);
        assert_eq!(out.len(), packet.len());
        out
    }

    #[test]
    fn another_program_reads_the_same_and_agrees_on_the_checksums() {
        let v4 = ["127.0.0.1:5000", "10.1.2.3:80"];
        let v6 = ["[::1]:5000", "[fe80::1]:443"];
        let payload: Vec<u8> = (0..MOST_PAYLOAD).map(|at| (at * 7) as u8).collect();
        for [from, to] in [v4, v6] {
            for len in [0, 1, 2, 3, 4, 5, MOST_PAYLOAD - 1, MOST_PAYLOAD] {
                for flags in [flag::SYN, flag::ACK | flag::PSH] {
                    let len = if flags == flag::SYN { 0 } else { len };
                    let (from, to): (SocketAddr, SocketAddr) = (from.parse().unwrap(), to.parse().unwrap());
                    let payload = &payload[..len];
                    let packet = Packet { from, to, sequence: u32::MAX, acknowledged: 7, flags, payload };
                    let bytes = written(&packet);
                    let ip = IpSlice::from_slice(&bytes).unwrap();
                    assert_eq!((ip.source_addr(), ip.destination_addr()), (from.ip(), to.ip()));
                    if from.is_ipv4() {
                        let header = Ipv4HeaderSlice::from_slice(&bytes).unwrap().to_header();
                        assert_eq!(header.header_checksum, header.calc_header_checksum());
                    }
                    let tcp = TcpSlice::from_slice(ip.payload().payload).unwrap();
                    let header: TcpHeader = tcp.to_header();
                    assert_eq!((header.source_port, header.destination_port), (from.port(), to.port()));
                    assert_eq!((header.syn, header.psh, header.ack), (flags == 2, flags != 2, flags != 2));
                    assert_eq!((header.sequence_number, header.acknowledgment_number), (u32::MAX, 7));
                    assert_eq!(tcp.payload(), payload);
                    let sum = match (from.ip(), to.ip()) {
                        (IpAddr::V4(from), IpAddr::V4(to)) => {
                            tcp.calc_checksum_ipv4(from.octets(), to.octets()).unwrap()
                        }
                        _ => {
                            tcp.calc_checksum_ipv6(wide(from.ip()).octets(), wide(to.ip()).octets()).unwrap()
                        }
                    };
                    assert_eq!(header.checksum, sum, "{from} {len}");
                }
            }
        }
    }

    #[test]
    fn addresses_of_both_versions_become_one() {
        let (v4, v6) = ("1.2.3.4:5".parse().unwrap(), "[::1]:6".parse().unwrap());
        assert_eq!(of_one_version(v4, v6), ("[::ffff:1.2.3.4]:5".parse().unwrap(), v6));
        assert_eq!(of_one_version(v6, v4).1, "[::ffff:1.2.3.4]:5".parse().unwrap());
        assert_eq!(of_one_version(v4, v4), (v4, v4));
    }
}
