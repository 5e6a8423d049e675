import { describe, expect, it } from 'vitest';
import type { Invocation } from '../api/types';
import { type StoredConversation, turnsOf } from './stored';

const AT = '2026-11-23T10:00:00Z';
const INVOCATION: Invocation = {
  id: 'inv_1', agent_id: 'agt_1', conversation_id: 'conv_1', turn_id: 'turn_1', action_id: 'act_1', action: 'check_order_status',
  action_version: 1, parameters: { order_number: 'ORD-1' }, call_id: 'call_1', test: false, status: 'succeeded', failure: null,
  provenance: [{ path: '/order_number', source: 'message', reference: 'msg_1', span: [0, 5], text: 'ORD-1' }],
  result: null, error: null, warnings: [], created_at: AT, sent_at: AT, finished_at: AT, duration_ms: 41, progress: null, expires_at: null, settlement: null,
};
const CONVERSATION = {
  id: 'conv_1', agent_id: 'agt_1', created_at: AT, updated_at: AT, mode: 'live',
  contact: { id: null, name: null, email: null, phone: null, timezone: null, locale: null, attributes: {} },
  messages: [
    { id: 'msg_1', turn_id: 'turn_1', role: 'customer', text: 'ORD-1', created_at: AT },
    { id: 'msg_2', turn_id: 'turn_1', role: 'agent', text: 'Shipped.', created_at: AT },
    { id: 'msg_3', turn_id: 'turn_2', role: 'customer', text: 'Thanks', created_at: AT },
  ],
  turns: [
    { id: 'turn_1', conversation_id: 'conv_1', status: 'completed', stop_reason: null, stop_detail: null, model_calls: 2, usage: null, started_at: AT, finished_at: '2026-11-23T10:00:01.340Z' },
    { id: 'turn_2', conversation_id: 'conv_1', status: 'running', stop_reason: null, stop_detail: null, model_calls: 0, usage: null, started_at: AT, finished_at: null },
  ],
  invocations: [INVOCATION],
} as unknown as StoredConversation;

describe('turnsOf', () => {
  it('puts messages, runs and times to their turns', () => {
    const [first, second] = turnsOf(CONVERSATION);
    expect(first).toMatchObject({
      message: { id: 'msg_1' }, reply: { text: 'Shipped.' }, duration_ms: 1340,
      steps: [{ kind: 'call', invocation: { id: 'inv_1' }, decision: { verdict: 'run', provenance: [{ text: 'ORD-1' }] } }],
    });
    expect(second).toMatchObject({ status: 'running', reply: { text: '' }, steps: [], duration_ms: null });
  });

  it('shows what was said unasked, and by whom', () => {
    const turn = { ...CONVERSATION.turns[0]!, id: 'turn_3', about_invocation_id: 'inv_1' };
    const message = { id: 'msg_4', turn_id: 'turn_3', role: 'person' as const, text: 'I have looked into it.', created_at: AT };
    const [said] = turnsOf({ ...CONVERSATION, messages: [message], turns: [turn], invocations: [] });
    expect(said).toMatchObject({ by: 'person', message: { id: null, text: '' }, reply: { text: 'I have looked into it.' } });
  });

  it('keeps the names of turns that are shown already', () => {
    expect(turnsOf(CONVERSATION, new Map([['turn_1', 'sent-1']])).map((turn) => turn.key)).toEqual(['sent-1', 'turn_2']);
  });
});
