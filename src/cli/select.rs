//! The options about which part of a connection is shown, the same for every command that shows or judges one.

use clap::Args;

use crate::render::select::{Kinds, Numbers, Selection};
use crate::wire::sender::Sender;

/// What of a connection is shown. It changes nothing about what is found.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectArgs {
    /// Show only these kinds, between commas: open, request, response, handshake, http, frame, data, text, binary,
    /// continuation, control, close, ping, pong, message, opaque, gap, end, finding.
    #[arg(long, value_name = "KINDS", value_parser = Kinds::parse)]
    only: Option<Kinds>,
    /// Show none of these kinds.
    #[arg(long, value_name = "KINDS", value_parser = Kinds::parse)]
    hide: Option<Kinds>,
    /// Show only what this end sent.
    #[arg(long, value_name = "client|server", value_parser = parse_sender)]
    sender: Option<Sender>,
    /// Show only these frames, and the messages that they are part of: 3, 3-7, 3-, -7, or several between commas.
    #[arg(long, value_name = "RANGES", value_parser = Numbers::parse, allow_hyphen_values = true)]
    frames: Option<Numbers>,
    /// Show only these connections, written as for --frames.
    #[arg(long, value_name = "RANGES", value_parser = Numbers::parse, allow_hyphen_values = true)]
    connection: Option<Numbers>,
    /// Show only connections to this host, with or without a port.
    #[arg(long)]
    host: Option<String>,
    /// Show only connections to this path, with or without a query.
    #[arg(long)]
    path: Option<String>,
}

/// Reads `client` or `server`.
///
/// # Errors
/// A sentence about anything else.
pub fn parse_sender(name: &str) -> Result<Sender, String> {
    Sender::BOTH
        .into_iter()
        .find(|sender| sender.name() == name)
        .ok_or_else(|| "a sender is client or server".to_owned())
}

impl SelectArgs {
    /// Whether it is asked for some of what is on a connection, and not just for some connections.
    #[must_use]
    pub const fn asks_for_things(&self) -> bool {
        self.only.is_some() || self.hide.is_some() || self.sender.is_some() || self.frames.is_some()
    }

    /// The same as a selection.
    #[must_use]
    pub fn selection(&self) -> Selection {
        let Self { only, hide, sender, frames, connection, host, path } = self.clone();
        Selection {
            only,
            hide: hide.unwrap_or_default(),
            sender,
            frames,
            connections: connection,
            host,
            path,
        }
    }
}
