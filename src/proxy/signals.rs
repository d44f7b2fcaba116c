//! Ctrl-C: the first stops the proxy, and it has two seconds for that; the second ends the program at once.

use std::io::{self, Write};
use std::process;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use super::Stop;

/// How long the end may take.
const PATIENCE: Duration = Duration::from_millis(1850);

/// How long the terminal may take to print a last sentence.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// The exit code of what could not be done in full.
const INCOMPLETE: i32 = 2;

/// Watches for SIGINT and SIGTERM from a thread of its own, so that nothing that waits holds them up.
///
/// # Errors
/// Where the system gives no signals.
pub fn watch(stop: Stop) -> io::Result<()> {
    watch_for(move || stop.stop())
}

/// The same, for anything that can be stopped.
///
/// # Errors
/// Where the system gives no signals.
pub fn watch_for(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let watch = move || {
        runtime.block_on(async {
            either(&mut interrupt, &mut terminate).await;
            stop();
            // Whether it is impatience or the time is over: what is not done by now is not done.
            if timeout(PATIENCE, either(&mut interrupt, &mut terminate)).await.is_err() {
                tell_it_is_late();
            }
        });
        process::exit(INCOMPLETE);
    };
    thread::Builder::new().name("signals".to_owned()).spawn(watch)?;
    Ok(())
}

/// Says that the end was cut off, if a terminal takes it: one that is stopped holds nobody up.
fn tell_it_is_late() {
    let (tell, told) = channel();
    let say = move || {
        let late =
            "wslens: the end took too long and was cut off: what came last may be neither shown nor recorded";
        // There is nobody else to tell.
        _ = writeln!(io::stderr(), "{late}");
        _ = tell.send(());
    };
    if thread::Builder::new().spawn(say).is_ok() {
        _ = told.recv_timeout(LAST_WORDS);
    }
}

/// Waits for either signal.
async fn either(one: &mut tokio::signal::unix::Signal, other: &mut tokio::signal::unix::Signal) {
    std::future::poll_fn(|cx| {
        if one.poll_recv(cx).is_ready() || other.poll_recv(cx).is_ready() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
