import { expect, test } from 'vitest';
import { duration, relative } from './time';

test.each([
  [null, '–'], [0.4, '<1 ms'], [41, '41 ms'], [999, '999 ms'], [1240, '1.2 s'], [12_400, '12 s'], [60_000, '1 min'], [125_000, '2 min 5 s'],
])('%s ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

const NOW = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['2026-11-23T11:59:58Z', 'just now'],
  ['2026-11-23T11:55:00Z', '5 minutes ago'],
  ['2026-11-22T11:00:00Z', 'yesterday'],
  ['2026-10-01T12:00:00Z', '1 month ago'],
  ['2026-11-26T13:00:00Z', 'in 3 days'],
])('%s is %s', (at, text) => {
  expect(relative(at, NOW)).toBe(text);
});
