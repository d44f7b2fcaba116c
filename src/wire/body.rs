//! Where the body of an HTTP/1.1 message ends (RFC 9112 §6–§7). What stands in it is not looked at.

use super::head::Head;
use super::list;

/// What is still to come of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// That many bytes.
    Length(u64),
    /// Chunks, each with its length before it.
    Chunked(Chunk),
    /// Everything until the connection ends.
    UntilEnd,
}

/// Where in the chunks the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// In the line with the length; its value so far, and whether the digits are over.
    Size(u64, bool),
    /// In the data, with that many bytes and a line end to come.
    Data(u64),
    /// In the line end behind the data.
    DataEnd,
    /// In the trailer; whether its current line is still empty.
    Trailer(bool),
}

impl Body {
    /// No body at all.
    pub const NONE: Self = Self::Length(0);

    /// The body behind a request's head.
    #[must_use]
    pub fn of_request(head: &Head) -> Self {
        Self::announced(head).unwrap_or(Self::NONE)
    }

    /// The body behind a response's head; `method` is the request's, where it was seen.
    #[must_use]
    pub fn of_response(head: &Head, method: Option<&[u8]>) -> Self {
        let status = head.status().unwrap_or(0);
        let bodiless = matches!(status, 100..=199 | 204 | 304) || method == Some(b"HEAD");
        let tunnel = method == Some(b"CONNECT") && (200..300).contains(&status);
        if bodiless || tunnel { Self::NONE } else { Self::announced(head).unwrap_or(Self::UntilEnd) }
    }

    /// Takes what belongs to the body from the front of `piece`: how many bytes, and whether it is over.
    pub fn feed(&mut self, piece: &[u8]) -> (usize, bool) {
        match self {
            Self::UntilEnd => (piece.len(), false),
            Self::Length(left) => {
                let taken = (piece.len() as u64).min(*left);
                *left -= taken;
                (taken as usize, *left == 0)
            }
            Self::Chunked(_) => self.feed_chunks(piece),
        }
    }

    /// Passes over `lost` bytes that are not here; whether the end of the body is still known.
    pub fn skip(&mut self, lost: u64) -> bool {
        match self {
            Self::UntilEnd => true,
            Self::Length(left) if lost <= *left => {
                *left -= lost;
                true
            }
            Self::Length(_) | Self::Chunked(_) => false,
        }
    }

    fn announced(head: &Head) -> Option<Self> {
        let chunked = head.all("transfer-encoding").any(|line| list::has_token(&head.value(line), "chunked"));
        if chunked {
            return Some(Self::Chunked(Chunk::Size(0, false)));
        }
        let length = head.first_value("content-length")?;
        Some(
            std::str::from_utf8(&length)
                .ok()
                .and_then(|text| text.parse().ok())
                .map_or(Self::UntilEnd, Self::Length),
        )
    }

    fn feed_chunks(&mut self, piece: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            let Self::Chunked(chunk) = self else { return (piece.len(), false) };
            if let Chunk::Data(left) = chunk {
                let taken = ((piece.len() - at) as u64).min(*left);
                *left -= taken;
                at += taken as usize;
                if *left == 0 {
                    *chunk = Chunk::DataEnd;
                }
                continue;
            }
            at += 1;
            match chunk.step(byte) {
                Some(next) => *chunk = next,
                None if *chunk == Chunk::Trailer(true) => return (at, true),
                // No length stands where one must: where this body ends cannot be known any more.
                None => *self = Self::UntilEnd,
            }
        }
        (at, false)
    }
}

impl Chunk {
    /// The state behind this byte; none at the end of the trailer, and where a length is not one.
    fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Size(0, _), b'\n') => Self::Trailer(true),
            (Self::Size(size, _), b'\n') => Self::Data(size),
            (Self::Size(size, false), _) if byte.is_ascii_hexdigit() => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size(size.checked_mul(16)?.checked_add(u64::from(digit))?, false)
            }
            (Self::Size(size, _), _) => Self::Size(size, true),
            (Self::DataEnd, b'\n') => Self::Size(0, false),
            (Self::DataEnd, _) => Self::DataEnd,
            (Self::Trailer(true), b'\n') => return None,
            (Self::Trailer(_), b'\n') => Self::Trailer(true),
            (Self::Trailer(true), b'\r') => Self::Trailer(true),
            (Self::Trailer(_), _) => Self::Trailer(false),
            (Self::Data(_), _) => self,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(head: &str, method: Option<&[u8]>, rest: &[u8]) -> (usize, bool) {
        let head = Head::decode(format!("{head}\r\n\r\n").into());
        let whole = Body::of_response(&head, method).feed(rest);
        let mut body = Body::of_response(&head, method);
        let (mut sum, mut over) = (0, body == Body::NONE);
        for byte in rest {
            if over {
                break;
            }
            let (n, done) = body.feed(&[*byte]);
            sum += n;
            over = done;
        }
        assert_eq!((sum, over), whole, "byte by byte as in one piece");
        whole
    }

    #[test]
    fn the_ways_a_body_ends() {
        assert_eq!(taken("HTTP/1.1 200 OK\r\nContent-Length: 3", None, b"abcHTTP"), (3, true));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked";
        assert_eq!(taken(chunked, None, b"3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\nHTTP"), (23, true));
        assert_eq!(taken(chunked, None, b"ffffffffffffffffff\r\nabc"), (23, false));
        assert_eq!(taken("HTTP/1.1 200 OK", None, b"abc"), (3, false));
        assert_eq!(taken("HTTP/1.1 304 Not Modified\r\nContent-Length: 3", None, b""), (0, true));
        assert_eq!(taken("HTTP/1.1 200 OK\r\nContent-Length: 3", Some(b"HEAD"), b""), (0, true));
    }
}
