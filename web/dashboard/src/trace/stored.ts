import type { ConversationView, Invocation, Message } from '../api/types';
import type { CallStep, Step, TurnView } from './turn';
import { stepsOf } from './turn';

/** A conversation as its owner reads it. */
export type StoredConversation = ConversationView;

/** The turns of a stored conversation. `keys` keeps the names of turns that are shown already. */
export function turnsOf(conversation: StoredConversation, keys: ReadonlyMap<string, string> = new Map()): TurnView[] {
  const said = new Map<string, Message[]>();
  for (const message of conversation.messages) {
    said.set(message.turn_id, [...(said.get(message.turn_id) ?? []), message]);
  }
  return conversation.turns.map((turn) => {
    const messages = said.get(turn.id) ?? [];
    const asked = messages.find(({ role }) => role === 'customer');
    const reply = messages.findLast(({ role }) => role !== 'customer');
    const runs = conversation.invocations.filter(({ turn_id }) => turn_id === turn.id);
    const key = keys.get(turn.id) ?? turn.id;
    return {
      key,
      id: turn.id,
      message: { id: asked?.id ?? null, text: asked?.text ?? '' },
      reply: { id: reply?.id ?? null, text: reply?.text ?? '' },
      by: reply?.role === 'person' ? 'person' : 'agent',
      status: turn.status,
      steps: stepsOf(key, turn.trace ?? [], runs).map((step) => withStored(step, runs)),
      stop: turn.stop_reason ? { reason: turn.stop_reason, detail: turn.stop_detail } : null,
      duration_ms: turn.finished_at ? Date.parse(turn.finished_at) - Date.parse(turn.started_at) : null,
    };
  });
}

/** Where no decision was traced, the invocation itself says what was sent and where it came from. */
function withStored(step: Step, runs: Invocation[]): Step {
  if (step.kind !== 'call' || !step.invocation) return step;
  const run = runs.find(({ id }) => id === step.invocation?.id);
  if (!run || step.decision) return step;
  return { ...step, decision: decisionOf(run) };
}

function decisionOf(run: Invocation): NonNullable<CallStep['decision']> {
  return {
    call_id: run.call_id,
    parameters: run.parameters,
    verdict: 'run',
    invocation_id: run.id,
    reason: null,
    code: null,
    fields: [],
    provenance: run.provenance,
  };
}
