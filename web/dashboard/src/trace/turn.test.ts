import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallTrace, ModelTrace, TraceEntry, TurnEvent } from './events';
import { afterEvent, type CallStep, leaves, newTurn, stepsOf, totals, type TurnView, vouchedIn } from './turn';

const MODEL: ModelTrace = {
  n: 1,
  model: 'builtin',
  started_ms: 2,
  first_token_ms: null,
  duration_ms: 620,
  input_tokens: 700,
  output_tokens: 20,
  outcome: 'calls',
  error: null,
};
const CALL: CallTrace = {
  call_id: 'call_1',
  action: 'check_order_status',
  parameters: { order_number: 'ORD-12345' },
  verdict: 'run',
  invocation_id: 'inv_1',
  reason: null,
  code: null,
  fields: [],
  provenance: [
    { path: '/order_number', source: 'message', reference: 'msg_1', span: [5, 14], text: 'ORD-12345' },
  ],
};
const REFUSED: CallTrace = {
  ...CALL,
  verdict: 'refused',
  invocation_id: null,
  reason: 'needs_input',
  fields: [{ path: '/order_number', problem: 'not_given', message: 'The customer has not said it.' }],
  provenance: [],
};
const ATTEMPT = {
  invocation_id: 'inv_1',
  number: 1,
  url_host: 'api.example.com',
  status: 200,
  failure: null,
  timings: { dns_ms: 1, connect_ms: 1, tls_ms: 2, first_byte_ms: 30, total_ms: 35 },
};
const SUMMARY = {
  id: 'inv_1',
  action: 'check_order_status',
  parameters: { order_number: 'ORD-12345' },
  status: 'succeeded' as const,
  duration_ms: 41,
};
const STARTED = { ...SUMMARY, display_name: 'Check order status' };
const ANSWER = {
  conversation_id: 'conv_1',
  turn_id: 'turn_1',
  status: 'completed' as const,
  reply: 'It has shipped.',
  invocations: [SUMMARY],
};
const WHOLE: TurnEvent[] = [
  { event: 'turn.started', data: { conversation_id: 'conv_1', turn_id: 'turn_1' } },
  { event: 'trace.model', data: MODEL },
  { event: 'trace.call', data: CALL },
  { event: 'action.started', data: STARTED },
  { event: 'trace.attempt', data: ATTEMPT },
  { event: 'action.finished', data: SUMMARY },
  { event: 'trace.model', data: { ...MODEL, n: 2, outcome: 'reply' } },
  { event: 'message.delta', data: { text: 'It has ' } },
  { event: 'message.delta', data: { text: 'shipped.' } },
  { event: 'message.completed', data: ANSWER },
];

function run(events: TurnEvent[]): TurnView {
  return events.reduce(afterEvent, newTurn('t1', "It's ORD-12345"));
}

function calls(turn: TurnView): CallStep[] {
  return turn.steps.filter((step) => step.kind === 'call');
}

describe('afterEvent', () => {
  it('puts one call together from its parts', () => {
    const turn = run(WHOLE);
    expect(turn.steps.map((step) => step.kind)).toEqual(['model', 'call', 'model']);
    expect(calls(turn)[0]).toMatchObject({
      displayName: 'Check order status',
      decision: { verdict: 'run' },
      invocation: { status: 'succeeded', duration_ms: 41 },
      attempts: [{ number: 1 }],
    });
    expect(turn).toMatchObject({ id: 'turn_1', status: 'completed', reply: { text: 'It has shipped.' } });
    expect(totals(turn)).toEqual({ modelCalls: 2, calls: 1, tokens: 1440 });
    expect(vouchedIn(turn)[0]?.key).toBe('t1/c1/order_number');
  });

  it('shows the words as they come, and forgets them when told to', () => {
    expect(run(WHOLE.slice(0, 8)).reply.text).toBe('It has ');
    expect(run([...WHOLE.slice(0, 8), { event: 'message.reset', data: {} }]).reply.text).toBe('');
  });

  it('shows a refused call as a call of its own that has no run', () => {
    const turn = run([
      { event: 'trace.call', data: REFUSED },
      { event: 'trace.call', data: CALL },
      { event: 'action.finished', data: SUMMARY },
    ]);
    expect(calls(turn).map((step) => [step.decision?.verdict, step.invocation?.status])).toEqual([
      ['refused', undefined],
      ['run', 'succeeded'],
    ]);
  });

  it('shows a call that repeats another apart from the one that ran', () => {
    const turn = run([...WHOLE, { event: 'trace.call', data: { ...CALL, call_id: 'call_2', verdict: 'repeated' } }]);
    expect(calls(turn)).toHaveLength(2);
    expect(calls(turn)[1]).toMatchObject({ decision: { verdict: 'repeated' }, invocation: null, attempts: [] });
  });

  it('joins a decision that comes after the beginning', () => {
    const turn = run([
      { event: 'action.started', data: STARTED },
      { event: 'trace.call', data: CALL },
    ]);
    expect(calls(turn)).toHaveLength(1);
    expect(calls(turn)[0]?.decision?.verdict).toBe('run');
  });

  it('ends the same wherever it is cut and told again from the start', () => {
    fc.assert(
      fc.property(fc.nat(WHOLE.length), fc.nat(WHOLE.length), (first, second) => {
        const again = [...WHOLE.slice(0, first), ...WHOLE.slice(0, second), ...WHOLE];
        expect(run(again)).toEqual(run(WHOLE));
      }),
    );
  });

  it('gives every step a name of its own', () => {
    const event = fc.constantFrom(...WHOLE, { event: 'trace.call' as const, data: REFUSED });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const keys = run(events).steps.map((step) => step.key);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('stepsOf', () => {
  it('reads what is stored like what was streamed', () => {
    const stored: TraceEntry[] = [
      { kind: 'model', ...MODEL },
      { kind: 'call', ...CALL, call_id: 'call_1' },
      { kind: 'attempt', ...ATTEMPT },
      { kind: 'model', ...MODEL, n: 2, outcome: 'reply' },
    ];
    const streamed = run(WHOLE).steps.map((step) =>
      step.kind === 'call' ? { ...step, displayName: null } : step,
    );
    expect(stepsOf('t1', stored, [SUMMARY])).toMatchObject(streamed);
  });

  it('shows runs of which no decision is stored', () => {
    expect(stepsOf('t1', [], [SUMMARY])).toMatchObject([{ decision: null, invocation: { id: 'inv_1' } }]);
  });
});

describe('leaves', () => {
  it('lists nested values by their pointers', () => {
    const found = leaves({ a: { 'b/c': 1, d: [2, 3] }, e: [], f: null }, []);
    expect(found.map(({ path, value }) => [path, value])).toEqual([
      ['/a/b~1c', 1],
      ['/a/d/0', 2],
      ['/a/d/1', 3],
      ['/e', []],
      ['/f', null],
    ]);
  });

  it('shows a whole that has one origin as one', () => {
    const found = leaves({ a: { b: 1 } }, [{ path: '/a', source: 'contact', reference: 'contact.attributes.a' }]);
    expect(found).toMatchObject([{ path: '/a', value: { b: 1 } }]);
  });
});
