//! `wslens demo`: the story of a first WebSocket server, in five steps.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::exit::{Exit, Failure};
use super::pipeline::Pipeline;
use super::view::ViewArgs;
use crate::input::{self, Format, Options};
use crate::render::collect::Shown;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::agreed::Agreed;
use crate::session::segment::Segment;

/// The arguments of `wslens demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Play this step alone, 1 to 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=STEPS.len() as i64))]
    step: Option<u8>,
    #[command(flatten)]
    view: ViewArgs,
}

/// One step of the story.
struct Step {
    title: &'static str,
    before: &'static str,
    transcript: &'static str,
    behind: &'static str,
}

const STEPS: [Step; 5] = [
    Step {
        title: "The server says yes, and the browser says no",
        before: "You wrote a server. It answers every request to upgrade with 101. Your test client of a few lines \
                 was content with that, so you open the page in a browser. Here is what passed on the wire.",
        transcript: include_str!("../../samples/tutorial-1-no-accept.txt"),
        behind: "A browser always sends a nonce, and takes a 101 only with the answer to it. `wslens accept` \
                 computes that answer for any nonce.",
    },
    Step {
        title: "The handshake is right, and text is still no message",
        before: "Now the server sends Sec-WebSocket-Accept, and greets the browser with socket.write().",
        transcript: include_str!("../../samples/tutorial-2-text-from-server.txt"),
        behind: "Until the 101 the socket speaks HTTP. After it every byte is part of a frame.",
    },
    Step {
        title: "The first frame",
        before: "The server keeps quiet now, and the page calls socket.send(). These are the bytes that the server \
                 has to take apart.",
        transcript: include_str!("../../samples/tutorial-3-first-frame.txt"),
        behind: "Two bytes, a key of four, then the payload XORed with it: that is a whole frame. A payload over 125 \
                 bytes has its length in the next two bytes; over 65535, in the next eight.",
    },
    Step {
        title: "An answer in a frame of its own",
        before: "The server's own frame is simpler: it has no mask. Two bytes, then the text as it is.",
        transcript: include_str!("../../samples/tutorial-4-reply.txt"),
        behind: "`wslens encode --text 'Hi, from the server!'` prints these bytes.",
    },
    Step {
        title: "Pieces, a ping, and the end",
        before: "A message may come in several frames, with control frames between them; and both sides say goodbye \
                 before TCP ends.",
        transcript: include_str!("../../samples/tutorial-5-fragments-ping-close.txt"),
        behind: "That is all of the protocol. `wslens decode` takes your own bytes apart in the same way: paste a hex \
                 dump, or name a file.",
    },
];

impl Args {
    /// Plays the story.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let mut connections = 0;
        for (step, number) in STEPS.iter().zip(1..) {
            if self.step.is_none_or(|only| only == number) {
                self.tell(page, out, &format!("{number}  {}", step.title), step.before)?;
                connections += self.play(step, page, connections + 1, out)?;
                self.tell(page, out, "", step.behind)?;
            }
        }
        Ok(Exit::Done)
    }

    /// Shows what passed; how many connections it was.
    fn play(
        &self,
        step: &Step,
        page: &Page,
        first_connection: u32,
        out: &mut impl Write,
    ) -> Result<u32, Failure> {
        let options = Options { format: Some(Format::Transcript), first_connection, ..Options::default() };
        let (mut view, collector) = self.view.view(page, &Agreed::Unknown, out);
        let mut pipeline = Pipeline::new(Agreed::Unknown, collector, self.view.select.selection());
        let mut failed: Option<io::Error> = None;
        let mut show = |shown: &Shown<'_>| {
            if failed.is_none() {
                failed = view.show(shown).err();
            }
        };
        let mut each = |segment: Segment<'_>| {
            pipeline.feed(&segment, &mut show);
            ControlFlow::Continue(())
        };
        let report = input::read("demo", step.transcript.as_bytes(), &options, &mut |_| (), &mut each)
            .map_err(|error| Failure::from(error.to_string()))?;
        pipeline.finish(&mut show);
        match failed {
            Some(error) => Err(error.into()),
            None => {
                view.finish()?;
                Ok(report.connections)
            }
        }
    }

    /// Writes our own words around the lesson, where the view is one for readers.
    fn tell(&self, page: &Page, out: &mut impl Write, title: &str, text: &str) -> io::Result<()> {
        if !self.view.teaches() {
            return Ok(());
        }
        let mut words = String::new();
        if !title.is_empty() {
            page.paragraph(&mut words, 0, Role::Heading, title);
        }
        words.push('\n');
        page.paragraph(&mut words, 2, Role::Plain, text);
        words.push('\n');
        out.write_all(words.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn told(arguments: &[&str]) -> String {
        let line = Line::parse_from(["demo"].iter().chain(arguments));
        let mut out = Vec::new();
        line.args.run(&Page::plain(), &mut out).map_err(|_| "not told").expect("the story is told");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn every_step_has_its_title_and_one_alone_can_be_played() {
        let whole = told(&[]);
        assert!(STEPS.iter().all(|step| whole.contains(step.title)));
        let third = told(&["--step", "3"]);
        assert!(third.contains(STEPS[2].title) && !third.contains(STEPS[3].title));
    }

    #[test]
    fn as_json_it_is_nothing_but_json() {
        let json = told(&["--json"]);
        assert!(json.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert!(json.contains(r#""connection":5"#));
    }
}
