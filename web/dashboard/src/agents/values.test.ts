import { describe, expect, test } from 'vitest';
import type { Agent } from '../api/types';
import { EMPTY, changesOf, valuesOf } from './values';

const agent: Agent = {
  id: 'agt_1', name: 'Shop assistant', instructions: 'Be kind.\n', model: 'openai::gpt-4o', fallback_model: null,
  fallback_message: null, fallback_contact: 'help@shop.example', daily_token_budget: 1000, handoff: true,
  created_at: '2026-11-23T12:00:00Z', updated_at: '2026-11-23T12:00:00Z',
};

describe('an agent and its form', () => {
  test('what was read is sent back unchanged', () => {
    const { id: _id, created_at: _created, updated_at: _updated, ...written } = agent;
    expect(changesOf(valuesOf(agent))).toEqual(written);
  });

  test('an empty text stands for none, and blanks around a name are dropped', () => {
    expect(changesOf({ ...EMPTY, name: '  Shop  ', model: ' ' })).toEqual({
      name: 'Shop', instructions: '', model: null, fallback_model: null, fallback_message: null, fallback_contact: null, daily_token_budget: null, handoff: false,
    });
  });
});
