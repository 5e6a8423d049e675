import { expect, test } from 'vitest';
import { readOrigin } from './origins';

const good: [string, string][] = [
  ['https://shop.example', 'https://shop.example'],
  ['shop.example', 'https://shop.example'],
  [' https://Shop.Example/cart?x=1#y ', 'https://shop.example'],
  ['https://shop.example:443', 'https://shop.example'],
  ['https://shop.example:8443', 'https://shop.example:8443'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://127.0.0.1:5173/', 'http://127.0.0.1:5173'],
];

test.each(good)('%s is %s', (typed, origin) => {
  expect(readOrigin(typed)).toEqual({ origin });
});

test.each(['', 'http://shop.example', 'ftp://shop.example', 'https://', 'https://u:p@shop.example', 'https://*.shop.example'])('%s is refused', (typed) => {
  expect(readOrigin(typed)).toHaveProperty('fault');
});
