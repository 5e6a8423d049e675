import { expect, test } from 'vitest';
import { contrast, parseColor } from './contrast';

test('black on white is 21, a colour on itself 1', () => {
  expect(contrast('#000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#1f6feb', '#1F6FEB')).toBeCloseTo(1, 5);
});

test('the order does not matter', () => {
  expect(contrast('#ffffff', '#1f6feb')).toBe(contrast('#1f6feb', '#ffffff'));
});

test('what is no colour has no contrast', () => {
  expect(parseColor('blue')).toBeNull();
  expect(contrast('#12345', '#fff')).toBeNull();
});
