import { describe, expect, it } from 'vitest';
import type { Delivery } from '../api/types';
import { ALL, CHOICES, deliverySentence, stateOf, typesWords } from './words';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const SENT: Delivery = {
  id: 'dlv_1', endpoint_id: 'ep_1', event_id: 'evt_1', type: 'invocation.succeeded', status: 'pending', attempts_made: 0,
  next_attempt_at: '2026-11-23T12:00:00Z', http_status: null, last_error: null, created_at: '2026-11-23T12:00:00Z', finished_at: null,
};

describe('types', () => {
  it('are offered once each', () => {
    expect(new Set(CHOICES.flatMap(({ types }) => types.map(({ type }) => type))).size).toBe(ALL);
  });

  it.each([
    [null, 'All events'],
    [[], 'No events'],
    [['conversation.started'], 'conversation.started'],
    [['conversation.started', 'conversation.message'], 'conversation.started, conversation.message'],
    [['conversation.started', 'conversation.message', 'handoff.requested'], 'conversation.started and 2 more'],
  ] as const)('%j', (types, words) => {
    expect(typesWords(types === null ? null : [...types])).toBe(words);
  });
});

it('an endpoint that the server switched off is not merely paused', () => {
  const disabled = { reason: 'gone' as const, detail: '', at: SENT.created_at };
  expect(stateOf({ enabled: true, disabled: null })).toBe('on');
  expect(stateOf({ enabled: false, disabled: null })).toBe('paused');
  expect(stateOf({ enabled: false, disabled })).toBe('disabled');
});

describe('a delivery', () => {
  it.each([
    [{}, 'It has not been sent yet. It is about to be sent.'],
    [{ status: 'delivered', attempts_made: 1, http_status: 204 }, 'The endpoint took it and answered 204.'],
    [{ attempts_made: 1, http_status: 500, next_attempt_at: '2026-11-23T12:05:00Z' }, '1 attempt failed. It answered 500. The next attempt is due in 5 minutes.'],
    [{ status: 'failed', attempts_made: 10, last_error: 'No answer came.', next_attempt_at: null }, 'It was given up after 10 attempts. No answer came.'],
  ] as const)('%j', (more, sentence) => {
    expect(deliverySentence({ ...SENT, ...more }, NOW)).toBe(sentence);
  });
});
