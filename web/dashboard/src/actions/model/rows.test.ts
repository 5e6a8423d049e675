import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, own, type Json, type JsonObject } from './json';
import {
  choicesOf,
  nameProblems,
  newRow,
  rowsOf,
  schemaOf,
  sourceOf,
  textOf,
  unshown,
  unshownAtRoot,
  withChoices,
  withKeyword,
  withSource,
  type Row,
  type Rows,
} from './rows';

function taken(schema: Json): Rows {
  const rows = rowsOf(schema);
  if ('jsonOnly' in rows) throw new Error(rows.jsonOnly);
  return rows;
}

const order: JsonObject = {
  type: 'object',
  properties: {
    order_number: { type: 'string', description: 'Order number (e.g., ORD-12345)', minLength: 3 },
    customer_email: { type: 'string', 'x-source': 'contact.email' },
  },
  required: ['order_number'],
  additionalProperties: false,
};

const name = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'order_number', '7', ''), fc.string());
const property = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<Json>,
  fc.record(
    {
      type: fc.oneof(fc.constantFrom('string', 'integer', 'nope'), fc.constant(['string', 'null'])),
      description: fc.string(),
      enum: fc.array(fc.oneof(fc.string(), fc.integer())),
      'x-source': fc.string(),
      const: fc.jsonValue(),
      items: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Json>,
);
const schema = fc
  .record(
    {
      $defs: fc.jsonValue(),
      required: fc.uniqueArray(name),
      type: fc.constantFrom('object', 'string'),
      properties: fc.dictionary(name, property),
      allOf: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

describe('a schema as rows', () => {
  it('comes back as it was, to the order of its keys', () => {
    fc.assert(
      fc.property(schema, (schema) => {
        expect(JSON.stringify(schemaOf(taken(schema)))).toBe(JSON.stringify(schema));
      }),
    );
  });

  it('comes back or says why it cannot, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (schema) => {
        const rows = rowsOf(schema);
        if (!('jsonOnly' in rows)) expect(JSON.stringify(schemaOf(rows))).toBe(JSON.stringify(schema));
      }),
    );
  });

  it('changes nothing but the keyword edited', () => {
    fc.assert(
      fc.property(
        schema,
        fc.nat(),
        fc.constantFrom('description', 'pattern', 'type'),
        fc.string(),
        (schema, n, keyword, text) => {
          const rows = taken(schema);
          const at = rows.rows.length === 0 ? -1 : n % rows.rows.length;
          const row = rows.rows[at];
          if (!row || !isObject(row.property)) return;
          rows.rows[at] = withKeyword(row, keyword, text);
          const back = schemaOf(rows);
          const properties = back.properties;
          if (!isObject(properties)) throw new Error('no properties');
          const edited = own(properties, row.name);
          if (!isObject(edited)) throw new Error('no property');
          expect(edited[keyword]).toBe(text);
          for (const key of Object.keys(row.property)) {
            if (key !== keyword) expect(edited[key]).toEqual(row.property[key]);
          }
          const others = (from: JsonObject) => Object.entries(from).filter(([key]) => key !== row.name);
          expect(others(properties)).toEqual(others(schema.properties as JsonObject));
        },
      ),
    );
  });

  it('keeps a renamed parameter in its place and required', () => {
    const rows = taken(order);
    const [first, second] = rows.rows as [Row, Row];
    const renamed = schemaOf({ ...rows, rows: [{ ...first, name: 'number' }, second] });
    expect(Object.keys(renamed.properties as JsonObject)).toEqual(['number', 'customer_email']);
    expect(renamed.required).toEqual(['number']);
  });

  it('takes a removed parameter out of required', () => {
    const rows = taken(order);
    expect(schemaOf({ ...rows, rows: rows.rows.slice(1) }).required).toEqual([]);
  });

  it('begins from nothing', () => {
    const rows = taken({ type: 'object' });
    const row = { ...newRow('order_number'), required: true };
    expect(schemaOf({ ...rows, rows: [row] })).toEqual({
      type: 'object',
      properties: { order_number: { type: 'string', description: '' } },
      required: ['order_number'],
    });
  });

  it('says what it cannot show', () => {
    const rows = taken({ ...order, required: ['order_number', 'ghost'] });
    expect(unshownAtRoot(rows)).toEqual(['additionalProperties', 'required: ghost']);
    expect(unshown(rows.rows[0] as Row)).toEqual(['minLength']);
    expect(unshown(rows.rows[1] as Row)).toEqual([]);
    expect(rowsOf({ properties: [] })).toEqual({ jsonOnly: '“properties” is not an object.' });
    expect(rowsOf({ required: ['a', 'a'] })).toHaveProperty('jsonOnly');
  });
});

describe('a row', () => {
  const row = (property: Json): Row => ({ key: 'r', name: 'p', required: false, property });

  it('shows choices only where that is no loss', () => {
    expect(choicesOf(row({ type: 'string', enum: ['a', 'b'] }))).toEqual({ texts: ['a', 'b'] });
    expect(choicesOf(row({ type: 'integer', enum: [1, 2] }))).toEqual({ texts: ['1', '2'] });
    expect(choicesOf(row({ enum: ['1', 1] }))).toBe('elsewhere');
    expect(choicesOf(row({ type: 'string', enum: [' a'] }))).toBe('elsewhere');
  });

  it('keeps choices over texts and back', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 1 }),
        (list) => {
          const before = row({ type: 'number', enum: list.map((n) => n + 0) });
          const choices = choicesOf(before);
          if (choices === 'elsewhere') return;
          expect(withChoices(before, choices.texts)).toEqual(before);
        },
      ),
    );
  });

  it('has one source at a time', () => {
    const before = row({ type: 'string', 'x-source': 'contact.email', description: 'd' });
    expect(sourceOf(before)).toBe('contact.email');
    const fixed = withSource(before, 'const');
    expect(sourceOf(fixed)).toBe('const');
    expect(fixed.property).toEqual({ type: 'string', description: 'd', const: '' });
    expect(withSource(fixed, 'customer').property).toEqual({ type: 'string', description: 'd' });
    expect(textOf(withSource(fixed, 'contact.id'), 'x-source')).toBe('contact.id');
  });

  it('needs a name of its own', () => {
    const rows = [newRow('a'), newRow('a'), newRow('')];
    expect([...nameProblems(rows).keys()]).toEqual([rows[1]?.key, rows[2]?.key]);
  });
});
