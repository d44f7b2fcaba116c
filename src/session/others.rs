//! TCP connections of a capture that carry no WebSocket: they have no events, and are counted.

/// How many there are, by what they speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// TLS.
    pub tls: u64,
    /// HTTP/2 in the clear.
    pub http2: u64,
    /// HTTP/1, and nobody asked for a WebSocket.
    pub http: u64,
    /// Anything else.
    pub unknown: u64,
    /// No byte came on them.
    pub silent: u64,
}

impl Others {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.tls + self.http2 + self.http + self.unknown + self.silent
    }

    /// How many of each kind, and what it is called; no kind of which there are none.
    pub fn kinds(&self) -> impl Iterator<Item = (u64, &'static str)> {
        let Self { tls, http2, http, unknown, silent } = *self;
        let kinds = [
            (tls, "TLS"),
            (http2, "HTTP/2"),
            (http, "HTTP"),
            (silent, "without a byte"),
            (unknown, "something else"),
        ];
        kinds.into_iter().filter(|(number, _)| *number > 0)
    }

    /// Those of another input too.
    pub const fn add(&mut self, other: &Self) {
        self.tls += other.tls;
        self.http2 += other.http2;
        self.http += other.http;
        self.unknown += other.unknown;
        self.silent += other.silent;
    }
}
