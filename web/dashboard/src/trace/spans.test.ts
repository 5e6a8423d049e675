import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Provenance } from '../api/types';
import { marksIn, segments } from './spans';

describe('segments', () => {
  it('lights the words of a span', () => {
    expect(segments("It's ORD-12345.", [{ span: [5, 14], key: 'a' }])).toEqual([
      { text: "It's ", keys: [] },
      { text: 'ORD-12345', keys: ['a'] },
      { text: '.', keys: [] },
    ]);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(segments('😀😀 42', [{ span: [3, 5], key: 'a' }])[1]).toEqual({ text: '42', keys: ['a'] });
  });

  it('parts marks that overlap', () => {
    const marks = [
      { span: [0, 3] as [number, number], key: 'a' },
      { span: [2, 4] as [number, number], key: 'b' },
    ];
    expect(segments('abcd', marks).map((piece) => [piece.text, piece.keys.join()])).toEqual([
      ['ab', 'a'],
      ['c', 'a,b'],
      ['d', 'b'],
    ]);
  });

  it('passes over what lies outside the text', () => {
    expect(segments('ab', [{ span: [5, 9], key: 'a' }])).toEqual([{ text: 'ab', keys: [] }]);
    expect(segments('', [{ span: [0, 1], key: 'a' }])).toEqual([]);
  });

  it('never changes the text, whatever the marks', () => {
    const mark = fc.record({
      span: fc.tuple(fc.integer({ min: -3, max: 30 }), fc.integer({ min: -3, max: 30 })),
      key: fc.string(),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(mark), (text, marks) => {
        const pieces = segments(text, marks);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        expect(pieces.every((piece) => piece.text !== '')).toBe(true);
      }),
    );
  });
});

describe('marksIn', () => {
  const said: Provenance = {
    path: '/order_number',
    source: 'message',
    reference: 'msg_1',
    span: [5, 14],
    text: 'ORD-12345',
  };
  const values = [{ key: 'k', provenance: said }];

  it('finds the message by its id', () => {
    expect(marksIn({ id: 'msg_1', text: "It's ORD-12345" }, new Set(['msg_1']), values)).toHaveLength(1);
    expect(marksIn({ id: 'msg_2', text: "It's ORD-12345" }, new Set(['msg_1', 'msg_2']), values)).toEqual([]);
  });

  it('recognises a message without an id by its words', () => {
    expect(marksIn({ id: null, text: "It's ORD-12345" }, new Set(), values)).toHaveLength(1);
    expect(marksIn({ id: null, text: "It's ORD-99999" }, new Set(), values)).toEqual([]);
    expect(marksIn({ id: null, text: "It's ORD-12345" }, new Set(['msg_1']), values)).toEqual([]);
  });

  it('marks nothing for a value from elsewhere', () => {
    const contact: Provenance = { path: '/email', source: 'contact', reference: 'contact.email' };
    expect(marksIn({ id: 'msg_1', text: 'hello' }, new Set(), [{ key: 'k', provenance: contact }])).toEqual([]);
  });
});
