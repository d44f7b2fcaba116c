//! Follows connections: [`segment::Segment`] in, events out.

pub mod segment;
