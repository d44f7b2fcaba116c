//! Bytes to typed values, never judged (RFC 6455, RFC 7692, HTTP/1.1 heads).
//!
//! Nothing here knows a rule, a socket, a clock or a colour. "Not all here yet" is a value, not an error, and
//! a number keeps its number: `Opcode(3)` and `CloseCode(1099)` are values without a name.

pub mod accept;
pub mod bits;
pub mod body;
pub mod boundary;
pub mod character;
pub mod close;
pub mod deflate;
pub mod encode;
pub mod extension;
pub mod frame;
pub mod head;
pub mod header;
pub mod list;
pub mod mask;
pub mod opcode;
pub mod permessage_deflate;
pub mod sender;
pub mod span;
pub mod tls;
pub mod utf8;
