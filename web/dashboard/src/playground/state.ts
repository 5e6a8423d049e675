import type { TurnEvent } from '../trace/events';
import { type StoredConversation, turnsOf } from '../trace/stored';
import { afterEvent, isOver, isUnasked, newTurn, type TurnView } from '../trace/turn';

/** What is shown in a playground. */
export type State = {
  /** Null until the first message has been taken. */
  conversation: string | null;
  turns: TurnView[];
  /** Why the last message was not taken, and its text, to be sent again. */
  refused: { problem: unknown; text: string } | null;
  /** Messages still to be sent again. */
  waiting: string[];
};

/** What can happen to it. */
export type Change =
  | { type: 'sent'; key: string; text: string }
  | { type: 'told'; key: string; event: TurnEvent }
  | { type: 'refused'; key: string; problem: unknown }
  | { type: 'stored'; conversation: StoredConversation }
  | { type: 'queued'; texts: string[] }
  | { type: 'begun' };

/** A playground in which nothing has been said. */
export const EMPTY: State = { conversation: null, turns: [], refused: null, waiting: [] };

/** The playground after a change. */
export function reduce(state: State, change: Change): State {
  switch (change.type) {
    case 'begun':
      return EMPTY;
    case 'queued':
      return { ...EMPTY, waiting: change.texts };
    case 'sent': {
      const waiting = state.waiting[0] === change.text ? state.waiting.slice(1) : state.waiting;
      return { ...state, refused: null, waiting, turns: [...state.turns, newTurn(change.key, change.text)] };
    }
    case 'told':
      return {
        ...state,
        conversation: change.event.event === 'turn.started' ? change.event.data.conversation_id : state.conversation,
        turns: state.turns.map((turn) => (turn.key === change.key ? afterEvent(turn, change.event) : turn)),
      };
    case 'refused':
      return refuse(state, change.key, change.problem);
    case 'stored': {
      const keys = new Map(state.turns.flatMap(({ id, key }) => (id === null ? [] : [[id, key] as const])));
      const stored = turnsOf(change.conversation, keys);
      // A message sent since the server was asked is not in its answer yet.
      const newer = state.turns.filter((turn) => !stored.some(({ key }) => key === turn.key) && !isOver(turn));
      return { ...state, conversation: change.conversation.id, turns: [...keepNames(stored, state.turns), ...newer] };
    }
  }
}

/** Whether an answer is under way. */
export function isBusy(state: State): boolean {
  return state.turns.some((turn) => !isOver(turn));
}

/** What the customer has said, in order. */
export function customerMessages(state: State): string[] {
  return state.turns.filter((turn) => !isUnasked(turn)).map(({ message }) => message.text);
}

/** A message that was never taken goes back to its writer; of one that was, the turn stays and stops. */
function refuse(state: State, key: string, problem: unknown): State {
  const turn = state.turns.find((other) => other.key === key);
  if (!turn) return state;
  const turns =
    turn.id === null
      ? state.turns.filter((other) => other.key !== key)
      : state.turns.map((other) => (other.key === key ? { ...other, status: 'failed' as const } : other));
  return { ...state, turns, waiting: [], refused: { problem, text: turn.id === null ? turn.message.text : '' } };
}

/** What only the stream tells: the display names of actions. */
function keepNames(stored: TurnView[], shown: TurnView[]): TurnView[] {
  const names = new Map<string, string>();
  for (const turn of shown) {
    for (const step of turn.steps) if (step.kind === 'call' && step.displayName) names.set(step.action, step.displayName);
  }
  return stored.map((turn) => ({
    ...turn,
    steps: turn.steps.map((step) =>
      step.kind === 'call' ? { ...step, displayName: step.displayName ?? names.get(step.action) ?? null } : step,
    ),
  }));
}

/** The turn whose steps are shown: the chosen one, else the last that answers somebody. What is said without a question has none. */
export function shown(turns: TurnView[], chosen: string | null): TurnView | undefined {
  return turns.find(({ key }) => key === chosen) ?? turns.findLast((turn) => !isUnasked(turn)) ?? turns.at(-1);
}
