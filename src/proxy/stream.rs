//! One end's TCP connection, with or without TLS around the bytes: how it is read, written, ended and cut.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// A connection to one end.
pub(super) enum Stream {
    /// The bytes as they are.
    Plain(Tcp),
    /// TLS around them.
    Tls(Box<TlsStream<Tcp>>),
}

/// A TCP connection, and bytes that were read from it too early and are to be read again.
pub(super) struct Tcp {
    stream: TcpStream,
    front: Vec<u8>,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// So many bytes.
    Bytes(usize),
    /// The stream ended as it should: with FIN, and close_notify before it where there is TLS.
    End,
    /// TCP ended with FIN, and TLS did not say so before.
    EndWithoutNotify,
}

impl Stream {
    fn tcp(&self) -> &Tcp {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }

    fn tcp_mut(&mut self) -> &mut Tcp {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_mut().0,
        }
    }

    pub(super) const fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Writes all of it.
    pub(super) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| self.poll_write(cx, bytes)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = bytes.get(written..).unwrap_or_default();
        }
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Reads what is there.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Got>> {
        let mut buffer = ReadBuf::new(buffer);
        let read = match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, &mut buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, &mut buffer),
        };
        Poll::Ready(match ready!(read) {
            Ok(()) if buffer.filled().is_empty() => Ok(Got::End),
            Ok(()) => Ok(Got::Bytes(buffer.filled().len())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Got::EndWithoutNotify),
            Err(error) => Err(error),
        })
    }

    /// Writes as much as is taken now.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    /// Sends what TLS still holds.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    /// Ends the stream that goes to this end, with close_notify where there is TLS and `notify`.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>, notify: bool) -> Poll<io::Result<()>> {
        match self {
            Self::Tls(tls) if notify => Pin::new(tls).poll_shutdown(cx),
            _ => Pin::new(self.tcp_mut()).poll_shutdown(cx),
        }
    }

    /// Makes the end of this connection an RST instead of a FIN, once it is dropped.
    pub(super) fn reset_when_dropped(&self) {
        _ = self.tcp().stream.set_zero_linger();
    }
}

impl Tcp {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Small frames must not wait for an acknowledgement; where it cannot be set they merely do.
        _ = stream.set_nodelay(true);
        Self { stream, front: Vec::new() }
    }

    /// Reads what is there.
    pub(super) fn poll_get(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Got>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(self).poll_read(cx, &mut buffer))?;
        let len = buffer.filled().len();
        Poll::Ready(Ok(if len == 0 { Got::End } else { Got::Bytes(len) }))
    }

    /// Puts bytes that were read back to the front.
    pub(super) fn unread(&mut self, bytes: &[u8]) {
        self.front.splice(0..0, bytes.iter().copied());
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.front.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let len = self.front.len().min(buffer.remaining());
        buffer.put_slice(self.front.get(..len).unwrap_or_default());
        self.front.drain(..len);
        if self.front.is_empty() {
            self.front = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
