//! What a person or a program reads: text for terminals, and JSON.
//!
//! Nothing here decodes or judges. Everything a peer chose goes through [`sanitize`] on its way.

pub mod glyphs;
pub mod palette;
pub mod sanitize;
pub mod wrap;
