//! Dies, or stands still, at a crash point (`deskhand_domain::crash`), for `cargo xtask crash`. Only in
//! builds with debug assertions, which are never shipped.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail};
use deskhand_domain::crash::{self, POINTS};
use rustix::process::{Signal, getpid, kill_process};

/// `<point>:<n>`: which point, passed for the how-manieth time. `:stop` after it stops the process, so
/// that others may take it for dead and it may come back.
#[derive(Debug, PartialEq)]
struct Order {
    point: String,
    pass: u32,
    signal: Signal,
}

/// Arms the point that the environment names, if it names one.
pub(crate) fn arm() -> anyhow::Result<()> {
    let Some(text) = crate::config::crash_at() else {
        return Ok(());
    };
    let order = read(&text).with_context(|| format!("DESKHAND_CRASH_AT={text}"))?;
    tracing::warn!(
        point = order.point,
        pass = order.pass,
        "this process is going to die"
    );
    let passes = AtomicU32::new(0);
    crash::arm(move |name| {
        if name == order.point && passes.fetch_add(1, Ordering::SeqCst) + 1 == order.pass {
            // As from outside: no destructor runs, nothing is flushed. It cannot fail on oneself.
            let _ = kill_process(getpid(), order.signal);
        }
    });
    Ok(())
}

fn read(text: &str) -> anyhow::Result<Order> {
    let mut parts = text.split(':');
    let point = parts.next().unwrap_or_default();
    if !POINTS.contains(&point) {
        bail!("there is no such point");
    }
    let pass = parts.next().context("which pass?")?.parse()?;
    let signal = match (parts.next(), parts.next()) {
        (None, _) => Signal::KILL,
        (Some("stop"), None) => Signal::STOP,
        _ => bail!("only :stop may follow"),
    };
    Ok(Order {
        point: point.to_owned(),
        pass,
        signal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_point_and_pass() {
        let order = read("turn_begun:3").unwrap();
        assert_eq!((order.point.as_str(), order.pass), ("turn_begun", 3));
        assert_eq!(order.signal, Signal::KILL);
        assert_eq!(read("turn_begun:1:stop").unwrap().signal, Signal::STOP);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in [
            "",
            "nowhere:1",
            "turn_begun",
            "turn_begun:x",
            "turn_begun:1:dance",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
