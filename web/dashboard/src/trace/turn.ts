import type { InvocationSummary, Provenance } from '../api/types';
import type {
  AttemptTrace,
  CallTrace,
  ChatAnswer,
  ModelTrace,
  TraceEntry,
  TurnEvent,
  TurnStatus,
} from './events';
import type { Spoken, Vouched } from './spans';

/** One turn as it is shown: what was said, and what happened in between, in order. */
export interface TurnView {
  /** Stays the same for as long as the turn is shown. */
  key: string;
  /** Null until the server has named it. */
  id: string | null;
  message: Spoken;
  reply: Spoken;
  /** Who replied. */
  by: 'agent' | 'person';
  status: 'sending' | TurnStatus;
  steps: Step[];
  /** Why it was stopped, for the operator. */
  stop: { reason: string; detail: string | null } | null;
  duration_ms: number | null;
}

export type Step = ModelStep | CallStep;

/** One answer asked of a model. */
export interface ModelStep {
  kind: 'model';
  key: string;
  trace: ModelTrace;
}

/** One call that the model asked for, whatever became of it. */
export interface CallStep {
  kind: 'call';
  key: string;
  action: string;
  displayName: string | null;
  /** The decision; null where none was recorded. */
  decision: Omit<CallTrace, 'action'> | null;
  invocation: InvocationSummary | null;
  attempts: AttemptTrace[];
}

/** A message that has just been sent. */
export function newTurn(key: string, text: string): TurnView {
  return {
    key,
    id: null,
    message: { id: null, text },
    reply: { id: null, text: '' },
    by: 'agent',
    status: 'sending',
    steps: [],
    stop: null,
    duration_ms: null,
  };
}

/** The turn after one more event. Events of other turns and events told twice change nothing. */
export function afterEvent(turn: TurnView, event: TurnEvent): TurnView {
  switch (event.event) {
    case 'turn.started':
      // Told again after an interruption, it begins the words anew.
      return {
        ...turn,
        id: event.data.turn_id,
        status: turn.status === 'sending' ? 'running' : turn.status,
        reply: { ...turn.reply, text: isOver(turn) ? turn.reply.text : '' },
      };
    case 'message.delta':
      return { ...turn, reply: { ...turn.reply, text: turn.reply.text + event.data.text } };
    case 'message.reset':
      return { ...turn, reply: { ...turn.reply, text: '' } };
    case 'trace.model':
      return withModel(turn, event.data);
    case 'trace.call':
      return withDecision(turn, event.data);
    case 'trace.attempt':
      return withAttempt(turn, event.data);
    case 'action.started': {
      const { id, action, display_name, parameters } = event.data;
      const running = { id, action, parameters, status: 'sending' as const, duration_ms: null };
      return withRun(turn, running, (step) => ({
        ...step,
        displayName: display_name,
        // Told again after an interruption, a beginning does not undo an outcome.
        invocation: step.invocation ?? running,
      }));
    }
    case 'action.finished':
      return withRun(turn, event.data, (step) => ({ ...step, invocation: event.data }));
    case 'message.completed':
    case 'turn.failed':
      return withAnswer(turn, event.data);
  }
}

/** Steps out of what is stored with a turn. */
export function stepsOf(turnKey: string, entries: TraceEntry[], invocations: InvocationSummary[]): Step[] {
  let turn = newTurn(turnKey, '');
  for (const entry of entries) {
    if (entry.kind === 'model') turn = withModel(turn, entry);
    else if (entry.kind === 'call') turn = withDecision(turn, entry);
    else turn = withAttempt(turn, entry);
  }
  for (const invocation of invocations) {
    turn = withRun(turn, invocation, (step) => ({ ...step, invocation }));
  }
  return turn.steps;
}

/** Every value of the calls of a turn with where it came from, named for highlighting. */
export function vouchedIn(turn: TurnView): Vouched[] {
  return turn.steps.flatMap((step) =>
    step.kind === 'call' && step.decision
      ? step.decision.provenance.map((provenance) => ({ key: valueKey(step, provenance.path), provenance }))
      : [],
  );
}

/** Names one value of one call. */
export function valueKey(step: CallStep, path: string): string {
  return `${step.key}${path}`;
}

/** What a turn took, as far as it is known. */
export function totals(turn: TurnView): { modelCalls: number; calls: number; tokens: number | null } {
  const models = turn.steps.filter((step) => step.kind === 'model');
  const counted = models.filter(({ trace }) => trace.input_tokens !== null || trace.output_tokens !== null);
  return {
    modelCalls: models.length,
    calls: turn.steps.filter((step) => step.kind === 'call' && step.invocation !== null).length,
    tokens:
      counted.length === 0
        ? null
        : counted.reduce((sum, { trace }) => sum + (trace.input_tokens ?? 0) + (trace.output_tokens ?? 0), 0),
  };
}

/** Whether no message of the customer's began it: the agent or a person spoke by themselves. */
export function isUnasked(turn: TurnView): boolean {
  return turn.message.text === '' && isOver(turn);
}

/** Whether a turn has ended, well or not. */
export function isOver(turn: TurnView): boolean {
  return turn.status !== 'sending' && turn.status !== 'running';
}

/** Whether a call of a turn still has no outcome. */
export function isRunning(step: CallStep): boolean {
  const status = step.invocation?.status;
  return status === 'intended' || status === 'sending';
}

function withModel(turn: TurnView, trace: ModelTrace): TurnView {
  if (turn.steps.some((step) => step.kind === 'model' && step.trace.n === trace.n)) return turn;
  return { ...turn, steps: [...turn.steps, { kind: 'model', key: `${turn.key}/m${trace.n}`, trace }] };
}

function withDecision(turn: TurnView, { action, ...decision }: CallTrace): TurnView {
  const calls = turn.steps.filter((step) => step.kind === 'call');
  const told = calls.some(
    (step) => step.decision !== null && same(step.decision, decision) && step.action === action,
  );
  if (told) return turn;
  const becoming = becomes(decision);
  const begun = calls.find((step) => step.decision === null && becoming !== null && step.invocation?.id === becoming);
  if (begun) return replace(turn, { ...begun, decision });
  return { ...turn, steps: [...turn.steps, newCall(turn, action, { decision })] };
}

/** The invocation that a call has become; a repeated one only points at that of another call. */
function becomes(decision: Omit<CallTrace, 'action'> | null): string | null {
  return decision && decision.verdict !== 'repeated' ? decision.invocation_id : null;
}

/** A model repeats the ids of its calls from one answer to the next, so that the id alone says too little. */
function same(a: Omit<CallTrace, 'action'>, b: Omit<CallTrace, 'action'>): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function withAttempt(turn: TurnView, attempt: AttemptTrace): TurnView {
  const step = runOf(turn, attempt.invocation_id);
  if (!step || step.attempts.some((other) => other.number === attempt.number)) return turn;
  const attempts = [...step.attempts, attempt].sort((a, b) => a.number - b.number);
  return replace(turn, { ...step, attempts });
}

function withRun(turn: TurnView, run: InvocationSummary, change: (step: CallStep) => CallStep): TurnView {
  const step = runOf(turn, run.id);
  if (step) return replace(turn, change(step));
  return { ...turn, steps: [...turn.steps, change(newCall(turn, run.action, {}))] };
}

function withAnswer(turn: TurnView, answer: ChatAnswer): TurnView {
  let next = turn;
  for (const invocation of answer.invocations) {
    next = withRun(next, invocation, (step) => ({ ...step, invocation }));
  }
  return {
    ...next,
    id: answer.turn_id,
    status: answer.status,
    reply: { ...next.reply, text: answer.reply },
  };
}

/** The step in which an invocation runs: not one that only repeats its outcome. */
function runOf(turn: TurnView, invocation: string): CallStep | undefined {
  return turn.steps
    .filter((step) => step.kind === 'call')
    .find((step) => step.invocation?.id === invocation || becomes(step.decision) === invocation);
}

function newCall(turn: TurnView, action: string, parts: Partial<CallStep>): CallStep {
  return {
    kind: 'call',
    key: `${turn.key}/c${turn.steps.length}`,
    action,
    displayName: null,
    decision: null,
    invocation: null,
    attempts: [],
    ...parts,
  };
}

function replace(turn: TurnView, changed: Step): TurnView {
  return { ...turn, steps: turn.steps.map((step) => (step.key === changed.key ? changed : step)) };
}

/** The parameters of a call with their provenance, leaf by leaf where it is known. */
export function valuesOf(step: CallStep): { path: string; value: unknown; provenance: Provenance | null }[] {
  return leaves(step.decision?.parameters ?? step.invocation?.parameters ?? {}, step.decision?.provenance ?? []);
}

/** Every leaf of some parameters beside the entry that says where it came from. */
export function leaves(
  parameters: unknown,
  provenance: Provenance[],
  path = '',
): { path: string; value: unknown; provenance: Provenance | null }[] {
  const known = provenance.find((entry) => entry.path === path) ?? null;
  const nested = typeof parameters === 'object' && parameters !== null ? Object.entries(parameters) : [];
  const deeper = provenance.some((entry) => entry.path.startsWith(`${path}/`));
  // A whole that has one origin is shown as one, as is what has nothing inside.
  if (path !== '' && (nested.length === 0 || (known !== null && !deeper))) {
    return [{ path, value: parameters, provenance: known }];
  }
  return nested.flatMap(([name, value]) =>
    leaves(value, provenance, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
