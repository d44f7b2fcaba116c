//! wslens shows what a WebSocket connection really says.

pub mod cli;
pub mod proxy;
pub mod render;
pub mod rules;
pub mod session;
pub mod wire;
