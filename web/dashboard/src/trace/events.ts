/** What happens in a turn, as the stream of a chat and of a conversation tells it with `trace=true`. */
import type { Attempt, InvocationSummary, Provenance, Timings, TurnRecord } from '../api/types';

export type TurnStatus = TurnRecord['status'];
export type FailureNote = NonNullable<Attempt['failure']>;

/** The answer to a message: the data of the last event of a turn. */
export interface ChatAnswer {
  conversation_id: string;
  turn_id: string;
  status: TurnStatus;
  reply: string;
  invocations: InvocationSummary[];
}

/** A model call has ended. */
export interface ModelTrace {
  /** 1 for the first of its turn. */
  n: number;
  model: string;
  /** After the start of the turn. */
  started_ms: number;
  first_token_ms: number | null;
  duration_ms: number;
  input_tokens: number | null;
  output_tokens: number | null;
  outcome: 'reply' | 'calls' | 'error';
  error: string | null;
}

export type Verdict = 'run' | 'refused' | 'repeated' | 'unknown_action' | 'bad_json';

/** It has been decided what becomes of a call that the model asked for. */
export interface CallTrace {
  call_id: string | null;
  action: string;
  parameters: unknown;
  verdict: Verdict;
  invocation_id: string | null;
  /** Why it was not run, for its owner. */
  reason: string | null;
  /** The code of the failure that it was recorded as, if it was refused and recorded. */
  code: string | null;
  /** Parameters that kept it from being run. */
  fields: { path: string; problem: 'missing' | 'not_given' | 'invalid'; message: string }[];
  provenance: Provenance[];
}

/** An HTTP request has ended. */
export interface AttemptTrace {
  invocation_id: string;
  number: number;
  url_host: string;
  status: number | null;
  failure: FailureNote | null;
  timings: Timings;
}

/** What is kept of a turn, in order. */
export type TraceEntry =
  | ({ kind: 'model' } & ModelTrace)
  | ({ kind: 'call' } & CallTrace)
  | ({ kind: 'attempt' } & AttemptTrace);

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
