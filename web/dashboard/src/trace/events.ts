/** What happens in a turn, as the stream of a chat and of a conversation tells it with `trace=true`. */
import type { components } from '../api/schema';
import type { InvocationSummary, TurnRecord } from '../api/types';

export type TurnStatus = TurnRecord['status'];

/** The answer to a message: the data of the last event of a turn. */
export interface ChatAnswer {
  conversation_id: string;
  turn_id: string;
  status: TurnStatus;
  reply: string;
  invocations: InvocationSummary[];
}

/** What is kept of a turn, in order. */
export type TraceEntry = components['schemas']['TraceEntry'];

/** A model call has ended. */
export type ModelTrace = Omit<Extract<TraceEntry, { kind: 'model' }>, 'kind'>;

/** It has been decided what becomes of a call that the model asked for. */
export type CallTrace = Omit<Extract<TraceEntry, { kind: 'call' }>, 'kind' | 'call_id'> & {
  /** Null for a decision that is read off its invocation. */
  call_id: string | null;
};

/** An HTTP request has ended. */
export type AttemptTrace = Omit<Extract<TraceEntry, { kind: 'attempt' }>, 'kind'>;

export type Verdict = CallTrace['verdict'];

/** Every event of a turn by its name on the wire. */
export type TurnEvent =
  | { event: 'turn.started'; data: { conversation_id: string; turn_id: string } }
  | { event: 'message.delta'; data: { text: string } }
  | { event: 'message.reset'; data: Record<string, never> }
  | {
      event: 'action.started';
      data: { id: string; action: string; display_name: string; parameters: Record<string, unknown> };
    }
  | { event: 'action.finished'; data: InvocationSummary }
  | { event: 'message.completed'; data: ChatAnswer }
  | { event: 'turn.failed'; data: ChatAnswer }
  | { event: 'trace.model'; data: ModelTrace }
  | { event: 'trace.call'; data: CallTrace }
  | { event: 'trace.attempt'; data: AttemptTrace };

const NAMES: ReadonlySet<string> = new Set<TurnEvent['event']>([
  'turn.started',
  'message.delta',
  'message.reset',
  'action.started',
  'action.finished',
  'message.completed',
  'turn.failed',
  'trace.model',
  'trace.call',
  'trace.attempt',
]);

/** Puts types on an event of the stream; null for one that a newer server may send. */
export function turnEvent(name: string, data: string): TurnEvent | null {
  if (!NAMES.has(name)) return null;
  // The server's own JSON, of the shapes that openapi.json gives for these names.
  return { event: name, data: JSON.parse(data) } as TurnEvent;
}

/** Whether it is the last of its turn. */
export function isLast(event: TurnEvent): boolean {
  return event.event === 'message.completed' || event.event === 'turn.failed';
}
