//! An answer that came behind bytes of its client, though its line stands before theirs: what came early can be told only
//! once the answer tells what it is.

use serde_json::Value;

use super::line::{Bad, Line};
use crate::wire::sender::Sender;

/// Such an answer, while what came before it is read.
#[derive(Debug)]
pub(super) struct Answer {
    line: Value,
    raw: Vec<u8>,
    connection: u64,
    /// Bytes of the client that came before it and are not read yet.
    early: u64,
}

impl Answer {
    /// The answer of a line.
    pub(super) fn of(line: Line<'_>) -> Result<Self, Bad> {
        line.sender()?;
        line.number("offset")?;
        line.number("len")?;
        let (connection, early) = (line.number("connection")?, line.number("early")?);
        Ok(Self { line: line.0.clone(), raw: line.raw()?, connection, early })
    }

    pub(super) const fn line(&self) -> Line<'_> {
        Line(&self.line)
    }

    /// The head as it was sent.
    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether it may have come behind what a line tells.
    pub(super) fn may_be_behind(&self, line: Line<'_>) -> bool {
        matches!(line.sender(), Ok(Sender::Client))
            && line.number("connection").is_ok_and(|it| it == self.connection)
    }

    /// Of so many bytes of the client, how many came before it.
    pub(super) fn take(&mut self, bytes: usize) -> usize {
        let taken = usize::try_from(self.early).unwrap_or(usize::MAX).min(bytes);
        self.early -= taken as u64;
        taken
    }

    /// Whether all that came before it was read.
    pub(super) const fn has_come(&self) -> bool {
        self.early == 0
    }
}
