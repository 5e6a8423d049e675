import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './json';
import { formOf, parametersOf, sampleOf, typedFrom } from './test-form';

const schema: JsonObject = {
  type: 'object',
  properties: {
    order_number: { type: 'string', description: 'Order number to look up (e.g., ORD-12345)' },
    day: { type: 'string', format: 'date' },
    count: { type: 'integer', minimum: 2 },
    gift: { type: 'boolean' },
    size: { enum: ['s', 7, null] },
    address: { type: 'object' },
    email: { type: 'string', 'x-source': 'contact.email' },
    origin: { const: 'chat' },
  },
  required: ['order_number', 'count', 'email'],
};

describe('the form of a schema', () => {
  const form = formOf(schema);

  it('asks for what a model would give, and names what the server fills in', () => {
    expect(form.fields.map((field) => [field.name, field.asked.kind, field.required])).toEqual([
      ['order_number', 'text', true],
      ['day', 'text', false],
      ['count', 'number', true],
      ['gift', 'boolean', false],
      ['size', 'choice', false],
      ['address', 'json', false],
    ]);
    expect(form.filled).toEqual([
      { name: 'email', from: { contact: 'contact.email' } },
      { name: 'origin', from: { value: 'chat' } },
    ]);
    expect(form.fields[0]?.example).toBe('ORD-12345');
  });

  it('makes values of the right type, and leaves out what is empty', () => {
    const typed = { order_number: 'ORD-1', count: '3', gift: 'false', size: '1', address: '{"zip":"1"}', day: '' };
    expect(parametersOf(form, typed)).toEqual({
      parameters: { order_number: 'ORD-1', count: 3, gift: false, size: 7, address: { zip: '1' } },
      problems: new Map(),
    });
  });

  it('says what cannot be read', () => {
    const { problems } = parametersOf(form, { count: 'three', address: '{' });
    expect([...problems.keys()]).toEqual(['count', 'address']);
  });

  it('comes back from parameters', () => {
    const parameters = fc.record(
      {
        order_number: fc.string({ minLength: 1 }),
        count: fc.integer(),
        gift: fc.boolean(),
        size: fc.constantFrom<Json>('s', 7, null),
        address: fc.jsonValue() as fc.Arbitrary<Json>,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(parameters, (given) => {
        const plain = JSON.parse(JSON.stringify(given)) as JsonObject;
        expect(parametersOf(form, typedFrom(form, plain)).parameters).toEqual(plain);
      }),
    );
  });

  it('has a sample for the preview', () => {
    expect(sampleOf(form)).toEqual({ order_number: 'ORD-12345', count: 2 });
  });

  it('never fails on an odd schema', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>), (properties) => {
        const form = formOf({ type: 'object', properties, required: 7 });
        sampleOf(form);
        parametersOf(form, {});
      }),
    );
  });
});
