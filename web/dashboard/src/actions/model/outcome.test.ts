import { describe, expect, it } from 'vitest';
import { displayNameFor, nameFrom } from './names';
import { outcome } from './outcome';
import { rulesOf, patternProblem } from './rules';

describe('what came of a test call', () => {
  it('is said for every status', () => {
    const statuses = ['succeeded', 'completed', 'declined', 'failed', 'unknown', 'accepted', 'sending'];
    for (const status of statuses) expect(outcome({ status }).says).not.toBe('');
  });

  it("gives the endpoint's own words, and asks for the secret after a 401", () => {
    expect(outcome({ status: 'declined', error: 'Order not found' }).says).toContain('“Order not found”');
    const refused = { code: 'http_error', message: 'The endpoint answered 401.', http_status: 401 };
    expect(outcome({ status: 'failed', failure: refused }).says).toContain('signing secret');
  });
});

describe('names', () => {
  it('are written the way names are', () => {
    expect(nameFrom('Check Order-status')).toBe('check_order_status');
    expect(displayNameFor('check_order_status')).toBe('Check order status');
  });
});

describe("a parameter's rules", () => {
  it('are told in a few words', () => {
    const row = (property: { [key: string]: string | string[] }) => ({
      key: 'r',
      name: 'p',
      required: false,
      property,
    });
    expect(rulesOf(row({ type: 'string', enum: ['a', 'b'], pattern: '^x' }))).toEqual(['one of a, b', 'matches ^x']);
    expect(rulesOf(row({ 'x-source': 'contact.id', 'x-grounding': 'free' }))).toEqual([
      'from contact.id',
      'the agent may write it',
    ]);
    expect(rulesOf(row({ const: 'chat' }))).toEqual(['always "chat"']);
  });

  it('say what is wrong with a pattern', () => {
    expect(patternProblem('^ORD')).toBeUndefined();
    expect(patternProblem('(')).toContain('Not a pattern');
  });
});
