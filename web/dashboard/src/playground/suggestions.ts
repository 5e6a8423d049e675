import type { Action } from '../api/types';

const MOST = 4;

/** Things to begin with: the owner's own examples, one of each action before the second of any. */
export function suggestions(actions: Pick<Action, 'examples' | 'enabled'>[]): string[] {
  const offered = actions.filter(({ enabled, examples }) => enabled && examples.length > 0);
  const rounds = Math.max(0, ...offered.map(({ examples }) => examples.length));
  const found = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { examples } of offered) {
      const example = examples[round];
      if (example !== undefined) found.add(example);
    }
  }
  return [...found].slice(0, MOST);
}
