//! Our DEFLATE reader against zlib-rs and miniz_oxide: the same bytes and the same verdict, or a reason why not.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod copies;
mod differ;
mod observe;
mod oracle;
mod sample;
mod streams;
mod takeover;
