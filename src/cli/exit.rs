//! How a command ends: its exit code, or one sentence about what could not be done.

use std::io;
use std::process::ExitCode;

use thiserror::Error;

/// The exit codes. Where several apply, the greatest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all was done.
    Done,
    /// 1: something was found that the user asked to be told of: a broken rule, an unexpected value.
    Found,
    /// 2: not all that was asked could be done: the command line, the input, the output.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Found => Self::from(1),
            Exit::Incomplete => Self::from(2),
        }
    }
}

/// Why a command could not be done.
#[derive(Debug, Error)]
pub enum Failure {
    /// What is wrong, where, and what to do, in one sentence.
    #[error("{0}")]
    Said(String),
    /// Stdout takes no more.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Whether whoever read the output just has enough of it, as `head` does: no failure at all.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::Said(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_done_wins_over_what_was_found() {
        assert_eq!(Exit::Found.max(Exit::Incomplete), Exit::Incomplete);
        assert_eq!(Exit::Done.max(Exit::Found), Exit::Found);
    }

    #[test]
    fn only_a_closed_pipe_is_a_quiet_end() {
        assert!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).is_closed_pipe());
        assert!(!Failure::from(io::Error::from(io::ErrorKind::StorageFull)).is_closed_pipe());
        assert!(!Failure::from("no".to_owned()).is_closed_pipe());
    }
}
