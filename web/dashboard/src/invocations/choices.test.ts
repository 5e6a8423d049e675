import { expect, test } from 'vitest';
import { lengths } from './choices';

test('a length from the overview can be seen and lifted', () => {
  expect(lengths(undefined).map(({ label }) => label)).toEqual(['Over 1 s', 'Over 5 s', 'Over 10 s']);
  expect(lengths('811')[0]).toEqual({ value: '811', label: 'Over 811 ms' });
  expect(lengths('5000')).toHaveLength(3);
  expect(lengths('nonsense')).toHaveLength(3);
});
