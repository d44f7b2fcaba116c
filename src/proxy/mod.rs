//! Live bytes become segments while they pass between a client and a server.
//!
//! The proxy forwards first and looks afterwards: [`Observer`] gets a copy of everything, in order, and cannot
//! change it. The few bytes that are not passed on as they came are all in `changes`.
//!
//! One thread serves all connections. A read goes into one shared buffer and from there straight to the other end;
//! only what the other end does not take at once is kept, and until it is gone nothing more is read.

pub mod address;
mod answers;
pub mod changes;
mod clock;
mod dial;
mod first;
mod flow;
mod forward;
mod gate;
mod hub;
mod listener;
pub mod note;
pub mod observer;
pub mod pattern;
mod relay;
mod serve;
mod shop;
pub mod signals;
mod stream;
mod telling;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::Notify;
use tokio::task::spawn_local;
use tokio::time::{interval, sleep};

use self::address::{Listen, Upstream};
use self::changes::Rewrite;
use self::hub::Hub;
pub use self::listener::ListenError;
use self::listener::{Places, accept};
use self::note::Note;
pub use self::observer::Observer;
use self::pattern::Pattern;
use self::shop::Shop;
use self::tls::Tls;
use crate::session::Config;

/// How often whoever looks on is told that time passes.
const TICK: Duration = Duration::from_millis(250);

/// How long pages may pass without a WebSocket until advice is given.
const IN_VAIN: Duration = Duration::from_secs(10);

/// What the proxy is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub listen: Listen,
    /// The server behind it; none for a forward proxy.
    pub upstream: Option<Upstream>,
    /// What is changed in the heads of requests.
    pub rewrite: Rewrite,
    /// How long a client's head may take.
    pub handshake_timeout: Duration,
    /// Whether clients of a reverse proxy speak TLS.
    pub serve_tls: bool,
    /// What TLS needs.
    pub tls: Arc<Tls>,
    /// The hosts that a forward proxy leaves alone.
    pub left_alone: Vec<Pattern>,
    /// What a connection says of where it comes from.
    pub input: String,
    /// What is said where pages pass, but no WebSocket comes.
    pub advice: String,
}

/// A proxy at work on a thread of its own.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addresses: Vec<SocketAddr>,
    /// What stops it.
    pub stop: Stop,
    thread: JoinHandle<()>,
}

impl Running {
    /// Waits until it has stopped.
    pub fn wait(self) {
        // A panic there was told already.
        _ = self.thread.join();
    }
}

/// A proxy that listens, and serves once somebody looks on.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens.
    pub addresses: Vec<SocketAddr>,
    stop: Stop,
    thread: JoinHandle<()>,
    observer: Sender<(Config, Box<dyn Observer + Send>)>,
}

/// Listens, on a thread of its own.
///
/// # Errors
/// Where the address is taken or is none of this machine.
pub fn listen(settings: Settings) -> Result<Listening, ListenError> {
    let (tell, told) = channel();
    let (observer, observers) = channel::<(Config, Box<dyn Observer + Send>)>();
    let thread =
        thread::Builder::new().name("proxy".to_owned()).spawn(move || match Proxy::bind(settings) {
            Ok(proxy) => {
                _ = tell.send(Ok((proxy.addresses.clone(), proxy.stop.clone())));
                if let Ok((config, observer)) = observers.recv() {
                    proxy.run(config, observer);
                }
            }
            Err(error) => _ = tell.send(Err(error)),
        })?;
    let (addresses, stop) = told.recv().map_err(io::Error::other)??;
    Ok(Listening { addresses, stop, thread, observer })
}

impl Listening {
    /// Serves until it is stopped. All that passes is told to an observer, on the thread that passes it on.
    #[must_use]
    pub fn serve(self, config: Config, observer: Box<dyn Observer + Send>) -> Running {
        let Self { addresses, stop, thread, observer: give } = self;
        // It waits for nothing else.
        _ = give.send((config, observer));
        Running { addresses, stop, thread }
    }
}

/// A proxy that listens and does not serve yet.
#[derive(Debug)]
struct Proxy {
    runtime: LocalRuntime,
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    settings: Settings,
    stop: Stop,
}

/// Stops a proxy, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Notify>);

impl Stop {
    /// Stops it: what is open is told as it is, and nothing passes any more.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

impl Proxy {
    fn bind(settings: Settings) -> Result<Self, ListenError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(4)
            .build_local(LocalOptions::default())?;
        let listeners = runtime.block_on(async { listener::listen(&settings.listen) })?;
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
        Ok(Self { runtime, listeners, addresses, settings, stop: Stop::default() })
    }

    /// Serves until it is stopped, and tells `observer` all of it.
    fn run(self, config: Config, observer: Box<dyn Observer>) {
        let Self { runtime, listeners, addresses: own, settings, stop } = self;
        let hub = Rc::new(Hub::new(config, observer));
        runtime.block_on(async {
            let places = Rc::new(Places::new());
            let Settings { upstream, rewrite, handshake_timeout: patience, advice, .. } = settings;
            let Settings { serve_tls, tls, left_alone, input, .. } = settings;
            let hub = Rc::clone(&hub);
            let shop = Shop { hub, upstream, own, rewrite, patience, tls, serve_tls, input, left_alone };
            let shop = Rc::new(shop);
            for listener in listeners {
                spawn_local(accept(listener, Rc::clone(&shop), Rc::clone(&places)));
            }
            spawn_local(tick(Rc::clone(&shop.hub)));
            spawn_local(advise(Rc::clone(&shop.hub), advice));
            stop.0.notified().await;
        });
        hub.finish();
        // A name that is being looked up holds nobody up.
        runtime.shutdown_background();
    }
}

async fn tick(hub: Rc<Hub>) {
    let mut interval = interval(TICK);
    loop {
        interval.tick().await;
        hub.tick();
    }
}

/// Says what to do where pages pass, but no WebSocket comes.
async fn advise(hub: Rc<Hub>, advice: String) {
    while hub.seen.get().responses == 0 {
        sleep(TICK).await;
    }
    sleep(IN_VAIN).await;
    if hub.seen.get().handshakes == 0 {
        hub.note(None, &Note::NoWebSocket(advice));
    }
}
