//! What nodes that share a database tell each other as it happens: what those who listen on another node
//! want to hear, and that a turn has ended. A word may be lost; then listeners are let go, and come back
//! to be told what is stored. Nothing here decides anything: whose a turn is, the database says.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use deskhand_store::{Bus, Heard};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::live::{EventId, LiveEvent, TurnEvent};
use crate::watch::Change;
use crate::{Result, Service};

/// How long a node goes on telling what another has asked for once.
const WANTED_FOR: Duration = Duration::from_secs(60);
/// How often a node asks again while somebody listens.
pub const ASK_EVERY: Duration = Duration::from_secs(20);
/// What the words are about. Nodes of another version leave out what they cannot read.
const TOPIC: &str = "service";

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
enum Said {
    /// Somebody listens to a conversation here.
    Listens {
        conversation: ConversationId,
        trace: bool,
        /// Nothing is known here of a turn that runs.
        anew: bool,
    },
    /// Something happened in a conversation that another node listens to.
    Live {
        conversation: ConversationId,
        id: String,
        name: String,
        data: Arc<str>,
    },
    /// A turn has ended, and its end is stored.
    Ended {
        workspace: WorkspaceId,
        conversation: ConversationId,
        turn: TurnId,
    },
    /// Somebody watches a workspace here.
    Watches { workspace: WorkspaceId },
    /// Something has changed in a workspace that another node watches.
    Changed {
        workspace: WorkspaceId,
        change: Change,
    },
}

fn say(bus: &Bus, said: &Said) {
    match serde_json::to_string(said) {
        Ok(body) => bus.say(TOPIC, body),
        Err(error) => tracing::error!(%error, "other nodes could not be told"),
    }
}

/// Tells an event of a conversation.
pub fn say_live(bus: &Bus, conversation: ConversationId, event: &LiveEvent) {
    let said = Said::Live {
        conversation,
        id: event.id.to_string(),
        name: event.name.to_owned(),
        data: Arc::clone(&event.data),
    };
    say(bus, &said);
}

/// Asks for what changes in a workspace.
pub fn say_watches(bus: &Bus, workspace: WorkspaceId) {
    say(bus, &Said::Watches { workspace });
}

/// Tells what has changed in a workspace.
pub fn say_changed(bus: &Bus, workspace: WorkspaceId, change: Change) {
    say(bus, &Said::Changed { workspace, change });
}

impl Service {
    /// Hears what other nodes say, until the database is closed. Without other nodes it is over at once.
    pub(crate) fn start_relay(&self) {
        let Some(bus) = self.store().bus() else {
            return;
        };
        let mut listener = bus.listen();
        let service = self.clone();
        tokio::spawn(async move {
            loop {
                let heard = tokio::select! {
                    () = service.inner.ended.cancelled() => return,
                    heard = listener.next() => heard,
                };
                match heard {
                    Some(Heard::Word(word)) if word.topic == TOPIC => service.hear(&word.body),
                    Some(Heard::Word(_)) => {}
                    Some(Heard::Gap) => service.may_have_missed(),
                    None => return,
                }
            }
        });
        self.repeat(
            "listeners",
            ASK_EVERY,
            &self.inner.stopping,
            None,
            |service| async move { service.ask_again() },
        );
    }

    /// Asks the other nodes to tell what happens in a conversation. Whether they have not been asked so
    /// far: then something may have happened there that is not known here.
    pub(crate) fn ask_about(&self, conversation: ConversationId, trace: bool) -> bool {
        let Some(bus) = self.store().bus() else {
            return false;
        };
        let anew = self.inner.feeds.of(conversation).ask();
        if anew || trace {
            let said = Said::Listens {
                conversation,
                trace,
                anew,
            };
            say(&bus, &said);
        }
        anew
    }

    /// Lets whoever waits for the turn's end know, here and on the other nodes. Said once it is stored.
    pub(crate) fn tell_ended(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        turn: TurnId,
    ) {
        self.inner.turn_ended.notify_waiters();
        if let Some(bus) = self.store().bus() {
            let said = Said::Ended {
                workspace,
                conversation,
                turn,
            };
            say(&bus, &said);
        }
    }

    /// Asks again for those who still listen, and forgets what nobody asks for any more.
    #[expect(clippy::unnecessary_wraps, reason = "a round of the background")]
    fn ask_again(&self) -> Result<()> {
        let Some(bus) = self.store().bus() else {
            return Ok(());
        };
        for (conversation, feed) in self.inner.feeds.all() {
            if let Some(trace) = feed.asks() {
                let said = Said::Listens {
                    conversation,
                    trace,
                    anew: false,
                };
                say(&bus, &said);
            }
        }
        self.inner.feeds.forget_unwanted();
        self.inner.watched.ask_again();
        Ok(())
    }

    fn hear(&self, body: &str) {
        let until = Instant::now() + WANTED_FOR;
        match serde_json::from_str(body) {
            Ok(Said::Listens {
                conversation,
                trace,
                anew,
            }) => self.inner.feeds.want(conversation, until, trace, anew),
            Ok(Said::Live {
                conversation,
                id,
                name,
                data,
            }) => {
                let feed = self.inner.feeds.known(conversation);
                if let (Some(feed), Some(event)) = (feed, live_event(&id, &name, data)) {
                    let is_last = event.is_last();
                    feed.relayed(event);
                    if is_last {
                        self.inner.feeds.keep(&feed);
                    }
                }
            }
            Ok(Said::Ended {
                workspace,
                conversation,
                turn,
            }) => self.heard_of_end(workspace, conversation, turn),
            Ok(Said::Watches { workspace }) => self.inner.watched.want(workspace, until),
            Ok(Said::Changed { workspace, change }) => {
                self.inner.watched.relayed(workspace, change);
            }
            Err(error) => tracing::debug!(%error, "another node said something unknown"),
        }
    }

    fn heard_of_end(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnId) {
        self.inner.turn_ended.notify_waiters();
        let listened_to = self.inner.feeds.known(conversation);
        if listened_to.is_some_and(|feed| !feed.knows_end(turn)) {
            let service = self.clone();
            tokio::spawn(async move {
                if let Err(error) = service.tell_end(workspace, conversation, turn).await {
                    tracing::warn!(turn_id = %turn, %error, "listeners could not be told of a turn's end");
                }
            });
        }
    }

    fn may_have_missed(&self) {
        for (_, feed) in self.inner.feeds.all() {
            feed.let_go();
        }
        self.inner.watched.let_go();
        self.inner.turn_ended.notify_waiters();
    }
}

/// An event as another node has put it into words; `None` for one that this version does not know.
fn live_event(id: &str, name: &str, data: Arc<str>) -> Option<LiveEvent> {
    let id: EventId = id.parse().ok()?;
    let name = *TurnEvent::NAMES.iter().find(|known| **known == name)?;
    Some(LiveEvent { id, name, data })
}
