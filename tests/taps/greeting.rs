//! A server that says one word and waits, and a client that has heard it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use super::{PATIENCE, Proxy, SWITCHING, handshake, read_head, server};

/// Serves the greeting, text in one frame, and keeps the connection open.
pub fn greeting() -> u16 {
    server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(&[SWITCHING.as_bytes(), b"\x81\x02hi"].concat()).unwrap();
        thread::sleep(PATIENCE);
    })
}

/// A client that has got the greeting.
pub fn greeted(proxy: &Proxy) -> TcpStream {
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    read_head(&mut client);
    client.read_exact(&mut [0; 4]).unwrap();
    client
}
