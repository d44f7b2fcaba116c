//! The header of a frame (RFC 6455 §5.2).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |F|R|R|R| opcode|M| Payload len |  Extended payload length      |
//! |I|S|S|S|  (4)  |A|     (7)     |  16 bits if Payload len = 126 |
//! |N|V|V|V|       |S|             |  64 bits if Payload len = 127 |
//! | |1|2|3|       |K|             |                               |
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |  Masking-key, 32 bits, if MASK is 1; then the payload …
//! ```
//!
//! Decoding follows the bits wherever they lead and judges nothing: a masked server frame is unmasked, a
//! length of 2^63 is a length.

mod fields;
mod header;
mod length;
mod partial;
#[cfg(test)]
mod tests;

pub use self::header::Header;
pub use self::length::LengthForm;
pub use self::partial::Partial;

/// Where each field stands, counted from the first bit of the frame; each is chained to the one before.
pub mod field {
    use super::super::bits::Bits;

    /// The last frame of its message.
    pub const FIN: Bits = Bits::new(0, 1);
    /// Reserved bit 1: permessage-deflate uses it for "compressed".
    pub const RSV1: Bits = FIN.then(1);
    /// Reserved bit 2.
    pub const RSV2: Bits = RSV1.then(1);
    /// Reserved bit 3.
    pub const RSV3: Bits = RSV2.then(1);
    /// What kind of frame.
    pub const OPCODE: Bits = RSV3.then(4);
    /// Whether a masking key stands before the payload.
    pub const MASK: Bits = OPCODE.then(1);
    /// The length, or 126 or 127 for a longer form.
    pub const PAYLOAD_LEN: Bits = MASK.then(7);
    /// Whatever follows the first two bytes starts here.
    pub const BEHIND: Bits = PAYLOAD_LEN.then(0);
}

/// The longest header: two bytes, a 64-bit length, a masking key.
pub const LONGEST_HEADER: usize = 14;
