//! What a rule is, and what it says when it is broken.

use std::fmt;

use super::facts;
use crate::wire::bits::{Bits, Cite};

/// How strong a demand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Not forbidden, but worth knowing.
    Note,
    /// The RFC says SHOULD, or strongly advises.
    Should,
    /// The RFC says MUST, SHALL or REQUIRED, or tells the receiver to fail the connection.
    Must,
}

impl Level {
    /// `must`, `should` or `note`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Should => "should",
            Self::Must => "must",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One demand of the RFCs: one row of the book.
#[derive(Debug)]
pub struct Rule {
    /// Its name: chapter and demand, `framing/length-minimal`.
    pub id: &'static str,
    /// The section that makes the demand.
    pub cite: Cite,
    /// How strong it is.
    pub level: Level,
    /// The word of the RFC that makes it so strong: `MUST`; empty for a note of ours.
    pub word: &'static str,
    /// The demand, in one sentence.
    pub says: &'static str,
    /// Why it is made, and what happens to who breaks it.
    pub why: &'static str,
    /// Other rules that cannot but be broken with it; of a hint the rules whose breaking it may explain.
    pub entails: &'static [&'static str],
    /// Whether the facts break it.
    pub check: Check,
}

/// The check of a rule, by the kind of facts that it looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Looks at a head of an opening handshake, be it the request or the response.
    Head(fn(&facts::AnyHead<'_>) -> Option<Broken>),
    /// Looks at a request of an opening handshake.
    Request(fn(&facts::Request<'_>) -> Option<Broken>),
    /// Looks at the response to one.
    Response(fn(&facts::Response<'_>) -> Option<Broken>),
    /// Looks at what came where a response must stand, and is no HTTP.
    NotHttp(fn(&facts::NotHttp<'_>) -> Option<Broken>),
    /// Looks at the header of a frame and what came before it.
    Frame(fn(&facts::Frame) -> Option<Broken>),
    /// Looks at the beginning of a frame whose header never came whole.
    FrameCut(fn(&facts::FrameCut) -> Option<Broken>),
    /// Looks at a frame whose payload is over.
    FrameEnd(fn(&facts::FrameEnd<'_>) -> Option<Broken>),
    /// Looks at a message that is whole.
    Message(fn(&facts::Message<'_>) -> Option<Broken>),
    /// Looks at the end of a connection.
    End(fn(&facts::End<'_>) -> Option<Broken>),
    /// Looks at things of several kinds.
    Several(&'static [Self]),
}

/// How a rule is broken: where, what is so, and what to send instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The bits that break it, counted from the first byte of what is judged: the head or the frame, also where
    /// only the frame's end told; of a message the first byte of its payload. An end of a connection has none.
    pub bits: Bits,
    /// What is so, in one or two sentences, with the values of this very place.
    pub found: String,
    /// Bytes or a line to send instead, to be copied; empty where there is none.
    pub send: String,
}

impl Broken {
    /// Broken at these bits: `found` says what is so.
    #[must_use]
    pub fn at(bits: Bits, found: impl Into<String>) -> Self {
        Self { bits, found: found.into(), send: String::new() }
    }

    /// Adds what to send instead.
    #[must_use]
    pub fn send(mut self, send: impl Into<String>) -> Self {
        self.send = send.into();
        self
    }
}

/// A rule that was broken, attached to the event it speaks of.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// Where and how.
    pub broken: Broken,
    /// What Chromium says on its console, where that is known and this is what it speaks of.
    pub browser: Option<String>,
}

impl PartialEq for Finding {
    fn eq(&self, other: &Self) -> bool {
        self.rule.id == other.rule.id && self.broken == other.broken && self.browser == other.browser
    }
}
