//! wslens shows what a WebSocket connection really says.

pub mod rules;
pub mod render;
pub mod session;
pub mod wire;
