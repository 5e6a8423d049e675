//! What has been done over a period, put together from what the database counts.

use std::collections::{BTreeMap, HashMap};

use deskhand_domain::action::FieldError;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};
use deskhand_domain::invocation::InvocationStatus;
use deskhand_domain::statistics::{
    ActionStatistics, EndpointStatistics, LastFailure, Outcomes, Part, Percentiles, Statistics,
    Totals, success_rate,
};
use deskhand_domain::trace::host_of;
use deskhand_store::{CallCount, CalledAction, Counted, StatisticsFilter};
use jiff::{SignedDuration, Timestamp};

use crate::{Result, Service, ServiceError};

/// The period where none is asked for.
const PERIOD: SignedDuration = SignedDuration::from_hours(24);
/// Longest period.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Parts where no number is asked for.
const PARTS: u32 = 24;
/// Most parts.
const MOST_PARTS: u32 = 200;
/// Most actions in the answer.
const ACTIONS: usize = 200;
/// Most hosts in the answer.
const ENDPOINTS: usize = 20;
/// Most versions of actions whose hosts are looked up.
const VERSIONS: usize = 500;

/// Which period is asked for, and of what.
#[derive(Debug, Clone, Default)]
pub struct StatisticsRequest {
    /// Its start; a day before its end, if none is given.
    pub from: Option<Timestamp>,
    /// Its end; now, if none is given.
    pub to: Option<Timestamp>,
    /// Into how many parts it is cut.
    pub parts: Option<u32>,
    /// Of this agent only.
    pub agent_id: Option<AgentId>,
    /// Of the action of this name only.
    pub action: Option<String>,
}

impl Service {
    /// What was done over a period, trials left out.
    pub async fn statistics(
        &self,
        workspace: WorkspaceId,
        asked: StatisticsRequest,
    ) -> Result<Statistics> {
        let filter = filter_of(asked, self.now())?;
        let counted = self.store().statistics(workspace, &filter).await?;
        let tallies = tally(&counted.calls, filter.parts);
        let busiest = busiest(&tallies);
        let failing: Vec<ActionId> = tallies
            .iter()
            .filter(|(_, tally)| tally.outcomes.failed + tally.outcomes.unknown > 0)
            .map(|(id, _)| *id)
            .collect();
        let failures = self
            .store()
            .last_failures(workspace, failing, &filter)
            .await?;
        let versions = versions(&counted.calls);
        let wanted = busiest
            .iter()
            .map(|id| (*id, None))
            .chain(
                versions
                    .iter()
                    .map(|((id, version), _)| (*id, Some(*version))),
            )
            .collect();
        let known = self.store().called_actions(workspace, wanted).await?;
        let actions = actions(&busiest, tallies, &known, &failures, &counted);
        let endpoints = endpoints(&versions, &known, &failures);
        Ok(Statistics {
            from: filter.from,
            to: filter.to,
            totals: totals(&counted),
            series: series(&counted, &filter),
            actions,
            endpoints,
            unanswered: counted.unanswered,
        })
    }
}

fn filter_of(asked: StatisticsRequest, now: Timestamp) -> Result<StatisticsFilter> {
    // A call of this very millisecond belongs to the period that ends now.
    let end = now.saturating_add(SignedDuration::from_millis(1));
    let to = asked.to.unwrap_or(end.unwrap_or(now));
    let from = asked
        .from
        .unwrap_or_else(|| to.checked_sub(PERIOD).unwrap_or(Timestamp::MIN));
    let parts = asked.parts.unwrap_or(PARTS);
    let mut errors = Vec::new();
    if from >= to {
        errors.push(FieldError::new("from", "must be before `to`"));
    } else if to.duration_since(from) > LONGEST {
        errors.push(FieldError::new(
            "from",
            "must be at most 400 days before `to`",
        ));
    }
    if !(1..=MOST_PARTS).contains(&parts) {
        errors.push(FieldError::new("buckets", "must be from 1 to 200"));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    Ok(StatisticsFilter {
        from,
        to,
        parts,
        agent_id: asked.agent_id,
        action: asked.action,
    })
}

/// The calls of one action.
#[derive(Debug, Default)]
struct Tally {
    outcomes: Outcomes,
    ended: u64,
    slow: u64,
    series: Vec<u64>,
}

fn ended(count: &CallCount) -> u64 {
    match count.status {
        InvocationStatus::AwaitingConfirmation
        | InvocationStatus::Intended
        | InvocationStatus::Sending
        | InvocationStatus::Accepted => 0,
        _ => count.calls,
    }
}

fn tally(calls: &[CallCount], parts: u32) -> HashMap<ActionId, Tally> {
    let mut tallies: HashMap<ActionId, Tally> = HashMap::new();
    for count in calls {
        let tally = tallies.entry(count.action_id).or_default();
        tally.outcomes.add(count.status, count.calls);
        tally.ended += ended(count);
        tally.slow += count.slow;
        tally.series.resize(parts as usize, 0);
        if let Some(part) = tally.series.get_mut(count.part as usize) {
            *part += count.calls;
        }
    }
    tallies
}

fn busiest(tallies: &HashMap<ActionId, Tally>) -> Vec<ActionId> {
    let mut busiest: Vec<(u64, ActionId)> = tallies
        .iter()
        .map(|(id, tally)| (tally.outcomes.all(), *id))
        .collect();
    busiest.sort_unstable_by(|a, b| b.cmp(a));
    busiest
        .into_iter()
        .take(ACTIONS)
        .map(|(_, id)| id)
        .collect()
}

/// Versions of actions with what became of their calls, those that failed most first.
fn versions(calls: &[CallCount]) -> Vec<((ActionId, u32), Outcomes)> {
    let mut versions: BTreeMap<(ActionId, u32), Outcomes> = BTreeMap::new();
    for count in calls {
        let outcomes = versions
            .entry((count.action_id, count.version))
            .or_default();
        outcomes.add(count.status, count.calls);
    }
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|(_, o)| std::cmp::Reverse((o.failed + o.unknown, o.all())));
    versions.truncate(VERSIONS);
    versions
}

fn totals(counted: &Counted) -> Totals {
    let mut outcomes = Outcomes::default();
    let mut all_ended = 0;
    for count in &counted.calls {
        outcomes.add(count.status, count.calls);
        all_ended += ended(count);
    }
    Totals {
        turns: counted.turns,
        conversations: counted.conversations,
        invocations: outcomes.all(),
        outcomes,
        success_rate: success_rate(outcomes.succeeded, all_ended),
        times: counted.times,
        input_tokens: counted.input_tokens,
        output_tokens: counted.output_tokens,
    }
}

fn series(counted: &Counted, filter: &StatisticsFilter) -> Vec<Part> {
    let mut parts: Vec<Part> = (0..filter.parts)
        .map(|part| Part {
            at: filter.start_of(part),
            outcomes: Outcomes::default(),
            times: Percentiles::default(),
        })
        .collect();
    for count in &counted.calls {
        if let Some(part) = parts.get_mut(count.part as usize) {
            part.outcomes.add(count.status, count.calls);
        }
    }
    for (part, times) in &counted.part_times {
        if let Some(part) = parts.get_mut(*part as usize) {
            part.times = *times;
        }
    }
    parts
}

fn actions(
    busiest: &[ActionId],
    mut tallies: HashMap<ActionId, Tally>,
    known: &[CalledAction],
    failures: &[(ActionId, u32, LastFailure)],
    counted: &Counted,
) -> Vec<ActionStatistics> {
    busiest
        .iter()
        .filter_map(|id| {
            let tally = tallies.remove(id)?;
            let action = known.iter().find(|one| one.id == *id && one.current)?;
            let times = counted.action_times.iter().find(|(of, _)| of == id);
            let failure = failures.iter().find(|(of, ..)| of == id);
            Some(ActionStatistics {
                id: *id,
                name: action.definition.name.clone(),
                display_name: action.definition.display_name.clone(),
                enabled: action.definition.enabled && !action.deleted,
                deleted: action.deleted,
                invocations: tally.outcomes.all(),
                success_rate: success_rate(tally.outcomes.succeeded, tally.ended),
                outcomes: tally.outcomes,
                times: times.map(|(_, times)| *times).unwrap_or_default(),
                slow: tally.slow,
                series: tally.series,
                last_failure: failure.map(|(_, _, failure)| failure.clone()),
            })
        })
        .collect()
}

fn endpoints(
    versions: &[((ActionId, u32), Outcomes)],
    known: &[CalledAction],
    failures: &[(ActionId, u32, LastFailure)],
) -> Vec<EndpointStatistics> {
    let hosts: HashMap<(ActionId, u32), &str> = known
        .iter()
        .map(|one| ((one.id, one.version), host_of(&one.definition.webhook_url)))
        .collect();
    let mut endpoints: BTreeMap<&str, EndpointStatistics> = BTreeMap::new();
    for (version, outcomes) in versions {
        let Some(host) = hosts.get(version) else {
            continue;
        };
        let endpoint = endpoints.entry(host).or_insert_with(|| EndpointStatistics {
            host: (*host).to_owned(),
            invocations: 0,
            failed: 0,
            unknown: 0,
            last_failure: None,
        });
        endpoint.invocations += outcomes.all();
        endpoint.failed += outcomes.failed;
        endpoint.unknown += outcomes.unknown;
        let newest = failures
            .iter()
            .find(|(id, of, _)| (*id, *of) == *version)
            .map(|(_, _, failure)| failure)
            .filter(|one| {
                endpoint
                    .last_failure
                    .as_ref()
                    .is_none_or(|last| last.at < one.at)
            });
        if let Some(newest) = newest {
            endpoint.last_failure = Some(newest.clone());
        }
    }
    let mut failing: Vec<EndpointStatistics> = endpoints
        .into_values()
        .filter(|one| one.failed + one.unknown > 0)
        .collect();
    failing.sort_by_key(|one| std::cmp::Reverse(one.failed + one.unknown));
    failing.truncate(ENDPOINTS);
    failing
}
