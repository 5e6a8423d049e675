import { describe, expect, it } from 'vitest';
import { bodyOf, type Definition } from './draft';
import { duplicated, exported, imported } from './transfer';

const order: Definition = {
  name: 'check_order_status',
  display_name: 'Check order status',
  description: 'Check an order.',
  webhook_url: 'https://api.example.com/orders',
  parameters: { type: 'object', properties: { order_number: { type: 'string', minLength: 3 } } },
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
  examples: ['Where is it?'],
  mock_response: { success: true },
};

describe('a file', () => {
  it('brings the action back, all but its secrets', () => {
    const read = imported(exported(order));
    if ('problem' in read) throw new Error(read.problem);
    expect(bodyOf(read.draft)).toEqual({
      ...order,
      headers: [
        { name: 'x-shop', value: '7' },
        { name: 'authorization', secret: '' },
      ],
    });
    expect(read.remarks).toEqual(['The secret of the header authorization is not in the file. Enter it again.']);
  });

  it('may hold the five fields that are needed, or an answer of the API', () => {
    const read = imported(
      '{"id":"act_1","name":"a","description":"d","effect":"maybe","colour":1,"result_fields":null}',
    );
    if ('problem' in read) throw new Error(read.problem);
    expect(read.draft.name).toBe('a');
    expect(read.draft.effect).toBe('write');
    expect(read.remarks).toHaveLength(2);
  });

  it('that is no action is refused in words', () => {
    expect(imported('[]')).toEqual({ problem: 'The file holds no action: it must be a JSON object.' });
    expect(imported('{')).toHaveProperty('problem');
  });
});

describe('a copy', () => {
  it('has a free name and is off', () => {
    const { draft, remarks } = duplicated(order, ['check_order_status', 'check_order_status_copy']);
    expect(draft.name).toBe('check_order_status_copy_2');
    expect(draft.enabled).toBe(false);
    expect(remarks[0]).toContain('stays with the original');
  });
});
