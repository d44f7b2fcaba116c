//! The headers of the opening handshake, what stands in them, and two answers.

use super::topic::Topic;
use crate::wire::bits::Cite;

/// One row a header, or a thing of the handshake.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        words: &["host"],
        title: "Host: a header of the request",
        cite: Cite::ws("4.1"),
        bits: None,
        is: "The server's name, and its port where that is not 80 (ws) or 443 (wss).",
        does: "Many sites share one address: it tells the server, and a proxy before it, which one is meant.",
        wrong: "Without it, or with two of them, a server must answer 400.",
        example: "Host: localhost:8000",
    },
    Topic {
        words: &["upgrade"],
        title: "Upgrade: a header of request and response",
        cite: Cite::ws("4.1"),
        bits: None,
        is: "The protocol to switch to: websocket, in any case.",
        does: "In the request it asks, in a 101 it agrees. It counts only where Connection lists Upgrade.",
        wrong: "Proxies remove it unless told otherwise: nginx needs proxy_set_header Upgrade $http_upgrade. Some \
                servers compare the case.",
        example: "Upgrade: websocket",
    },
    Topic {
        words: &["connection"],
        title: "Connection: a header of request and response",
        cite: Cite::ws("4.1"),
        bits: None,
        is: "A list of the headers that are meant for the next hop only, Upgrade among them.",
        does: "Look for the token Upgrade in the list, in any case; others may stand beside it, as in \
               keep-alive, Upgrade.",
        wrong: "Compared as a whole instead of as a list, it fails with Firefox, which sends keep-alive, Upgrade.",
        example: "Connection: Upgrade",
    },
    Topic {
        words: &["origin"],
        title: "Origin: a header of the request",
        cite: Cite::ws("10.2"),
        bits: None,
        is: "Where the page came from that opens the connection: scheme, host and port. Every browser sends it.",
        does: "The server decides by it which pages it lets in. CORS does not apply to WebSocket, so this is all \
               there is; a page cannot change it, a program can write anything.",
        wrong: "A server that takes cookies and does not look at Origin lets any page act for its visitor.",
        example: "Origin: https://example.org",
    },
    Topic {
        words: &["sec-websocket-key", "nonce"],
        title: "Sec-WebSocket-Key: a header of the request",
        cite: Cite::ws("4.1"),
        bits: None,
        is: "A nonce: base64 of 16 random bytes, new for each connection, 24 characters. Not 16 random letters.",
        does: "The server takes the 24 characters as they are, does not decode them, and computes \
               Sec-WebSocket-Accept from them.",
        wrong: "It is no secret and no password. Decoding it first, or hashing a line end with it, gives a wrong \
                accept.",
        example: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    },
    Topic {
        words: &["sec-websocket-accept", "accept", "guid"],
        title: "Sec-WebSocket-Accept: a header of the response",
        cite: Cite::ws("4.2.2"),
        bits: None,
        is: "The proof that the server read the nonce: base64 of the SHA-1 of the nonce with the GUID \
             258EAFA5-E914-47DA-95CA-C5AB0DC85B11 behind it.",
        does: "The client computes the same and fails the connection where it differs. So no cache and no other \
               server can answer by accident.",
        wrong: "Base64 of the digest in hex, the GUID in lower case, the nonce decoded first. `wslens accept NONCE \
                --expect VALUE` finds which.",
        example: "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    },
    Topic {
        words: &["sec-websocket-version", "version"],
        title: "Sec-WebSocket-Version: a header of the request",
        cite: Cite::ws("4.4"),
        bits: None,
        is: "The version of the protocol: 13, the RFC's.",
        does: "A server that does not speak it answers 426 and names its own versions in the same header.",
        wrong: "Anything but 13 comes from a draft before 2011.",
        example: "Sec-WebSocket-Version: 13",
    },
    Topic {
        words: &["sec-websocket-protocol", "subprotocol", "subprotocols"],
        title: "Sec-WebSocket-Protocol: a header of request and response",
        cite: Cite::ws("1.9"),
        bits: None,
        is: "Which language the messages speak, as names that the two sides agree on: chat, mqtt, graphql-ws.",
        does: "The client lists what it can, the preferred one first; the server sends one of them back, or no such \
               header.",
        wrong: "A name that was not offered, or two, fail the connection. Where the client offered some and the \
                server picks none, the RFC goes on and browsers do not.",
        example: "Sec-WebSocket-Protocol: chat, superchat",
    },
    Topic {
        words: &["sec-websocket-extensions", "extension", "extensions"],
        title: "Sec-WebSocket-Extensions: a header of request and response",
        cite: Cite::ws("9.1"),
        bits: None,
        is: "What may be done to the frames: a list of extensions, each with parameters behind semicolons.",
        does: "The client offers, the server repeats what it accepts. Only what the response says is in use.",
        wrong: "An extension that was not offered, or a parameter that does not belong to it, fails the connection.",
        example: "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    },
    Topic {
        words: &[
            "permessage-deflate",
            "server_no_context_takeover",
            "client_no_context_takeover",
            "server_max_window_bits",
            "client_max_window_bits",
        ],
        title: "permessage-deflate: an extension",
        cite: Cite::deflate("7"),
        bits: None,
        is: "Compresses messages with DEFLATE. RSV1 on the first frame tells which ones.",
        does: "…_no_context_takeover: that side begins each message with an empty window. …_max_window_bits: that \
               side looks back 2 to this power bytes at most, 8 to 15. server_… binds the server's compressor, \
               client_… the client's.",
        wrong: "The four bytes 00 00 ff ff at the end of each message are cut off by the sender and must be put \
                back before inflating. A client's window may be limited only where it said that it can.",
        example: "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
    },
    Topic {
        words: &["101", "switching protocols"],
        title: "101: a status of HTTP",
        cite: Cite::ws("4.2.2"),
        bits: None,
        is: "Switching Protocols: the answer of a server that agrees.",
        does: "With the blank line behind its headers HTTP is over. The next byte, even in the same segment, begins \
               a frame.",
        wrong: "Text written to the socket from here on is read as the header of a frame.",
        example: "HTTP/1.1 101 Switching Protocols",
    },
    Topic {
        words: &["426", "upgrade required"],
        title: "426: a status of HTTP",
        cite: Cite::ws("4.4"),
        bits: None,
        is: "Upgrade Required: not by this protocol, or not in this version of it.",
        does: "Upgrade names the protocol that is wanted, Sec-WebSocket-Version the versions that the server speaks.",
        wrong: "A browser tries no other version; onclose gets 1006.",
        example: "HTTP/1.1 426 Upgrade Required",
    },
];
