import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inAddress, keepOnlyText } from './filters';

test('addresses stay readable', () => {
  expect(inAddress.write({ status: 'failed', q: '12', none: undefined, empty: '' })).toBe('?status=failed&q=12');
  expect(inAddress.write({})).toBe('');
});

test('what is written is read back', () => {
  const texts = fc.dictionary(fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'), fc.string({ minLength: 1, unit: 'grapheme' }));
  fc.assert(fc.property(texts, (filters) => {
    expect(inAddress.parse(inAddress.write(filters))).toEqual({ ...filters });
  }));
});

test('what is no text is dropped', () => {
  expect(keepOnlyText({ a: 'x', b: 3, c: true, d: null, e: ['y'], f: { g: 1 } })).toEqual({ a: 'x', b: '3', c: 'true' });
});
