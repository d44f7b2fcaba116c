//! Writes a capture file (pcapng) that Wireshark, tshark and wslens read.
//!
//! What the proxy sees is bytes, not packets: those are made up around them. A connection stands in the file as if the
//! proxy were not there: from the client's address to the server's, with a SYN, sequence numbers without a hole,
//! acknowledgements, FIN and RST. What was inside TLS is written decrypted, on an interface of its own that says so.

mod block;
mod packet;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use self::packet::{MOST_PAYLOAD, Packet, flag, of_one_version};
use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::wire::sender::Sender;

/// The interfaces, in the order of their numbers.
const INTERFACES: [(&str, &str); 2] = [
    ("wslens", "what passed through wslens proxy; the TCP and IP around it are made up"),
    ("wslens-tls", "what passed inside TLS, decrypted; the TCP and IP around it are made up"),
];

/// Bytes after which the other end acknowledges, where it says nothing meanwhile.
const UNACKNOWLEDGED: u32 = 256 * 1024;

/// The most bytes of words that wait for a packet to stand beside.
const MOST_WORDS: usize = 64 * 1024;

/// Writes segments as packets.
#[derive(Debug)]
pub struct Pcapng {
    connections: BTreeMap<u32, Connection>,
    /// Words for the next packet.
    words: Vec<String>,
    /// The latest time.
    time: Time,
}

/// A connection whose end has not come.
#[derive(Debug)]
struct Connection {
    interface: u32,
    /// The client's end, and the server's.
    ends: [End; 2],
    /// Cut by an RST: nothing can follow.
    cut: bool,
}

/// One end of it.
#[derive(Clone, Copy, Debug)]
struct End {
    address: SocketAddr,
    /// The sequence number of the next byte.
    next: u32,
    /// What the other end has acknowledged.
    acknowledged: u32,
    over: bool,
}

impl Pcapng {
    /// Begins a file that says of itself what `words` say.
    #[must_use]
    pub fn begin(out: &mut Vec<u8>, words: &[String]) -> Self {
        block::section(out, concat!("wslens ", env!("CARGO_PKG_VERSION")), words);
        for (name, description) in INTERFACES {
            block::interface(out, name, description);
        }
        Self { connections: BTreeMap::new(), words: Vec::new(), time: Time(0) }
    }

    /// A connection begins between these ends; of the server's as much as is known. Its SYN is written when the
    /// segment comes that opens it.
    pub fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>) {
        let unknown = match client {
            SocketAddr::V4(_) => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0),
            SocketAddr::V6(_) => SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0),
        };
        let (client, server) = of_one_version(client, server.unwrap_or(unknown));
        // Another first number for each connection: the same ends may be used again.
        let first = connection.wrapping_mul(0x0100_0193);
        let end = |address, next| End { address, next, acknowledged: next, over: false };
        let ends = [end(client, first), end(server, first.wrapping_add(0x8000_0000))];
        self.connections.insert(connection, Connection { interface: 0, ends, cut: false });
    }

    /// Words beside the bytes: the comment of the next packet.
    pub fn comment(&mut self, words: &str) {
        if self.words.iter().map(String::len).sum::<usize>() < MOST_WORDS {
            self.words.push(words.to_owned());
        }
    }

    /// Appends a segment.
    pub fn segment(&mut self, out: &mut Vec<u8>, segment: &Segment<'_>) {
        self.time = segment.time.unwrap_or(self.time).max(self.time);
        let time = segment.time.unwrap_or(self.time);
        let mut words = std::mem::take(&mut self.words);
        let Some(connection) = self.connections.get_mut(&segment.connection) else { return };
        let mut line = Line { out, time, words: &mut words, connection };
        let over = match &segment.content {
            Content::Open(opening) => line.open(segment.connection, opening),
            Content::Bytes(bytes) => line.bytes(segment.sender, bytes),
            Content::Gap(lost) => line.skip(segment.sender, *lost),
            Content::End(how) => line.end(segment.sender, *how),
            // No proxy meets a message without its frames.
            Content::Message(..) | Content::Reported(_) => false,
        };
        self.words = words;
        if over {
            self.connections.remove(&segment.connection);
        }
    }

    /// Ends the file, with the words that are left.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        for number in 0..INTERFACES.len() as u32 {
            block::statistics(out, number, self.time, &std::mem::take(&mut self.words));
        }
    }
}

/// A connection while something of it is written.
struct Line<'a> {
    out: &'a mut Vec<u8>,
    time: Time,
    words: &'a mut Vec<String>,
    connection: &'a mut Connection,
}

impl Line<'_> {
    /// SYN, SYN and ACK, ACK. The first says what is known of the connection. Like what follows, it tells whether all is
    /// over.
    fn open(&mut self, number: u32, opening: &Opening) -> bool {
        self.connection.interface = u32::from(opening.tls);
        let [client, server] = &mut self.connection.ends;
        let called = opening.server.as_deref().unwrap_or("unknown");
        let tls = if opening.tls { ", decrypted: TLS was around these bytes" } else { "" };
        self.words
            .push(format!("connection {number}: {} to {called}{tls}; {}", client.address, opening.input));
        if server.address.port() == 0 {
            self.words.push("no server was reached: its address is not known".to_owned());
            let port = called.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
            server.address.set_port(port.unwrap_or(80));
        }
        self.packet(Sender::Client, flag::SYN, &[]);
        self.packet(Sender::Server, flag::SYN | flag::ACK, &[]);
        self.packet(Sender::Client, flag::ACK, &[]);
        false
    }

    fn bytes(&mut self, sender: Sender, bytes: &[u8]) -> bool {
        for piece in bytes.chunks(MOST_PAYLOAD) {
            self.packet(sender, flag::PSH | flag::ACK, piece);
            let end = self.end_of(sender);
            if end.next.wrapping_sub(end.acknowledged) >= UNACKNOWLEDGED {
                self.packet(sender.other(), flag::ACK, &[]);
            }
        }
        false
    }

    /// Bytes that are not here still have their numbers.
    fn skip(&mut self, sender: Sender, lost: u64) -> bool {
        let end = self.end_of(sender);
        end.next = end.next.wrapping_add(lost as u32);
        false
    }

    fn end(&mut self, sender: Sender, how: How) -> bool {
        match how {
            _ if self.connection.cut => {}
            How::Fin => {
                self.packet(sender, flag::FIN | flag::ACK, &[]);
                self.packet(sender.other(), flag::ACK, &[]);
            }
            How::Reset => {
                self.packet(sender, flag::RST | flag::ACK, &[]);
                self.connection.cut = true;
            }
            // What nobody saw is not made up.
            How::Unknown => {}
        }
        self.end_of(sender).over = true;
        self.connection.ends.iter().all(|end| end.over)
    }

    const fn end_of(&mut self, sender: Sender) -> &mut End {
        let [client, server] = &mut self.connection.ends;
        match sender {
            Sender::Client => client,
            Sender::Server => server,
        }
    }

    /// Appends a packet. It acknowledges all that the other end has said.
    fn packet(&mut self, sender: Sender, flags: u8, payload: &[u8]) {
        let [client, server] = &mut self.connection.ends;
        let (from, to) = match sender {
            Sender::Client => (client, server),
            Sender::Server => (server, client),
        };
        let acknowledges = flags & flag::ACK != 0;
        let packet = Packet {
            from: from.address,
            to: to.address,
            sequence: from.next,
            acknowledged: if acknowledges { to.next } else { 0 },
            flags,
            payload,
        };
        if acknowledges {
            to.acknowledged = to.next;
        }
        // SYN and FIN have a number of their own.
        let marks = u32::from(flags & (flag::SYN | flag::FIN) != 0);
        from.next = from.next.wrapping_add(payload.len() as u32).wrapping_add(marks);
        let interface = self.connection.interface;
        block::packet(self.out, interface, self.time, packet.len(), self.words, |out| packet.write(out));
        self.words.clear();
    }
}
