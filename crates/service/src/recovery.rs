//! What a node that has gone leaves behind, and who goes on with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskhand_domain::id::{MessageId, TurnId};
use deskhand_domain::invocation::Invocation;
use deskhand_domain::wording::{self, Told};
use deskhand_store::{AbandonTurn, FinishTurn, Replies, StoreError, TakenTurn};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::handed_over::{Held, unless_handed_over};
use crate::{Result, Service};

/// How long a lease lasts; it is renewed four times within.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// Most turns taken over in one round.
const TURNS_A_ROUND: u32 = 64;
/// Most times that a turn changes hands. One that brings down whoever runs it has to end.
const MOST_HANDS: u32 = 3;
/// The age up to which a turn is gone on with. A call must not come when nobody expects it any more.
const GONE_ON_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The turns that this node is running, and the ends that it could not store yet.
#[derive(Debug, Default)]
pub struct Driven {
    turns: Arc<Mutex<HashMap<TurnId, Arc<Drive>>>>,
    unstored: Mutex<Vec<FinishTurn>>,
    /// One round at a time.
    round: tokio::sync::Mutex<()>,
}

/// What runs a turn here, as others see it.
#[derive(Debug, Default)]
struct Drive {
    /// How often the turn had changed hands when this drive of it took it.
    hand: AtomicU32,
    /// It is to stop.
    broken_off: CancellationToken,
    /// It makes no calls and writes nothing any more.
    stopped: CancellationToken,
}

/// Says that this node runs a turn, until dropped.
#[derive(Debug)]
pub struct Driving {
    turns: Arc<Mutex<HashMap<TurnId, Arc<Drive>>>>,
    turn_id: TurnId,
    drive: Arc<Drive>,
}

impl Driving {
    /// Resolves when the turn is run by another drive of this node: it was another node's meanwhile, and
    /// has come back.
    pub async fn broken_off(&self) {
        self.drive.broken_off.cancelled().await;
    }

    /// It has been taken once more, by this very drive: no round may take it for another's.
    fn is_in_hand(&self, hand: u32) {
        self.drive.hand.store(hand, Ordering::Relaxed);
    }

    /// Nothing of it goes on any more.
    pub fn stopped(&self) {
        self.drive.stopped.cancel();
    }
}

impl Driven {
    /// To be said before the turn is stored.
    pub fn drive(&self, turn_id: TurnId) -> Driving {
        self.drive_anew(turn_id, 0).0
    }

    /// The same, with what still runs it here as though it had never been another node's. That would
    /// find itself the owner again: what it is in the middle of must not go on beside this.
    fn drive_anew(&self, turn_id: TurnId, hand: u32) -> (Driving, Option<Arc<Drive>>) {
        let drive = Arc::new(Drive {
            hand: AtomicU32::new(hand),
            ..Drive::default()
        });
        let earlier = lock(&self.turns).insert(turn_id, Arc::clone(&drive));
        let driving = Driving {
            turns: Arc::clone(&self.turns),
            turn_id,
            drive,
        };
        (driving, earlier)
    }

    /// The end of a turn that is to be stored later. The customer has been told it.
    pub fn owe(&self, end: FinishTurn) {
        lock(&self.unstored).push(end);
    }

    /// Whether it is run here, in the hand in which it stands.
    fn has(&self, turn: &TakenTurn) -> bool {
        let turn_id = turn.turn_id;
        let is_this = |drive: &Arc<Drive>| drive.hand.load(Ordering::Relaxed) == turn.taken_over;
        lock(&self.turns).get(&turn_id).is_some_and(is_this)
            || lock(&self.unstored)
                .iter()
                .any(|end| end.turn_id == turn_id)
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.stopped();
        let mut turns = lock(&self.turns);
        // Another drive may have taken its place.
        let is_own = |drive: &Arc<Drive>| Arc::ptr_eq(drive, &self.drive);
        if turns.get(&self.turn_id).is_some_and(is_own) {
            turns.remove(&self.turn_id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// Begins: gives this node its lease, and goes on with what an earlier run left behind. Called
    /// once, before requests are taken.
    pub async fn recover(&self) -> Result<()> {
        let now = self.now();
        self.store().join(self.node(), now, lease_end(now)).await?;
        tracing::debug!(node = %self.node(), "this run of the server has its lease");
        while self.recovery_round().await? >= TURNS_A_ROUND as usize {}
        Ok(())
    }

    /// Prolongs this node's lease.
    pub async fn renew_lease(&self) -> Result<()> {
        let now = self.now();
        let until = lease_end(now);
        Ok(self.store().renew_lease(self.node(), now, until).await?)
    }

    /// Stores what is owed, then goes on with the turns that nobody runs: those of nodes that are gone,
    /// and those of its own that broke off. Returns how many turns.
    pub async fn recovery_round(&self) -> Result<usize> {
        let _alone = self.inner.driven.round.lock().await;
        self.pay_what_is_owed().await;
        self.end_claims_owed().await;
        let mut turns = Vec::new();
        for turn in self.store().owned_turns(self.node()).await? {
            // It is driven from before it is stored until after its end is: what is not, broke off.
            if !self.inner.driven.has(&turn) {
                turns.extend(self.store().adopt_turn(self.node(), &turn).await?);
            }
        }
        let now = self.now();
        let taken = self
            .store()
            .take_over(self.node(), now, TURNS_A_ROUND)
            .await?;
        if taken.settled > 0 {
            tracing::warn!(calls = taken.settled, "settled calls left in flight");
        }
        turns.extend(taken.turns);
        let count = turns.len();
        for turn in turns {
            self.go_on_with_turn(turn);
        }
        Ok(count)
    }

    /// Hands over all that this node runs, so that nobody has to wait for the end of its lease.
    pub(crate) async fn leave(&self) {
        self.pay_what_is_owed().await;
        self.end_claims_owed().await;
        match self.store().leave(self.node()).await {
            Ok(0) => {}
            Ok(turns) => tracing::warn!(turns, "handed over what was under way"),
            Err(StoreError::Closed) => {}
            Err(error) => tracing::error!(%error, "nothing could be handed over"),
        }
    }

    /// Goes on with a turn of this node's, or ends it where that makes no sense any more.
    fn go_on_with_turn(&self, mut turn: TakenTurn) {
        let age = self.now().duration_since(turn.started_at);
        let too_late = if turn.taken_over > MOST_HANDS {
            Some(format!(
                "the server stopped {MOST_HANDS} times while the turn was running"
            ))
        } else if age > GONE_ON_WITHIN {
            Some(
                "the server stopped while the turn was running, and began again too late"
                    .to_owned(),
            )
        } else {
            None
        };
        let (driving, earlier) = self.inner.driven.drive_anew(turn.turn_id, turn.taken_over);
        let service = self.clone();
        self.inner.turns.spawn(async move {
            if let Some(earlier) = earlier {
                earlier.broken_off.cancel();
                earlier.stopped.cancelled().await;
                // It may have come to its end before it was broken off.
                match service.store().adopt_turn(service.node(), &turn).await {
                    Ok(Some(still)) => {
                        driving.is_in_hand(still.taken_over);
                        turn = still;
                    }
                    Ok(None) => return,
                    Err(error) => {
                        tracing::error!(turn_id = %turn.turn_id, %error, "a turn cannot be taken");
                        return;
                    }
                }
            }
            let why = match too_late {
                Some(why) => why,
                None => match service.restore(&turn, driving).await {
                    Ok(running) => {
                        tracing::warn!(turn_id = %turn.turn_id, "going on with a turn");
                        // It has said by itself what went wrong.
                        let run = service.run_to_the_end(Arc::new(running));
                        let handing_over = &service.inner.handing_over;
                        let _ = unless_handed_over(handing_over, &Held::default(), run).await;
                        return;
                    }
                    // The next round tries again.
                    Err(error) if error.is_of_the_database() => {
                        tracing::error!(turn_id = %turn.turn_id, %error, "a turn cannot be read");
                        return;
                    }
                    Err(error) => format!("the turn cannot be gone on with: {error}"),
                },
            };
            tracing::warn!(turn_id = %turn.turn_id, why, "ending a turn that was left behind");
            if let Err(error) = service.abandon(&turn, why).await {
                tracing::error!(turn_id = %turn.turn_id, %error, "a turn could not be ended");
            }
        });
    }

    /// Ends a turn that nobody can go on with, with an honest reply.
    async fn abandon(&self, turn: &TakenTurn, detail: String) -> Result<()> {
        let abandoned = loop {
            let abandon = self.parting(turn, &detail).await?;
            match self.store().abandon_turn(&abandon).await {
                // Settled since it was read. Each call is settled once, and the calls of a turn are few.
                Err(StoreError::Untold(_)) => {}
                other => break other,
            }
        };
        match abandoned {
            // It has ended, or somebody else has it.
            Ok(()) | Err(StoreError::Conflict(_) | StoreError::NotOwner) => {
                let (workspace, id) = (turn.workspace_id, turn.conversation_id);
                self.tell_ended(workspace, id, turn.turn_id);
                self.tell_end(workspace, id, turn.turn_id).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The end of a turn that nobody can go on with, in the agent's own words.
    async fn parting(&self, turn: &TakenTurn, detail: &str) -> Result<AbandonTurn> {
        let now = self.now();
        let workspace = turn.workspace_id;
        let conversation = self
            .store()
            .conversation(workspace, turn.conversation_id)
            .await?;
        let agent = match self.store().agent(workspace, conversation.agent_id).await {
            Ok(agent) => Some(agent.definition),
            // Somebody removed it meanwhile.
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let contact = agent
            .as_ref()
            .and_then(|agent| agent.fallback_contact.as_deref());
        let apology = match &agent {
            Some(agent) => agent.apology(),
            None => wording::FALLBACK_MESSAGE.to_owned(),
        };
        let uncertain = wording::way_on_if_uncertain(contact);
        let calls = self
            .store()
            .turn_invocations(workspace, turn.turn_id)
            .await?;
        let ended = calls.iter().filter(|call| !call.status.is_open());
        let told = ended.map(|call| call.id).collect();
        let done = self.done_in(calls).await?;
        Ok(AbandonTurn {
            turn: turn.clone(),
            owner: turn.owner(self.node()),
            replies: Replies {
                apology: format!("{done}{apology}"),
                uncertain: format!("{done}{} {uncertain}", wording::UNKNOWN),
            },
            reply_id: MessageId::new(now, self.entropy()),
            told,
            detail: detail.to_owned(),
            at: now,
        })
    }

    /// What calls have done, to be said before anything else: or the customer might ask for it again.
    async fn done_in(&self, calls: Vec<Invocation>) -> Result<String> {
        let mut named = Vec::with_capacity(calls.len());
        for call in calls {
            let version = self
                .action_version(call.workspace_id, call.action_id, call.action_version)
                .await?;
            let name = version.map_or_else(|| call.action.clone(), |it| it.definition.display_name);
            named.push((name, call));
        }
        let told: Vec<Told<'_>> = named
            .iter()
            .map(|(display_name, call)| Told {
                display_name,
                about: None,
                status: call.status,
                failure: None,
                // Nobody has chosen what of it the customer may see.
                result: None,
                error: call.error.as_deref(),
            })
            .collect();
        let done = wording::so_far(&told);
        Ok(match done.is_empty() {
            true => done,
            false => format!("{done} "),
        })
    }

    /// Stores the ends of turns that could not be stored when they came.
    async fn pay_what_is_owed(&self) {
        let owed = lock(&self.inner.driven.unstored).clone();
        for mut end in owed {
            match self.store_end(&mut end, Duration::ZERO).await {
                // It has ended, or somebody else has it: nothing is owed any more.
                Ok(_) | Err(StoreError::Conflict(_) | StoreError::NotOwner) => {
                    lock(&self.inner.driven.unstored).retain(|one| one.turn_id != end.turn_id);
                    self.tell_ended(end.workspace_id, end.conversation_id, end.turn_id);
                    for said in &end.follow_ups {
                        self.tell_ended(
                            said.workspace_id,
                            said.conversation_id,
                            said.message.turn_id,
                        );
                    }
                }
                Err(error) => {
                    tracing::error!(turn_id = %end.turn_id, %error, "a turn's end is still not stored");
                }
            }
        }
    }
}

fn lease_end(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(now)
}
