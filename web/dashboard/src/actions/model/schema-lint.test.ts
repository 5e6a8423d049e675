import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate, type Step } from './locate';
import { isObject, type Json } from './json';
import { schemaMarks } from './schema-lint';

describe('the place of a value', () => {
  it('is that of its key and itself', () => {
    const text = '{ "a" : [1, {"b\\"": "x"}] , "c":null}';
    const at = (path: Step[]) => {
      const range = locate(text, path);
      return range && text.slice(range.from, range.to);
    };
    expect(at(['a', 0])).toBe('1');
    expect(at(['a', 1, 'b"'])).toBe('"b\\"": "x"');
    expect(at(['c'])).toBe('"c":null');
    expect(at(['d'])).toBeUndefined();
  });

  it('is found for every path of every JSON, in any layout', () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<Json>, fc.constantFrom(0, 1, 3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        for (const [path, leaf] of paths(value, [])) {
          const range = locate(text, path);
          if (!range) throw new Error(`nothing at ${path.join('/')}`);
          const key = path.at(-1);
          const prefix = typeof key === 'string' ? new RegExp(`^${escape(JSON.stringify(key))}\\s*:`) : /^/;
          const rest = text.slice(range.from, range.to).replace(prefix, '');
          expect(JSON.parse(rest)).toEqual(JSON.parse(JSON.stringify(leaf)));
        }
      }),
    );
  });
});

function paths(value: Json, path: Step[]): [Step[], Json][] {
  const own: [Step[], Json] = [path, value];
  if (Array.isArray(value)) return [own, ...value.flatMap((item, i) => paths(item, [...path, i]))];
  if (isObject(value)) return [own, ...Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))];
  return [own];
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the marks of a schema', () => {
  const messages = (schema: Json) => schemaMarks(JSON.stringify(schema)).map(({ message }) => message);

  it('are none where nothing is wrong', () => {
    expect(
      messages({
        type: 'object',
        properties: { a: { type: ['string', 'null'], 'x-source': 'contact.id' } },
        required: ['a'],
      }),
    ).toEqual([]);
  });

  it('name what is wrong, at its place', () => {
    const text = '{"type":"object","properties":{"a":{"type":"text","descripton":"d"}},"required":["b"]}';
    const marks = schemaMarks(text);
    expect(marks.map(({ from, to }) => text.slice(from, to))).toEqual(['"b"', '"descripton":"d"', '"type":"text"']);
    expect(marks.find(({ message }) => message.includes('did you mean “description”'))).toBeDefined();
    expect(messages({ type: 'array' })).toHaveLength(1);
    expect(messages({ type: 'object', items: { 'x-source': 'contact.id' } })).toEqual([
      'Can only stand on a property at the top level.',
    ]);
  });

  it('never fail', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const { from, to } of schemaMarks(text)) expect(to).toBeGreaterThanOrEqual(from);
      }),
    );
  });
});
