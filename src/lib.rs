//! wslens shows what a WebSocket connection really says.

pub mod session;
pub mod wire;
