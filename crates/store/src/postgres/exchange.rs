//! Words to and from other nodes, by NOTIFY and LISTEN. One connection of its own listens, on a thread of
//! its own; what is to be said goes by the connections of the jobs, many words at once.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use tokio::sync::mpsc;

use super::options::Options;
use super::wire::{Assembly, Put, cut};
use super::{Postgres, Shared};
use crate::bus::{Bus, Heard, Word};
use crate::sql::{PostgresConn, query, said};
use crate::{Result, StoreError};

/// The channel of all nodes of a database.
const CHANNEL: &str = "deskhand";
/// How long words are gathered before they are said together.
const GATHER: Duration = Duration::from_millis(4);
/// Most words said together.
const TOGETHER: usize = 128;
/// How often the thread that listens looks whether it is to end.
const LOOK: Duration = Duration::from_secs(1);
/// Parts notifications from each other; JSON has no such character unescaped.
const BETWEEN: char = '\u{1e}';

/// What keeps the two going; dropped, they end.
pub(super) struct Exchange {
    pub(super) bus: Arc<Bus>,
    stop: Mutex<Option<Sender<()>>>,
}

impl Exchange {
    /// Starts listening and saying. `own` names this node.
    pub(super) fn start(
        options: Options,
        first: PostgresConn,
        shared: &Arc<Shared>,
        own: String,
    ) -> Result<Self> {
        let (bus, to_say) = Bus::new();
        let (stop, stopped) = channel();
        let (ear, name) = (Arc::downgrade(&bus), own.clone());
        std::thread::Builder::new()
            .name("deskhand-listener".to_owned())
            .spawn(move || listen(&options, first, &ear, &name, &stopped))
            .map_err(|error| StoreError::Database(crate::error::DatabaseError::new(error)))?;
        tokio::spawn(carry(to_say, Arc::downgrade(shared), own));
        Ok(Self {
            bus,
            stop: Mutex::new(Some(stop)),
        })
    }

    /// Ends the listening.
    pub(super) fn stop(&self) {
        drop(
            self.stop
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}

/// Says what is to be said, until the store has gone.
async fn carry(mut to_say: mpsc::Receiver<Word>, shared: Weak<Shared>, own: String) {
    let mut number = 0;
    let mut words = Vec::new();
    while to_say.recv_many(&mut words, TOGETHER).await > 0 {
        if words.len() < TOGETHER {
            tokio::time::sleep(GATHER).await;
            while words.len() < TOGETHER
                && let Ok(word) = to_say.try_recv()
            {
                words.push(word);
            }
        }
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let mut pieces = Vec::new();
        for word in words.drain(..) {
            number += 1;
            pieces.extend(cut(&own, number, &word));
        }
        let all = pieces.join(&BETWEEN.to_string());
        let postgres = Postgres { shared };
        let said = postgres.read(move |conn| {
            query(
                "SELECT pg_notify($1, piece)
                 FROM unnest(string_to_array($2, $3)) WITH ORDINALITY AS said (piece, at)
                 ORDER BY at",
            )
            .bind(CHANNEL)
            .bind(all.as_str())
            .bind(BETWEEN.to_string())
            .execute(conn)?;
            Ok(())
        });
        match said.await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "other nodes could not be told"),
        }
    }
}

/// Hears what others say, over one connection after the other, until it is to end.
fn listen(
    options: &Options,
    first: PostgresConn,
    bus: &Weak<Bus>,
    own: &str,
    stopped: &Receiver<()>,
) {
    let mut first = Some(first);
    loop {
        // Whatever was said before another connection listens has not been heard.
        let heard = match first.take() {
            Some(conn) => hear(conn, false, bus, own, stopped),
            None => ear(options).and_then(|conn| hear(conn, true, bus, own, stopped)),
        };
        if let Err(error) = heard {
            tracing::warn!(%error, "what other nodes say is not heard; trying again");
        }
        match stopped.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return,
        }
    }
}

/// A connection that listens.
pub(super) fn ear(options: &Options) -> Result<PostgresConn> {
    let mut conn = options.connect()?;
    conn.batch(&format!("LISTEN {CHANNEL}"))?;
    Ok(conn)
}

/// Hears over one connection until it is lost.
fn hear(
    mut conn: PostgresConn,
    mut gap: bool,
    bus: &Weak<Bus>,
    own: &str,
    stopped: &Receiver<()>,
) -> Result<()> {
    let client = conn.client();
    let mut assembly = Assembly::default();
    loop {
        let Some(bus) = bus.upgrade() else {
            return Ok(());
        };
        if gap {
            bus.hear(Heard::Gap);
            gap = false;
        }
        if client.is_closed() {
            bus.hear(Heard::Gap);
            let why = "the connection was closed";
            return Err(StoreError::Database(crate::error::DatabaseError::new(why)));
        }
        let mut notifications = client.notifications();
        let mut incoming = notifications.timeout_iter(LOOK);
        let next = incoming.next();
        match next.map_err(|error| StoreError::Database(said(&error)))? {
            Some(notification) => match assembly.put(own, notification.payload()) {
                Put::Whole(word) => bus.hear(Heard::Word(Arc::new(word))),
                Put::Nothing => {}
                Put::Lost => gap = true,
            },
            None if !matches!(
                stopped.try_recv(),
                Err(std::sync::mpsc::TryRecvError::Empty)
            ) =>
            {
                return Ok(());
            }
            None => {}
        }
    }
}
