import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changes, folded, lines } from './diff';
import { type Definition } from './draft';

const base: Definition = {
  name: 'a',
  display_name: 'A',
  description: 'Check an order. Use when asked.',
  webhook_url: 'https://a.example/',
  parameters: { type: 'object', properties: { n: { type: 'string' } } },
  enabled: true,
  timeout_seconds: 30,
  headers: [{ name: 'authorization', has_secret: true }],
  effect: 'write',
  idempotent: false,
  confirmation: 'never',
  requires_verified_contact: false,
  long_running: false,
  result_fields: null,
  examples: [],
  mock_response: null,
};

describe('lines', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

  it('hold both sides in order', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const found = lines(before, after);
        const side = (without: string) => found.filter((line) => line.kind !== without).map((line) => line.text);
        expect(side('added')).toEqual(before);
        expect(side('removed')).toEqual(after);
      }),
    );
  });

  it('fold what did not change', () => {
    const long = Array.from({ length: 20 }, (_, i) => String(i));
    const shown = folded(lines(long, [...long.slice(0, 10), 'new', ...long.slice(10)]), 2);
    expect(shown[0]).toBe(8);
    expect(shown.at(-1)).toBe(8);
    expect(shown).toHaveLength(7);
    expect(folded(lines(long, long))).toEqual([20]);
  });
});

describe('changes', () => {
  it('are none between equals', () => {
    expect(changes(base, { ...base, headers: [{ name: 'authorization', has_secret: true, value: null }] })).toEqual([]);
  });

  it('are told field by field', () => {
    const after: Definition = {
      ...base,
      timeout_seconds: 5,
      enabled: false,
      description: 'Check an order. Use when the customer asks.',
    };
    expect(changes(base, after)).toEqual([
      {
        field: 'description',
        label: 'Description',
        shown: {
          lines: [
            { kind: 'same', text: 'Check an order.' },
            { kind: 'removed', text: 'Use when asked.' },
            { kind: 'added', text: 'Use when the customer asks.' },
          ],
        },
      },
      { field: 'enabled', label: 'Enabled', shown: { before: 'yes', after: 'no' } },
      { field: 'timeout_seconds', label: 'Timeout', shown: { before: '30 s', after: '5 s' } },
    ]);
  });

  it('see a new order of parameters', () => {
    const two = (...names: string[]) => ({
      ...base,
      parameters: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) },
    });
    expect(changes(two('a', 'b'), two('b', 'a'))).toHaveLength(1);
  });
});
