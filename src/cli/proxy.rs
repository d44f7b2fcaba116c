//! `wslens proxy`: stands between a browser and a server, and shows what passes.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::exit::{Exit, Failure};
use super::limits::LimitArgs;
use super::live::{MOST_PAYLOAD, Queue, show_all};
use super::notes::{redacted, words, wrapped};
use super::progress::say;
use super::records::Records;
use super::view::ViewArgs;
use crate::proxy::address::{Listen, Upstream};
use crate::proxy::changes::Rewrite;
use crate::proxy::note::Note;
use crate::proxy::pattern::Pattern;
use crate::proxy::tls::Tls;
use crate::proxy::tls::authority::Authority;
use crate::proxy::tls::keylog::KeyLog;
use crate::proxy::tls::trust::Trust;
use crate::proxy::{Observer, Settings, listen, signals};
use crate::render::collect::{Collector, Shown, WholeFrame};
use crate::render::number::grouped;
use crate::render::page::Page;
use crate::render::select::Selector;
use crate::session::Config;
use crate::session::agreed::Agreed;
use crate::session::event::{Event, FrameStart, Kind};
use crate::session::segment::Segment;

/// A frame that claims at least this many bytes is announced with its header, and shown when it is whole.
const LARGE: u64 = 64 * 1024;

const EXAMPLES: &str = "\
Examples:
  wslens proxy ws://localhost:8001
  wslens proxy --listen 8000 ws://localhost:8001   # the server moved to 8001
  wslens proxy                                     # the browser's HTTP proxy";

/// The arguments of `wslens proxy`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The server behind: ws://, wss://, http://, https:// or host:port. Without it, wslens is an HTTP proxy for the
    /// browser, and each request says itself where it goes.
    #[arg(value_name = "UPSTREAM")]
    upstream: Option<Upstream>,
    /// Where to listen; port 0 is any free one.
    #[arg(long, value_name = "[ADDR:]PORT", default_value_t)]
    listen: Listen,
    /// How many seconds the head of a client's request may take.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    handshake_timeout: Duration,
    /// Change Host to the server's, where it would refuse another one.
    #[arg(long, requires = "upstream")]
    rewrite_host: bool,
    /// Change Origin to the server's, where it would refuse another one.
    #[arg(long, requires = "upstream")]
    rewrite_origin: bool,
    /// Speak TLS with the clients (https, wss), with a certificate of our own CA: see `wslens ca`.
    #[arg(long, requires = "upstream", help_heading = "TLS")]
    tls: bool,
    /// Believe servers for which a certificate in this PEM file vouches, besides those that the system believes.
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    upstream_ca: Option<PathBuf>,
    /// Believe any server. Whoever stands between can read and change everything.
    #[arg(long, conflicts_with = "upstream_ca", help_heading = "TLS")]
    insecure: bool,
    /// As a forward proxy, do not look into tunnels to these hosts; * stands for anything.
    #[arg(long, value_name = "HOST-PATTERN", conflicts_with = "upstream", help_heading = "TLS")]
    tunnel: Vec<Pattern>,
    /// Write the keys of TLS connections to this file, for Wireshark.
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    keylog: Option<PathBuf>,
    /// Record what passes; the ending of the name says how: .pcapng (a capture for Wireshark, decrypted), .txt (our
    /// transcript), .jsonl (the JSON view), .har (messages, as Chrome exports them). May be given several times.
    #[arg(long, value_name = "FILE", help_heading = "Record")]
    record: Vec<PathBuf>,
    /// Mask cookies, authorization, tokens and query values in the records, byte by byte.
    #[arg(long, requires = "record", help_heading = "Record")]
    redact: bool,
    /// Show nothing of what passes.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    view: ViewArgs,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "give a number of seconds, such as 10 or 0.5".to_owned())
}

impl Args {
    /// Passes on and shows until it is stopped.
    ///
    /// # Errors
    /// Where it cannot listen, or `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let listening = listen(self.settings()?).map_err(|error| error.to_string())?;
        let (view, collector) = self.view.view(page, &Agreed::Unknown, out)?;
        let view = view.live();
        let config = Config { anatomy: collector.wants_parts(), ..self.limits.config(Agreed::Unknown) };
        let queue = Queue::default();
        let (tell_whole, whole) = channel();
        let looking = Looking {
            queue: (!self.quiet).then(|| queue.clone()),
            notes: queue.clone(),
            collector: collector.at_most(MOST_PAYLOAD),
            selector: Selector::new(self.view.select.selection()),
            grids: self.view.teaches(),
            records: Records::create(&self.record, &self.words(), self.redact)?,
            redact: self.redact,
            width: page.width,
            whole: tell_whole,
        };
        let running = listening.serve(config, Box::new(looking));
        signals::watch(running.stop.clone())
            .map_err(|error| format!("the system gives no signals: {error}"))?;
        say(&self.welcome(&running.addresses));
        let shown = show_all(&queue, (!self.quiet).then_some(view), &mut self.view.chooser(page));
        if shown.is_err() {
            queue.close();
        }
        if shown.is_err() && self.record.is_empty() {
            running.stop.stop();
        }
        running.wait();
        shown?;
        // Where nobody told, the thread that records did not come to its end.
        Ok(if whole.recv() == Ok(true) { Exit::Done } else { Exit::Incomplete })
    }

    /// What a record says of its making.
    fn words(&self) -> Vec<String> {
        let server = self
            .upstream
            .as_ref()
            .map_or_else(|| "as a forward proxy".to_owned(), |to| format!("before {to}"));
        let mut words = vec![format!("recorded by wslens {} {server}", env!("CARGO_PKG_VERSION"))];
        if self.insecure {
            words.push("upstream certificates were not verified (--insecure)".to_owned());
        }
        if self.redact {
            words.push("secrets are masked with stars (--redact)".to_owned());
        }
        words
    }

    fn settings(&self) -> Result<Settings, String> {
        let insecure = if self.insecure { ", certificates not verified (--insecure)" } else { "" };
        Ok(Settings {
            listen: self.listen.clone(),
            upstream: self.upstream.clone(),
            rewrite: Rewrite { host: self.rewrite_host, origin: self.rewrite_origin },
            handshake_timeout: self.handshake_timeout,
            serve_tls: self.tls,
            tls: Arc::new(self.tls()?),
            left_alone: self.tunnel.clone(),
            input: format!("proxy{insecure}"),
            advice: if self.upstream.is_some() { ADVICE } else { FORWARD_ADVICE }.to_owned(),
        })
    }

    fn tls(&self) -> Result<Tls, String> {
        let needs_authority = self.tls || self.upstream.is_none();
        let authority = needs_authority.then(|| Authority::open(&Authority::directory()?)).transpose();
        let authority = authority.map_err(|error| error.to_string())?;
        let trust = if self.insecure { Trust::Anybody } else { Trust::with_file(self.upstream_ca.as_ref())? };
        let keylog = self.keylog.as_ref().map(|path| {
            KeyLog::open(path).map_err(|error| format!("{} cannot be written: {error}", path.display()))
        });
        Tls::new(authority, &trust, keylog.transpose()?.map(Arc::new)).map_err(|error| error.to_string())
    }

    /// What is said at the start.
    fn welcome(&self, addresses: &[SocketAddr]) -> String {
        let places: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        let (places, port) = (places.join(" and "), addresses.first().map_or(0, SocketAddr::port));
        let (http, ws) = if self.tls { ("https", "wss") } else { ("http", "ws") };
        let mut text = match &self.upstream {
            Some(upstream) => format!(
                "wslens listens on {places}\nand passes on to {upstream}. Ctrl-C ends it.\n\
                 Open the page at {http}://localhost:{port}, or let it say {ws}://localhost:{port}.\n\
                 If it says ws://localhost:8000, move the server to 8001 and run\n  \
                 wslens proxy --listen 8000 ws://localhost:8001\n\
                 or use forward mode: wslens proxy, set as the browser's HTTP proxy."
            ),
            None => format!(
                "wslens listens on {places}\nas an HTTP proxy. Ctrl-C ends it. Use it with\n  \
                 chromium --user-data-dir=/tmp/wslens-profile \\\n    \
                 --proxy-server=http://localhost:{port} --proxy-bypass-list='<-loopback>'\n  \
                 curl --proxy http://localhost:{port} http://localhost:8000/\n\
                 For https and wss the browser must trust our CA: see wslens ca."
            ),
        };
        if self.insecure {
            text.push_str(
                "\nwarning: --insecure believes any server; whoever stands between reads everything.",
            );
        }
        if self.listen.is_beyond_loopback() {
            text.push_str(
                "\nwarning: other machines can reach this address, and through it the server behind.",
            );
        }
        text
    }
}

/// What to do where nobody comes by our port.
const ADVICE: &str = "move the server to 8001 and run `wslens proxy --listen 8000 ws://localhost:8001`, or use forward \
                      mode: `wslens proxy`, set as the browser's HTTP proxy";

/// The same for a forward proxy.
const FORWARD_ADVICE: &str = "does the page open one? Browsers pass by a proxy for addresses of this machine unless told \
                              otherwise: --proxy-bypass-list='<-loopback>' for Chromium, \
                              network.proxy.allow_hijacking_localhost for Firefox";

/// Looks on where the bytes pass: joins events for the view, and hands them over.
struct Looking {
    /// Where events go; none where nothing is shown.
    queue: Option<Queue>,
    notes: Queue,
    collector: Collector,
    /// Knows which frames are worth an announcement.
    selector: Selector,
    /// Whether an announcement is the header, bit by bit, or words about it.
    grids: bool,
    records: Records,
    /// Whether the records quote no secrets.
    redact: bool,
    width: usize,
    /// Told at the end whether all records are whole.
    whole: Sender<bool>,
}

impl Looking {
    fn say(&self, text: &str) {
        self.notes.words(wrapped(text, self.width));
    }
}

impl Observer for Looking {
    fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>) {
        self.records.opened(connection, client, server);
    }

    fn segment(&mut self, segment: &Segment<'_>) {
        self.records.segment(segment);
    }

    fn event(&mut self, event: &Event<'_>) {
        self.records.event(event);
        let Some(queue) = &self.queue else { return };
        match &event.kind {
            Kind::FrameStart(frame)
                if frame.header.payload_len() >= LARGE && self.selector.wants_frame(event, frame) =>
            {
                if self.grids {
                    queue.show(&Shown::Frame(WholeFrame::begun(event, frame)));
                } else {
                    queue.words(announcement(event, frame));
                }
            }
            Kind::Open(_) | Kind::Request(_) | Kind::End(_) => self.selector.learn(event),
            _ => {}
        }
        self.collector.event(event, &mut |shown| queue.show(&shown));
    }

    fn note(&mut self, connection: Option<u32>, note: &Note) {
        let text = words(connection, note);
        self.say(&text);
        if self.redact {
            self.records.words(&words(connection, &redacted(note)));
        } else {
            self.records.words(&text);
        }
    }

    fn tick(&mut self) {
        for trouble in self.records.tick() {
            self.say(&format!("warning: {trouble}"));
        }
    }

    fn closed(&mut self) {
        let (troubles, whole) = self.records.close();
        for trouble in troubles {
            self.say(&format!("warning: {trouble}"));
        }
        // Whoever waits for it may have gone: then there is nobody to tell.
        _ = self.whole.send(whole);
        self.notes.close();
    }
}

fn announcement(event: &Event<'_>, frame: &FrameStart) -> String {
    let Event { connection, sender, .. } = *event;
    let header = &frame.header;
    format!(
        "wslens: connection {connection}: frame {} from the {sender} begins: {}, FIN {}, {} bytes\n  of payload; it is \
         shown when its last byte has passed",
        frame.number,
        header.opcode().name().unwrap_or("of an unknown opcode"),
        u8::from(header.fin()),
        grouped(header.payload_len())
    )
}
