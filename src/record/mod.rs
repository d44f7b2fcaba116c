//! What passes goes into files that others open, or that wslens reads again.
//!
//! A record leaves out nothing. Its text is made where the bytes pass and written by a thread of its own, in large
//! pieces; where the disk is slower than the wire for long, the wire waits.

pub mod disk;
pub mod har;
pub mod hold;
pub mod pcapng;
pub mod redact;
pub mod transcript;
