//! `wslens demo`: the story of a first WebSocket server, in five steps, played for real.
//!
//! A small server and a small client of ours speak over loopback, with the real proxy between them; what the lesson
//! shows is what passed. With `--serve` a browser takes the client's place.

mod client;
mod page;
mod server;
mod stage;
mod steps;
mod talk;

use std::cell::Cell;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use self::stage::Onlooker;
use self::steps::{STEPS, Step};
use super::exit::{Exit, Failure};
use super::live::{MOST_PAYLOAD, Queue, show_all};
use super::progress::say;
use super::view::ViewArgs;
use crate::proxy::address::Listen;
use crate::proxy::note::reason;
use crate::proxy::{Stop, signals};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::Config;
use crate::session::agreed::Agreed;

/// How long a step may take until all of it is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// The arguments of `wslens demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Play this step alone, 1 to 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=STEPS.len() as i64))]
    step: Option<u8>,
    /// Serve the tutorial's page and wait for a browser, instead of playing it all here.
    #[arg(long)]
    serve: bool,
    /// Where the page is served; port 0 is any free one.
    #[arg(long, value_name = "[ADDR:]PORT", requires = "serve", default_value_t)]
    listen: Listen,
    #[command(flatten)]
    view: ViewArgs,
}

impl Args {
    /// Plays the story, or serves it until it is stopped.
    ///
    /// # Errors
    /// Where this machine has no loopback, the place to listen is taken, or `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        if self.serve { self.serve(page, out) } else { self.play(page, out) }
    }

    /// The steps that are asked for.
    fn steps(&self) -> Vec<&'static Step> {
        STEPS.iter().filter(|step| self.step.is_none_or(|only| only == step.number)).collect()
    }

    fn play(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let server = server::start(String::new()).map_err(no_loopback)?;
        let listening = stage::before(server, Listen { port: 0, ..Listen::default() })?;
        let (view, collector) = self.view.view(page, &Agreed::Unknown, out)?;
        let config = Config { anatomy: collector.wants_parts(), ..Config::default() };
        let (tell_over, over) = channel();
        let queue = Queue::default();
        let (collector, width) = (collector.at_most(MOST_PAYLOAD), page.width);
        let onlooker = Onlooker { queue: queue.clone(), collector, width, over: Some(tell_over), ended: 0 };
        let running = listening.serve(config, Box::new(onlooker));
        let proxy = running.addresses.first().copied().ok_or_else(|| "nothing listens".to_owned())?;
        let teaches = self.view.teaches().then_some(*page);
        let teacher = Teacher { page: teaches, queue: queue.clone(), told: Cell::new(false) };
        let (steps, stop) = (self.steps(), running.stop.clone());
        let player = thread::spawn(move || Player { proxy, over, teacher, stop }.play(&steps));
        show_all(&queue, Some(view), &mut self.view.chooser(page))?;
        let played = player.join().unwrap_or_else(|_| Err("the demo broke off".to_owned()));
        running.wait();
        played?;
        Ok(Exit::Done)
    }

    fn serve(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let server = server::start(page::page(&self.steps())).map_err(no_loopback)?;
        let listening = stage::before(server, self.listen.clone())?;
        let (view, collector) = self.view.view(page, &Agreed::Unknown, out)?;
        let config = Config { anatomy: collector.wants_parts(), ..Config::default() };
        let queue = Queue::default();
        let (collector, width) = (collector.at_most(MOST_PAYLOAD), page.width);
        let onlooker = Onlooker { queue: queue.clone(), collector, width, over: None, ended: 0 };
        let running = listening.serve(config, Box::new(onlooker));
        signals::watch(running.stop.clone())
            .map_err(|error| format!("the system gives no signals: {error}"))?;
        say(&welcome(&running.addresses));
        if self.listen.is_beyond_loopback() {
            say("warning: other machines can reach this address, and with it the demo's server.");
        }
        let shown = show_all(&queue, Some(view), &mut self.view.chooser(page));
        if shown.is_err() {
            queue.close();
            running.stop.stop();
        }
        running.wait();
        shown?;
        Ok(Exit::Done)
    }
}

fn no_loopback(error: io::Error) -> String {
    let why = reason(&error);
    format!("the demo needs 127.0.0.1, the loopback address of this machine, and cannot use it: {why}")
}

fn welcome(addresses: &[SocketAddr]) -> String {
    let places: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let port = addresses.first().map_or(0, SocketAddr::port);
    format!(
        "wslens listens on {}.\nOpen http://localhost:{port}/ in a browser. The page shows what the browser tells it,\n\
         and here stands what passed. Ctrl-C ends it.",
        places.join(" and ")
    )
}

/// Our own words around the lesson, where the view is one for readers.
struct Teacher {
    page: Option<Page>,
    queue: Queue,
    /// Whether a step was told before.
    told: Cell<bool>,
}

impl Teacher {
    fn tell(&self, title: &str, text: &str) {
        let Some(page) = &self.page else { return };
        let mut words = String::new();
        if !title.is_empty() {
            page.paragraph(&mut words, 0, Role::Heading, title);
        }
        words.push('\n');
        page.paragraph(&mut words, 2, Role::Plain, text);
        // All but the first connection begin with an empty line.
        if !title.is_empty() && self.told.replace(true) {
            words.pop();
        }
        self.queue.words(words);
    }
}

/// Plays the steps, one after the other.
struct Player {
    proxy: SocketAddr,
    over: Receiver<()>,
    teacher: Teacher,
    stop: Stop,
}

impl Player {
    fn play(&self, steps: &[&Step]) -> Result<(), String> {
        let played = steps.iter().try_for_each(|step| self.step(step));
        self.stop.stop();
        played
    }

    fn step(&self, step: &Step) -> Result<(), String> {
        self.teacher.tell(&format!("{}  {}", step.number, step.title), step.before);
        client::visit(self.proxy, step)
            .map_err(|error| format!("step {} of the demo broke off: {}", step.number, reason(&error)))?;
        self.over
            .recv_timeout(PATIENCE)
            .map_err(|_| format!("step {} of the demo does not end", step.number))?;
        self.teacher.tell("", step.behind);
        Ok(())
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

    /// What the lines of `--json` say of `field`, where they have it.
    fn field(json: &str, field: &str) -> Vec<String> {
        let lines = json.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines.filter_map(|line| line.get(field).map(ToString::to_string)).collect()
    }

    #[test]
    fn every_step_has_its_title_and_one_alone_can_be_played() {
        let whole = told(&[]);
        let places: Vec<_> = STEPS.iter().map(|step| whole.find(step.title).expect(step.title)).collect();
        assert!(places.is_sorted(), "one after the other");
        assert!(whole.ends_with("name a file.\n\n"), "the last words are the last step's");
        assert!(!whole.contains("\n\n\n"), "no step is torn apart");
        let third = told(&["--step", "3"]);
        assert!(third.contains(STEPS[2].title) && !third.contains(STEPS[3].title));
    }

    #[test]
    fn as_json_it_is_nothing_but_json_and_the_same_each_time() {
        let (first, second) = (told(&["--json"]), told(&["--json"]));
        assert_eq!(field(&first, "type"), field(&second, "type"));
        assert_eq!(field(&first, "sender"), field(&second, "sender"));
        assert!(first.contains(r#""connection":5"#));
        let opcodes = field(&told(&["--json", "--only", "frame"]), "opcode_name").join(" ");
        assert_eq!(
            opcodes.replace('"', ""),
            "close text close close text text close close text text ping pong continuation close close"
        );
    }

    #[test]
    fn each_step_shows_what_it_is_about() {
        for (step, shows) in [
            ("1", "response/accept-missing"),
            ("2", "hint/unframed-text"),
            ("3", "W  e  b  s   o  c  k  e   t  s"),
            ("4", "H  i  ,      f  r  o  m"),
            ("5", "answers  the ping of frame 3"),
        ] {
            assert!(told(&["--step", step]).contains(shows), "{step}: {shows}");
        }
        for step in ["3", "4", "5"] {
            assert!(told(&["--step", step]).contains("Clean."), "{step}");
        }
    }

    #[test]
    fn the_selection_of_what_is_shown_is_heeded() {
        let pings = told(&["--only", "ping", "--view", "summary"]);
        assert_eq!(pings.lines().count(), 2, "{pings}");
        assert!(!told(&["--view", "table"]).contains(STEPS[0].before));
    }

    #[test]
    fn what_breaks_off_is_a_sentence() {
        let (tell, over) = channel();
        drop(tell);
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        let teacher = Teacher { page: None, queue: Queue::default(), told: Cell::new(false) };
        let player = Player { proxy: nobody, over, teacher, stop: Stop::default() };
        let error = player.play(&[&STEPS[0]]).expect_err("nobody listens on port 1");
        assert!(error.starts_with("step 1 of the demo broke off: "), "{error}");
    }
}
