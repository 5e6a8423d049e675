import { describe, expect, it } from 'vitest';
import { modelGiven } from './again';

describe('modelGiven', () => {
  it('leaves out what the server fills in', () => {
    const schema = {
      properties: { order: { type: 'string' }, email: { 'x-source': 'contact.email' }, channel: { const: 'chat' }, odd: true },
    };
    expect(modelGiven(schema, { order: 'ORD-1', email: 'a@b.example', channel: 'chat', odd: 1 })).toEqual({
      given: { order: 'ORD-1', odd: 1 },
      needsContact: true,
    });
  });

  it('keeps everything where nothing is filled in', () => {
    expect(modelGiven({}, { a: 1 })).toEqual({ given: { a: 1 }, needsContact: false });
  });
});
