//! Drives a turn: does the IO that the pure machine in `deskhand_domain::turn` asks for.

use std::sync::Arc;

use deskhand_domain::agent::Agent;
use deskhand_domain::check::{self, Verdict};
use deskhand_domain::conversation::{PastTurn, Step};
use deskhand_domain::grounding::{Evidence, Utterance};
use deskhand_domain::id::InvocationId;
use deskhand_domain::limits;
use deskhand_domain::prompt::{Answer, Prompt, ToolCall, Usage};
use deskhand_domain::turn::{Next, Turn, TurnLimits};
use deskhand_model::{Deltas, ModelError, answer_with_retries};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use crate::histories::History;
use crate::live::TurnEvent;
use crate::prompt::Frame;
use crate::running::{Ended, Running};
use crate::{Result, Service};

/// An agent's `daily_token_budget`, and what turns before this one have used of it.
#[derive(Debug, Clone, Copy)]
struct TokenBudget {
    most: Option<u64>,
    used: u64,
}

impl TokenBudget {
    /// With what this turn has used.
    fn are_used_up(&self, by_this_turn: Option<Usage>) -> bool {
        let now = by_this_turn.map_or(0, |usage| {
            usage.input_tokens.saturating_add(usage.output_tokens)
        });
        self.most
            .is_some_and(|most| self.used.saturating_add(now) >= most)
    }

    fn detail(&self) -> String {
        format!(
            "the agent's daily_token_budget of {} is used up until midnight UTC",
            self.most.unwrap_or_default()
        )
    }
}

/// Shows listeners the reply while it is being written.
struct Shown<'a> {
    running: &'a Running,
    text: String,
    /// Shows nothing for now.
    muted: bool,
}

impl<'a> Shown<'a> {
    fn new(running: &'a Running) -> Self {
        Self {
            running,
            text: String::new(),
            muted: false,
        }
    }
}

impl Deltas for Shown<'_> {
    fn text(&mut self, piece: &str) {
        self.running.trace.hears();
        if self.muted {
            return;
        }
        self.text.push_str(piece);
        let text = piece.to_owned();
        self.running
            .feed
            .publish(self.running.turn_id, &TurnEvent::Delta { text });
    }

    fn alive(&mut self) {
        self.running.trace.hears();
    }

    fn reset(&mut self) {
        self.running.trace.forgets();
        if !self.text.is_empty() {
            self.text.clear();
            self.running
                .feed
                .publish(self.running.turn_id, &TurnEvent::Reset {});
        }
    }
}

impl Service {
    /// Runs a turn from its message to its reply.
    pub(crate) async fn run(&self, running: &Running) -> Ended {
        if let Some(handoff) = &running.conversation.handoff {
            return match Box::pin(self.older(running)).await {
                Ok(older) => Ended::left_to_a_person(running, &older, handoff),
                Err(error) => self.broken(running, error.to_string()).await,
            };
        }
        let deadline = Instant::now() + limits::TURN_DURATION;
        let frame = Frame::new(
            &running.agent,
            &running.conversation.contact,
            &running.callables,
            running.past.turns(),
            self.window_tokens(&running.agent),
            self.now(),
        );
        let turn = match &running.resumed {
            Some(resumed) => Turn::restored(
                TurnLimits::default(),
                resumed.steps.clone(),
                resumed.recorded.clone(),
            ),
            None => Turn::new(TurnLimits::default()),
        };
        let mut turn = turn.offering_a_person(running.agent.definition.handoff);
        let tokens = match self.token_budget(&running.agent).await {
            Ok(tokens) => tokens,
            Err(error) => return self.broken(running, error.to_string()).await,
        };
        let mut invocations = match &running.resumed {
            Some(resumed) => resumed.answered.clone(),
            None => Vec::new(),
        };
        let older = OnceCell::new();
        let mut shown = Shown::new(running);
        loop {
            let stepped = match turn.next() {
                Next::Done => break,
                Next::CallModel if tokens.are_used_up(turn.usage()) => {
                    turn.out_of_tokens(tokens.detail())
                }
                Next::CallModel => {
                    let prompt = frame.prompt(turn.steps());
                    // What a model says over a failure is not what the customer will hear.
                    shown.muted = !turn.model_may_speak();
                    match timeout_at(deadline, self.ask(&running.agent, &prompt, &mut shown)).await
                    {
                        Err(_) => {
                            running.trace.gave_up("the turn's time was up");
                            turn.out_of_time()
                        }
                        Ok(Err(error)) => turn.model_gave_up(error.detail().to_owned()),
                        Ok(Ok(answer)) => {
                            if !answer.calls.is_empty() {
                                shown.reset();
                            }
                            turn.answered(answer)
                        }
                    }
                }
                Next::Check(calls) => {
                    let verdicts = match self.judge(running, &older, turn.steps(), calls).await {
                        Ok(verdicts) => verdicts,
                        Err(error) => return self.broken(running, error.to_string()).await,
                    };
                    running.trace.judged(calls, &verdicts, &running.callables);
                    turn.judged(verdicts)
                }
                Next::Dispatch(planned) => {
                    let planned = planned.to_vec();
                    let steps = turn.take_steps();
                    match self.carry_out(running, steps, planned, deadline).await {
                        Ok(dispatched) => {
                            let (summaries, ran): (Vec<_>, Vec<_>) = dispatched.into_iter().unzip();
                            invocations.extend(summaries);
                            turn.ran(ran)
                        }
                        Err(error) => {
                            turn.not_begun(error.to_string());
                            Ok(())
                        }
                    }
                }
            };
            if let Err(error) = stepped {
                turn.broke(error.to_string());
            }
            if !matches!(turn.next(), Next::Check(_) | Next::Dispatch(_)) {
                running.trace.settled(turn.steps());
            }
        }
        let steps = turn.take_steps();
        match turn.finish(&running.agent.definition) {
            Some(finished) => Ended {
                finished,
                steps,
                told: turn.told_ends(),
                taken: Some(turn.steps().to_vec()),
                invocations,
                model_calls: turn.model_calls(),
                usage: turn.usage(),
                shown: shown.text,
            },
            None => self.broken(running, "the turn has no end".to_owned()).await,
        }
    }

    /// Judges the calls of one answer. Where what is known of a long conversation does not vouch for one of
    /// them, what was said and found before that is read, once a turn.
    async fn judge(
        &self,
        running: &Running,
        older: &OnceCell<History>,
        steps: &[Step],
        calls: &[ToolCall],
    ) -> Result<Vec<Verdict>> {
        let verdicts = weigh(running, &[], steps, calls);
        let is_sound = |verdict: &Verdict| matches!(verdict, Verdict::Send(_));
        if verdicts.iter().all(is_sound) || !running.past.has_older() {
            return Ok(verdicts);
        }
        let older = older.get_or_try_init(|| Box::pin(self.older(running)));
        Ok(weigh(running, older.await?.turns(), steps, calls))
    }

    /// The largest window of the models that may be asked.
    pub(crate) fn window_tokens(&self, agent: &Agent) -> usize {
        let definition = &agent.definition;
        let first = match &definition.model {
            Some(name) => self.models().get(name),
            None => self.models().get_default(),
        };
        let fallback = definition.fallback_model.as_ref();
        let all = first
            .into_iter()
            .chain(fallback.and_then(|name| self.models().get(name).ok()));
        all.map(|model| model.window_tokens())
            .max()
            .unwrap_or_default()
    }

    /// What is left of the agent's tokens for today.
    async fn token_budget(&self, agent: &Agent) -> Result<TokenBudget> {
        let used = match agent.definition.daily_token_budget {
            Some(_) => {
                self.store()
                    .agent_tokens_of_day(agent.workspace_id, agent.id, self.now())
                    .await?
            }
            None => 0,
        };
        Ok(TokenBudget {
            most: agent.definition.daily_token_budget,
            used,
        })
    }

    /// Asks the agent's model, then its fallback.
    async fn ask(
        &self,
        agent: &Agent,
        prompt: &Prompt<'_>,
        shown: &mut Shown<'_>,
    ) -> std::result::Result<Answer, ModelError> {
        let first = self
            .ask_one(agent.definition.model.as_deref(), prompt, shown)
            .await;
        let (Err(error), Some(fallback)) = (&first, &agent.definition.fallback_model) else {
            return first;
        };
        tracing::warn!(agent_id = %agent.id, detail = error.detail(), fallback, "asking the fallback model");
        self.ask_one(Some(fallback), prompt, shown).await
    }

    async fn ask_one(
        &self,
        name: Option<&str>,
        prompt: &Prompt<'_>,
        shown: &mut Shown<'_>,
    ) -> std::result::Result<Answer, ModelError> {
        let model = match name {
            Some(name) => self.models().get(name),
            None => self.models().get_default(),
        }
        .map_err(|error| ModelError::give_up(error.to_string()))?;
        shown.running.trace.asks(match name {
            Some(name) => name.to_owned(),
            None => self.models().default_name().to_string(),
        });
        let began = Instant::now();
        let answered = answer_with_retries(&*model, prompt, shown, self.entropy()).await;
        shown.running.trace.answered(answered.as_ref());
        let usage = answered.as_ref().ok().and_then(|answer| answer.usage);
        self.inner
            .metrics
            .model_call(answered.is_ok(), usage, began.elapsed());
        answered
    }
}

/// Weighs the calls of one answer against what has been said and found so far, in these older turns too.
fn weigh(
    running: &Running,
    older: &[Arc<PastTurn>],
    steps: &[Step],
    calls: &[ToolCall],
) -> Vec<Verdict> {
    let past = || older.iter().chain(running.past.turns());
    let (contact, verified) = (
        &running.conversation.contact,
        running.conversation.contact_verified,
    );
    let utterances: Vec<Utterance<'_>> = past()
        .flat_map(|turn| turn.said())
        .map(|message| Utterance {
            id: message.id,
            speaker: message.role,
            text: &message.text,
            at: message.created_at,
        })
        .collect();
    let earlier = past().flat_map(|turn| &turn.steps);
    let results: Vec<(InvocationId, &Value)> = earlier.chain(steps).flat_map(results_in).collect();
    let evidence = Evidence::new(utterances, contact, results);
    calls
        .iter()
        .map(|call| check::check(call, &running.callables, contact, verified, &evidence))
        .collect()
}

/// What succeeded in a step, or was accepted: the part of it that the model has seen. Error texts are no
/// evidence.
fn results_in(step: &Step) -> impl Iterator<Item = (InvocationId, &Value)> {
    let results = match step {
        Step::Answered { results } => results.as_slice(),
        Step::Asked { .. } => &[],
    };
    results.iter().filter_map(|result| {
        let status = result.content.get("status").and_then(Value::as_str);
        let has_happened = matches!(status, Some("succeeded" | "accepted"));
        let value = result.content.get("result").filter(|_| has_happened)?;
        Some((result.invocation_id?, value))
    })
}
