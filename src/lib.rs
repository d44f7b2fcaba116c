//! wslens shows what a WebSocket connection really says.

pub mod input;
pub mod session;
pub mod wire;
