import { describe, expect, it } from 'vitest';
import { suggestions } from './suggestions';

describe('suggestions', () => {
  it('takes one of each action before the second of any', () => {
    const actions = [
      { enabled: true, examples: ['a1', 'a2', 'a3', 'a4'] },
      { enabled: true, examples: ['b1'] },
      { enabled: false, examples: ['off'] },
      { enabled: true, examples: [] },
    ];
    expect(suggestions(actions)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('is empty where nothing is given', () => {
    expect(suggestions([])).toEqual([]);
  });
});
