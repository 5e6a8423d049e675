import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blank,
  bodyOf,
  changedFields,
  draftOf,
  localProblems,
  patchOf,
  rebased,
  type Definition,
  type Draft,
} from './draft';
import type { Json, JsonObject } from './json';
import { newRow } from './rows';

const order: Definition = {
  name: 'check_order_status',
  display_name: 'Check order status',
  description: 'Check an order. Use when the customer asks where it is.',
  webhook_url: 'https://api.example.com/deskhand/orders',
  parameters: { type: 'object', properties: { order_number: { type: 'string' } }, required: ['order_number'] },
  enabled: true,
  timeout_seconds: 10,
  headers: [
    { name: 'x-shop', value: '7' },
    { name: 'authorization', has_secret: true },
  ],
  effect: 'read',
  idempotent: false,
  confirmation: 'never',
  requires_verified_contact: false,
  long_running: false,
  result_fields: ['/status'],
  examples: ["Where's my order?"],
  mock_response: { success: true },
};

describe('a draft', () => {
  it('stands for the definition it was made from', () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, fc.array(fc.stringMatching(/^\S+$/)), (extra, mock, examples) => {
        const definition = {
          ...order,
          parameters: JSON.parse(JSON.stringify({ type: 'object', $comment: extra })) as JsonObject,
          mock_response: JSON.parse(JSON.stringify(mock)) as Json,
          examples,
          headers: [],
        };
        expect(bodyOf(draftOf(definition))).toEqual(definition);
      }),
    );
  });

  it('keeps a stored secret until it is replaced', () => {
    const draft = draftOf(order);
    expect(bodyOf(draft).headers).toEqual([{ name: 'x-shop', value: '7' }, { name: 'authorization' }]);
    const replaced: Draft = {
      ...draft,
      headers: draft.headers.map((header) => (header.stored ? { ...header, replace: true, text: 's' } : header)),
    };
    expect(patchOf(draft, replaced)).toEqual({
      headers: [
        { name: 'x-shop', value: '7' },
        { name: 'authorization', secret: 's' },
      ],
    });
  });

  it('patches only what has changed', () => {
    const draft = draftOf(order);
    expect(changedFields(draft, draftOf(order))).toEqual([]);
    expect(patchOf(draft, { ...draft, timeout_seconds: 5, examples: ["Where's my order?", ' '] })).toEqual({
      timeout_seconds: 5,
    });
  });

  it('takes the order of parameters for a change', () => {
    const two = draftOf({ ...order, parameters: { type: 'object', properties: { a: {}, b: {} } } });
    const turned = draftOf({ ...order, parameters: { type: 'object', properties: { b: {}, a: {} } } });
    expect(changedFields(two, turned)).toEqual(['parameters']);
  });

  it('holds what cannot be read, and says so', () => {
    const draft = { ...blank(), parameters: { view: 'json' as const, text: '{' }, mock_response: 'nope' };
    expect([...localProblems(draft).keys()]).toEqual(['parameters', 'mock_response']);
    expect(bodyOf(draft)).not.toHaveProperty('parameters');
    expect(changedFields(blank(), draft)).toEqual(['parameters', 'mock_response']);
  });

  it('names the row that has no name', () => {
    const draft = blank();
    if (draft.parameters.view !== 'rows') throw new Error('no rows');
    const row = newRow();
    draft.parameters.rows.rows.push(row);
    expect(localProblems(draft).get(`row:${row.key}`)).toBe('Give the parameter a name');
  });

  it('after a save is as stored, but for what was typed meanwhile', () => {
    const before = draftOf(order);
    const sent: Draft = {
      ...before,
      timeout_seconds: 5,
      headers: before.headers.map((header) => (header.stored ? { ...header, replace: true, text: 's' } : header)),
      parameters: { view: 'json', text: JSON.stringify(order.parameters) },
    };
    const stored = draftOf({ ...order, timeout_seconds: 5 });
    const now = rebased({ ...sent, description: 'More' }, sent, stored);
    expect(changedFields(stored, now)).toEqual(['description']);
    expect(now.parameters).toBe(sent.parameters);
    expect(now.headers.some((header) => header.replace)).toBe(false);
  });
});
