//! What a person or a program reads: text for terminals, and JSON.
//!
//! Nothing here decodes or judges. A text view is written through a [`page::Page`], which knows the width, the
//! colours and the marks, and everything a peer chose goes through [`sanitize`] on its way.

pub mod accept;
pub mod anatomy;
pub mod batch;
pub mod clock;
pub mod collect;
pub mod connections;
pub mod cut;
pub mod diagram;
pub mod explain;
pub mod gathered;
pub mod glyphs;
pub mod grid;
pub mod hex;
pub mod json;
pub mod lesson;
mod narrow;
pub mod number;
mod others;
pub mod page;
pub mod palette;
pub mod payload;
pub mod plain;
pub mod sanitize;
mod seconds;
pub mod select;
pub mod spread;
pub mod summary;
pub mod table;
pub mod timeline;
pub mod wrap;
pub mod zone;
