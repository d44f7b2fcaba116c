//! The real proxy between the demo's two ends, and what looks on there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::cli::live::Queue;
use crate::cli::notes::{words, wrapped};
use crate::proxy::address::{Listen, Upstream};
use crate::proxy::changes::Rewrite;
use crate::proxy::note::Note;
use crate::proxy::tls::Tls;
use crate::proxy::tls::trust::Trust;
use crate::proxy::{Listening, Observer, Settings, listen};
use crate::render::collect::Collector;
use crate::session::event::{Event, Kind};
use crate::session::segment::Segment;

/// Listens before the demo's server.
///
/// # Errors
/// A sentence, where it cannot.
pub(super) fn before(server: SocketAddr, place: Listen) -> Result<Listening, String> {
    // Nothing here speaks TLS, so there is nobody to believe or not.
    let tls = Tls::new(None, &Trust::Anybody, None).map_err(|error| error.to_string())?;
    let settings = Settings {
        listen: place,
        upstream: Some(Upstream { host: server.ip().to_string(), port: server.port(), tls: false }),
        rewrite: Rewrite::default(),
        handshake_timeout: Duration::from_secs(10),
        serve_tls: false,
        tls: Arc::new(tls),
        left_alone: Vec::new(),
        input: "demo".to_owned(),
        advice: "open the page in a browser that runs its script".to_owned(),
    };
    listen(settings).map_err(|error| error.to_string())
}

/// Looks on, and hands everything to the view.
pub(super) struct Onlooker {
    pub(super) queue: Queue,
    pub(super) collector: Collector,
    /// The columns of the page.
    pub(super) width: usize,
    /// Told each time a connection is over.
    pub(super) over: Option<Sender<()>>,
    /// Streams that have ended.
    pub(super) ended: u64,
}

impl Observer for Onlooker {
    fn opened(&mut self, _: u32, _: SocketAddr, _: Option<SocketAddr>) {}

    fn segment(&mut self, _: &Segment<'_>) {}

    fn event(&mut self, event: &Event<'_>) {
        let Self { queue, collector, .. } = self;
        collector.event(event, &mut |shown| queue.show(&shown));
        if !matches!(event.kind, Kind::End(_)) {
            return;
        }
        self.ended += 1;
        if let Some(over) = self.over.as_ref().filter(|_| self.ended.is_multiple_of(2)) {
            // Where nobody waits any more, there is nobody to tell.
            _ = over.send(());
        }
    }

    fn note(&mut self, connection: Option<u32>, note: &Note) {
        self.queue.words(wrapped(&words(connection, note), self.width));
    }

    fn closed(&mut self) {
        self.queue.close();
    }
}
