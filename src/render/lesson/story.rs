//! The sentences of the post-mortem, from the facts of a connection.

use super::tally;
use crate::render::clock::{after, span};
use crate::render::number::count;
use crate::render::page::Page;
use crate::rules::ending::{CloseSent, Ended, Ending};
use crate::wire::close::CloseCode;
use crate::wire::sender::Sender;

/// Silence from which on an idle timeout is a likely reason for an end: ten seconds.
const SILENCE: u64 = 10_000_000_000;

/// What is told: how it was closed, what a page gets, what was counted.
pub(super) fn paragraphs(page: &Page, ending: &Ending) -> impl Iterator<Item = String> {
    let story = Story { page, ending };
    let parts = [story.end(), story.onclose(), story.silence(), story.missing(), tally::tally(ending)];
    parts.into_iter().map(|sentences| sentences.join(" ")).filter(|text| !text.is_empty())
}

struct Story<'a> {
    page: &'a Page,
    ending: &'a Ending,
}

impl Story<'_> {
    /// How it was closed, on the WebSocket's level and on TCP's.
    fn end(&self) -> Vec<String> {
        if let Some(said) = self.never_opened() {
            return vec![said];
        }
        let mut said = vec![self.closes()];
        said.extend(self.tcp());
        if self.is_clean() {
            said.push("Clean.".to_owned());
        }
        said
    }

    /// Why there never was a WebSocket; none where there was one.
    fn never_opened(&self) -> Option<String> {
        let Ending { status, opened, client, server, .. } = self.ending;
        if *opened {
            return None;
        }
        let said = match status {
            Some(101) => "The connection switched to another protocol than WebSocket.".to_owned(),
            Some(status) => {
                format!("The handshake was answered with {status}, so there never was a WebSocket here.")
            }
            None if !client.seen && !server.seen => "Nothing was sent.".to_owned(),
            None if !server.seen && self.ending.is_known(Sender::Server) => {
                "The server sent no answer, so there never was a WebSocket here.".to_owned()
            }
            None if !server.seen => {
                "Only the client's bytes are here: whether a server agreed cannot be known.".to_owned()
            }
            None if !client.seen => {
                "Only the server's bytes are here, and no WebSocket is among them.".to_owned()
            }
            None => "No WebSocket is among what is here.".to_owned(),
        };
        Some(match self.tcp() {
            Some(tcp) => format!("{said} {tcp}"),
            None => said,
        })
    }

    /// Who sent Close, with what, and what the other did.
    fn closes(&self) -> String {
        let ending = self.ending;
        let Some(first) = ending.closed_by else { return self.no_close() };
        let other = first.other();
        let Some(sent) = &ending.side(first).close else { return self.no_close() };
        let sent_words = format!("The {first} sent {}", self.close_words(sent));
        match &ending.side(other).close {
            Some(answer) => format!("{sent_words}; {}.", self.answer_words(other, sent, answer)),
            None if self.ending.is_known(other) => format!("{sent_words}; the {other} did not answer it."),
            None if !ending.side(other).seen => {
                format!("{sent_words}; what the {other} sent is not here.")
            }
            None => format!("{sent_words}. Whether the {other} answered cannot be known: the input stops."),
        }
    }

    fn no_close(&self) -> String {
        match (self.ending.is_known(Sender::Client), self.ending.is_known(Sender::Server)) {
            _ if self.ending.messages_only => {
                "Such an input keeps no Close and no end of TCP: how it ended cannot be known.".to_owned()
            }
            (true, true) if self.ending.client.closes + self.ending.server.closes > 0 => {
                "No whole Close came.".to_owned()
            }
            (true, true) => "Nobody sent Close.".to_owned(),
            (true, false) => "The client sent no Close. What else the server sent is not here.".to_owned(),
            (false, true) => "The server sent no Close. What else the client sent is not here.".to_owned(),
            (false, false) => {
                "The input merely stops: whether a Close was sent after that cannot be known.".to_owned()
            }
        }
    }

    /// Who ended TCP, and how.
    fn tcp(&self) -> Option<String> {
        let ending = self.ending;
        let first = ending.tcp_ended_first()?;
        let (end, other) = (ending.side(first), ending.side(first.other()));
        if end.ended == Some(Ended::Reset) {
            let cut = match self.quiet_before(first) {
                Some(quiet) => format!("The {first} cut TCP off (RST) {} after the last frame.", span(quiet)),
                None => format!("The {first} cut TCP off (RST)."),
            };
            return Some(cut);
        }
        let closed = ending.client.close.is_some() && ending.server.close.is_some();
        let manner = match (closed, first) {
            (true, Sender::Server) => ", as it should",
            (true, Sender::Client) => ", though the server should (§7.1.1)",
            (false, _) => "",
        };
        Some(match other.ended {
            Some(Ended::Fin) => format!("The {first} closed TCP first{manner}."),
            Some(Ended::Reset) => {
                format!("The {first} closed TCP (FIN); the {} cut it off (RST).", first.other())
            }
            _ => format!("The {first} closed TCP (FIN); the {}'s end is not here.", first.other()),
        })
    }

    /// Both closed, the server ended TCP first and in order, and nothing is missing.
    fn is_clean(&self) -> bool {
        let Ending { client, server, findings, .. } = self.ending;
        let whole = [client, server].iter().all(|side| {
            side.close.is_some()
                && side.ended == Some(Ended::Fin)
                && side.lost + side.opaque == 0
                && !side.cut
        });
        whole && server.ended_first && findings.iter().skip(1).sum::<u64>() == 0
    }

    /// What a page's onclose gets: the server's Close, or a number that stands for what never came.
    fn onclose(&self) -> Vec<String> {
        let ending = self.ending;
        let never = ending.status.is_some_and(|status| status != 101);
        let [_, _, musts] = ending.findings;
        let says = match &ending.server.close {
            _ if never => {
                return vec!["In a browser onclose gets code 1006, as after every failure.".to_owned()];
            }
            Some(CloseSent { code: Some(code), .. }) if ending.opened && musts > 0 => {
                format!(
                    "In a browser onclose gets code {}, or 1006 where it failed the connection before.",
                    code.0
                )
            }
            Some(CloseSent { code: Some(code), .. }) if ending.opened => {
                format!("In a browser onclose gets code {}.", code.0)
            }
            Some(_) if ending.opened => "In a browser onclose gets code 1005.".to_owned(),
            None if ending.opened && self.ending.is_known(Sender::Server) => {
                "The browser itself gives onclose code 1006.".to_owned()
            }
            _ => return Vec::new(),
        };
        let never =
            "Never in a frame: 1005 (a Close without a code), 1006 (no Close came), 1015 (TLS failed).";
        vec![says, never.to_owned()]
    }

    /// A long silence before an end that nobody announced.
    fn silence(&self) -> Vec<String> {
        let ending = self.ending;
        let Some(first) = ending.tcp_ended_first() else { return Vec::new() };
        match self.quiet_before(first) {
            Some(quiet) if quiet >= SILENCE && ending.closed_by.is_none() => vec![format!(
                "About {} of silence first: often a proxy's idle timeout. Let the server ping more often; a page's \
                 JavaScript cannot ping.",
                span(quiet)
            )],
            _ => Vec::new(),
        }
    }

    /// Bytes that are not here, or could not be read.
    fn missing(&self) -> Vec<String> {
        let mut said = Vec::new();
        for sender in Sender::BOTH {
            let side = self.ending.side(sender);
            if side.lost > 0 {
                said.push(format!("Missing in the input: {} of the {sender}.", count(side.lost, "byte")));
            }
            if side.opaque > 0 {
                said.push(format!("Not read: {} of the {sender}.", count(side.opaque, "byte")));
            }
            if side.cut {
                said.push(format!("A frame or head of the {sender} is cut short."));
            }
            if !side.seen
                && !self.ending.is_known(sender)
                && self.ending.side(sender.other()).seen
                && self.ending.opened
            {
                said.push(format!("Nothing of the {sender} is here."));
            }
        }
        said
    }

    /// `Close 1001 (going away: …), reason "bye"`.
    fn close_words(&self, sent: &CloseSent) -> String {
        let mut said = match sent.code {
            Some(code) => format!("Close {} ({})", code.0, code_words(code)),
            None => "Close without a code".to_owned(),
        };
        if !sent.reason.is_empty() {
            said.push_str(", reason ");
            said.push_str(&self.page.quoted(&sent.reason));
        }
        said
    }

    /// What the other side answered, and after how long. Another code is no answer for sure: both may have begun.
    fn answer_words(&self, other: Sender, sent: &CloseSent, answer: &CloseSent) -> String {
        let when = match (sent.time, answer.time) {
            (Some(sent), Some(answer)) => format!(" {}", after(answer.saturating_sub(sent))),
            _ => String::new(),
        };
        match answer.code {
            Some(code) if sent.code == answer.code && answer.reason.is_empty() => {
                format!("the {other} answered {}{when}", code.0)
            }
            None if sent.code.is_none() => format!("the {other} answered the same{when}"),
            _ if when.is_empty() => format!("the {other}'s own is {}", self.close_words(answer)),
            _ => format!("the {other}'s own came{when}: {}", self.close_words(answer)),
        }
    }

    /// How long nothing was sent before this sender ended TCP.
    fn quiet_before(&self, sender: Sender) -> Option<u64> {
        Some(self.ending.side(sender).ended_at?.saturating_sub(self.ending.last_frame?))
    }
}

fn code_words(code: CloseCode) -> String {
    match code.name() {
        Some(name) => format!("{name}: {}", code.meaning()),
        None => code.meaning().to_owned(),
    }
}
