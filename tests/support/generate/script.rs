//! What the two ends of a connection say to each other.

use std::io::{self, Write};

use flate2::Compress;
use wslens::wire::accept::{accept, nonce_for};
use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::mask::MaskingKey;

use super::super::mutate::Random;
use super::super::net::{ACK, FIN, SYN, host};
use super::Plan;
use super::network::{Network, Wire};
use super::payload::{Payload, Pools, compressor, deflate};
use super::stream::Way;
use super::truth::{Fact, Fate, What, hash};

/// The most bytes that gather before they are sent.
const GATHERED: usize = 8 * 1024;

/// A connection.
pub struct Script {
    connection: usize,
    ways: [Way; 2],
    compress: Option<[Compress; 2]>,
    /// The payload of the last Ping of each end, until it is sent.
    asked: [Option<Vec<u8>>; 2],
    /// What each end owes a Pong.
    owed: [Option<Vec<u8>>; 2],
    frames: [u64; 2],
    messages: [u64; 2],
    pieces: bool,
    handshake: bool,
    hashes: bool,
    size: usize,
    alone: bool,
    network: Network,
}

impl Script {
    pub fn new(plan: &Plan, at: usize, hashes: bool, random: &mut Random) -> Self {
        let (client, server) =
            if plan.file.ipv6 { ("2001:db8::1", "2001:db8::2") } else { ("192.0.2.1", "192.0.2.2") };
        let ends = [host(client, 40_000 + (at % 20_000) as u16), host(server, 80)];
        let ways = [Way::new(ends[0], ends[1], random), Way::new(ends[1], ends[0], random)];
        Self {
            connection: at + 1,
            ways,
            compress: plan.compression.then(|| [compressor(), compressor()]),
            asked: [None, None],
            owed: [None, None],
            frames: [0; 2],
            messages: [0; 2],
            pieces: plan.pieces,
            handshake: plan.handshake,
            hashes,
            size: plan.segment,
            alone: plan.alone,
            network: plan.network,
        }
    }

    /// The packets that open the connection, and the handshake.
    pub fn open(&mut self, wire: &mut Wire<impl Write>, random: &mut Random) -> io::Result<()> {
        if !self.handshake {
            return Ok(());
        }
        let [client, server] = [self.ways[0].next(), self.ways[1].next()];
        self.ways[0].push(1, SYN, 0, true, wire)?;
        self.ways[1].push(1, SYN | ACK, client, false, wire)?;
        self.ways[0].push(0, ACK, server, true, wire)?;
        let key = nonce_for([0; 16].map(|_: u8| random.next() as u8));
        let extension =
            if self.compress.is_some() { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
        let request = format!(
            "GET /chat/{} HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Origin: http://example.com\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{extension}\r\n",
            self.connection
        );
        let accept = accept(key.as_bytes());
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
        );
        // Connections are numbered by their handshakes, so that these come in order.
        let network = std::mem::replace(&mut self.network, Network::CLEAN);
        for (sender, head) in [request, response].iter().enumerate() {
            self.ways[sender].out.extend_from_slice(head.as_bytes());
            self.flush(sender, wire, random, &mut Vec::new())?;
        }
        self.network = network;
        Ok(())
    }

    /// An end says the next thing; how many bytes of payload that was.
    pub fn step(
        &mut self,
        pools: &Pools,
        wire: &mut Wire<impl Write>,
        random: &mut Random,
        facts: &mut Vec<Fact>,
    ) -> io::Result<u64> {
        let sender = random.under(2);
        if let Some(ping) = self.owed[sender].take() {
            self.frame(sender, 0x8a, &ping, random);
        }
        if self.pieces && random.under(20) == 0 {
            self.ping(sender, random);
        }
        let payload = pools.take(random);
        self.message(sender, &payload, random);
        if self.ways[sender].out.len() > GATHERED || random.under(3) == 0 {
            self.flush(sender, wire, random, facts)?;
        }
        Ok(payload.bytes.len() as u64)
    }

    fn ping(&mut self, sender: usize, random: &mut Random) {
        let payload: Vec<u8> = (0..random.under(20)).map(|_| random.next() as u8).collect();
        self.frame(sender, 0x89, &payload, random);
        self.asked[sender] = Some(payload);
    }

    /// A message, in one frame or in pieces.
    fn message(&mut self, sender: usize, payload: &Payload<'_>, random: &mut Random) {
        let (opcode, plain) = (if payload.text { 1 } else { 2 }, payload.bytes);
        let packed = match &mut self.compress {
            Some(compress) if payload.packs && random.under(4) > 0 => {
                Some(deflate(&mut compress[sender], plain))
            }
            _ => None,
        };
        let bytes = packed.as_deref().unwrap_or(plain);
        let rsv1 = if packed.is_some() { 0x40 } else { 0 };
        let at = self.ways[sender].offset();
        if self.pieces && random.under(4) == 0 {
            self.in_pieces(sender, opcode | rsv1, bytes, random);
        } else {
            self.frame(sender, 0x80 | rsv1 | opcode, bytes, random);
        }
        self.messages[sender] += 1;
        let end = self.ways[sender].offset();
        self.ways[sender].pending.push(Fact {
            what: What::Message,
            connection: self.connection,
            sender,
            number: self.messages[sender],
            opcode,
            fin: true,
            rsv1: packed.is_some(),
            len: plain.len() as u64,
            hash: hash(self.hashes, plain),
            at,
            end,
            fate: Fate::Whole,
        });
    }

    fn in_pieces(&mut self, sender: usize, first: u8, bytes: &[u8], random: &mut Random) {
        let pieces = 2 + random.under(3);
        let (mut rest, mut byte) = (bytes, first);
        for left in (1..=pieces).rev() {
            let len = if left == 1 { rest.len() } else { random.under(rest.len() + 1) };
            let (piece, behind) = rest.split_at(len);
            let fin = if left == 1 { 0x80 } else { 0 };
            self.frame(sender, fin | byte, piece, random);
            (rest, byte) = (behind, 0);
            if left > 1 && random.under(3) == 0 {
                self.ping(sender, random);
            }
        }
    }

    fn frame(&mut self, sender: usize, first: u8, payload: &[u8], random: &mut Random) {
        let key = (sender == 0).then(|| MaskingKey((random.next() as u32 | 1).to_be_bytes()));
        let len = payload.len() as u64;
        let way = &mut self.ways[sender];
        let at = way.offset();
        Header::new(first, len, LengthForm::shortest(len), key).encode(&mut way.out);
        let start = way.out.len();
        way.out.extend_from_slice(payload);
        if let Some(key) = key {
            key.apply(&mut way.out[start..]);
        }
        if self.alone {
            way.ends.push(way.out.len());
        }
        self.frames[sender] += 1;
        let fact = Fact {
            what: What::Frame,
            connection: self.connection,
            sender,
            number: self.frames[sender],
            opcode: first & 0xf,
            fin: first & 0x80 != 0,
            rsv1: first & 0x40 != 0,
            len,
            hash: hash(self.hashes, payload),
            at,
            end: way.offset(),
            fate: Fate::Whole,
        };
        way.pending.push(fact);
    }

    fn flush(
        &mut self,
        sender: usize,
        wire: &mut Wire<impl Write>,
        random: &mut Random,
        facts: &mut Vec<Fact>,
    ) -> io::Result<()> {
        let ack = self.ways[1 - sender].next();
        if let Some(ping) = self.asked[sender].take() {
            self.owed[1 - sender] = Some(ping);
        }
        self.ways[sender].flush((sender, ack, self.size, self.network), wire, random, facts)
    }

    /// Both ends say goodbye, and end TCP.
    pub fn close(
        &mut self,
        wire: &mut Wire<impl Write>,
        random: &mut Random,
        facts: &mut Vec<Fact>,
    ) -> io::Result<()> {
        for sender in [0, 1] {
            self.flush(sender, wire, random, facts)?;
        }
        for sender in [0, 1] {
            if let Some(ping) = self.owed[sender].take() {
                self.frame(sender, 0x8a, &ping, random);
            }
            self.frame(sender, 0x88, b"\x03\xe8bye", random);
            self.flush(sender, wire, random, facts)?;
        }
        let [client, server] = [self.ways[0].next(), self.ways[1].next()];
        self.ways[1].push(0, FIN | ACK, client, false, wire)?;
        self.ways[0].push(0, FIN | ACK, server.wrapping_add(1), true, wire)
    }
}
