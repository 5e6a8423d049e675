import { describe, expect, it } from 'vitest';
import type { InvocationWithAttempts } from '../api/types';
import { timeline, unknowns } from './timeline';

const AT = '2026-11-23T10:00:00Z';
const TIMINGS = { dns_ms: 1, connect_ms: 1, tls_ms: 1, first_byte_ms: 30, total_ms: 41 };
const REQUEST = { url: 'https://api.example.com/', headers: [], body: '{}' };
const RAN: InvocationWithAttempts = {
  id: 'inv_1', agent_id: 'agt_1', conversation_id: 'conv_1', turn_id: 'turn_1', action_id: 'act_1', action: 'check', action_version: 1,
  parameters: { order: 'ORD-1' }, provenance: [{ path: '/order', source: 'message' }], call_id: 'c', test: false, status: 'succeeded',
  failure: null, result: null, error: null, warnings: [], created_at: AT, sent_at: AT, finished_at: AT, duration_ms: 41, progress: null, expires_at: null, settlement: null,
  attempts: [
    { id: 'att_1', number: 1, started_at: AT, request: REQUEST, response: { status: 200, headers: [], body: '', body_truncated: false }, timings: TIMINGS, failure: null },
  ],
};
const LOST: InvocationWithAttempts = {
  ...RAN,
  status: 'unknown',
  failure: { code: 'timeout', message: 'No complete response within 30 s.' },
  attempts: [{ ...RAN.attempts[0]!, response: null, failure: { code: 'timeout', message: 'No complete response within 30 s.' } }],
};

function titles(invocation: InvocationWithAttempts): string[] {
  return timeline(invocation).map(({ title }) => title);
}

describe('timeline', () => {
  it('goes from the decision to the outcome', () => {
    expect(titles(RAN)).toEqual(['Decided', 'Checked', 'Intended', 'Attempt 1', 'Outcome']);
  });

  it('ends with the refusal where nothing was to leave', () => {
    const refused = { ...RAN, status: 'failed' as const, sent_at: null, attempts: [], failure: { code: 'not_verified' as const, message: 'The contact is not verified.' } };
    expect(titles(refused)).toEqual(['Decided', 'Refused', 'Outcome']);
    expect(timeline(refused)[1]).toMatchObject({ tone: 'red', text: 'The contact is not verified.' });
  });

  it('does not colour an unknown outcome as a failure', () => {
    expect(timeline(LOST).map(({ tone }) => tone)).not.toContain('red');
  });

  it('says that there is no outcome yet while it runs', () => {
    const running = { ...RAN, status: 'sending' as const, finished_at: null, attempts: [] };
    expect(titles(running)).toEqual(['Decided', 'Checked', 'Intended', 'Sending', 'Outcome']);
    expect(timeline(running).at(-1)?.text).toBe('None yet.');
  });
});

describe('timeline of work that goes on', () => {
  const accepted = { ...RAN, status: 'accepted' as const, finished_at: null, expires_at: '2026-11-24T10:00:00Z' };

  it('waits until the callback expires', () => {
    expect(titles(accepted).slice(-2)).toEqual(['Accepted', 'Waiting']);
    expect(timeline(accepted).at(-1)?.text).toMatch(/taken until .*2026/);
  });

  it('shows what was reported on the way, then the outcome at its own time', () => {
    const at = '2026-11-23T11:00:00Z';
    const done = {
      ...accepted, status: 'completed' as const, finished_at: AT,
      progress: { text: 'Half of it', at: AT }, settlement: { by: 'callback' as const, note: null, at },
    };
    expect(titles(done).slice(-3)).toEqual(['Accepted', 'Progress', 'Outcome']);
    expect(timeline(done).at(-2)?.text).toContain('Half of it');
    expect(timeline(done).at(-1)).toMatchObject({ at, tone: 'green', text: 'Your system reported that it is done.' });
  });

  it('says that nobody reported', () => {
    const expired = { ...accepted, status: 'expired' as const, settlement: { by: 'expiry' as const, note: null, at: AT } };
    expect(titles(expired).slice(-2)).toEqual(['Accepted', 'Expired']);
  });

  it('says who settled it, not the endpoint', () => {
    const settled = { ...LOST, status: 'succeeded' as const, settlement: { by: 'operator' as const, note: 'Seen in the ledger', at: AT } };
    expect(titles(settled).slice(-2)).toEqual(['Unknown', 'Settled by hand']);
    expect(timeline(settled).at(-1)?.text).toMatch(/^Somebody of your workspace found/);
  });
});

describe('unknowns', () => {
  it('says what is known and what is not', () => {
    const { known, open } = unknowns(LOST);
    expect(known).toContain('No complete response within 30 s.');
    expect(open).toHaveLength(2);
  });
});
