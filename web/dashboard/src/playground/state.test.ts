import { describe, expect, it } from 'vitest';
import type { StoredConversation } from '../trace/stored';
import { type Change, EMPTY, isBusy, reduce, shown } from './state';

const SENT: Change = { type: 'sent', key: 'k1', text: 'Where is it?' };
const STARTED: Change = {
  type: 'told', key: 'k1', event: { event: 'turn.started', data: { conversation_id: 'conv_1', turn_id: 'turn_1' } },
};
const DONE: Change = {
  type: 'told', key: 'k1',
  event: { event: 'message.completed', data: { conversation_id: 'conv_1', turn_id: 'turn_1', status: 'completed', reply: 'Shipped.', invocations: [] } },
};
const STORED = {
  id: 'conv_1',
  messages: [{ id: 'msg_1', turn_id: 'turn_1', role: 'customer', text: 'Where is it?' }, { id: 'msg_2', turn_id: 'turn_1', role: 'agent', text: 'Shipped.' }],
  turns: [{ id: 'turn_1', status: 'completed', stop_reason: null, started_at: '2026-11-23T10:00:00Z', finished_at: '2026-11-23T10:00:01Z' }],
  invocations: [],
} as unknown as StoredConversation;

function run(...changes: Change[]) {
  return changes.reduce(reduce, EMPTY);
}

describe('reduce', () => {
  it('is busy from the message to the answer', () => {
    expect(isBusy(run(SENT))).toBe(true);
    expect(isBusy(run(SENT, STARTED))).toBe(true);
    expect(isBusy(run(SENT, STARTED, DONE))).toBe(false);
    expect(run(SENT, STARTED).conversation).toBe('conv_1');
  });

  it('gives a message that was not taken back to its writer', () => {
    const state = run(SENT, { type: 'refused', key: 'k1', problem: 'no' });
    expect(state).toMatchObject({ turns: [], refused: { text: 'Where is it?', problem: 'no' } });
    expect(run(SENT, { type: 'refused', key: 'k1', problem: 'no' }, SENT).refused).toBeNull();
  });

  it('keeps a turn that had begun when the connection was lost', () => {
    const state = run(SENT, STARTED, { type: 'refused', key: 'k1', problem: 'gone' });
    expect(state.turns).toMatchObject([{ id: 'turn_1', status: 'failed' }]);
    expect(state.refused?.text).toBe('');
  });

  it('takes over what is stored without changing the name of a turn', () => {
    const state = run(SENT, STARTED, DONE, { type: 'stored', conversation: STORED });
    expect(state.turns).toMatchObject([{ key: 'k1', message: { id: 'msg_1' }, reply: { id: 'msg_2' }, duration_ms: 1000 }]);
  });

  it('keeps a message sent while the server was asked', () => {
    const state = run(SENT, STARTED, DONE, { type: 'sent', key: 'k2', text: 'And now?' }, { type: 'stored', conversation: STORED });
    expect(state.turns.map(({ key }) => key)).toEqual(['k1', 'k2']);
  });

  it('counts a replay down as its messages are sent, and drops it when one is refused', () => {
    const replay: Change = { type: 'queued', texts: ['Where is it?', 'Thanks'] };
    expect(run(replay, SENT).waiting).toEqual(['Thanks']);
    expect(run(replay, SENT, { type: 'refused', key: 'k1', problem: 'no' }).waiting).toEqual([]);
  });
});

describe('shown', () => {
  const followUp = {
    ...STORED,
    messages: [...STORED.messages, { id: 'msg_3', turn_id: 'turn_2', role: 'agent', text: 'It is done.' }],
    turns: [...STORED.turns, { ...STORED.turns[0], id: 'turn_2' }],
  } as unknown as StoredConversation;
  const { turns } = run(SENT, STARTED, DONE, { type: 'stored', conversation: followUp });

  it('stays at the last answer when something is said without a question', () => {
    expect(turns).toHaveLength(2);
    expect(shown(turns, null)?.id).toBe('turn_1');
    expect(shown(turns, 'gone')?.id).toBe('turn_1');
  });

  it('is the chosen one, and the last one where nobody asked', () => {
    expect(shown(turns, turns[1]?.key ?? '')?.id).toBe('turn_2');
    expect(shown(turns.slice(1), null)?.id).toBe('turn_2');
    expect(shown([], null)).toBeUndefined();
  });
});
