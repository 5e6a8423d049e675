import { beforeAll, expect, test, vi } from 'vitest';
import { ownAddress } from './enter';

beforeAll(() => {
  vi.stubGlobal('window', { location: { origin: 'https://desk.example' } });
});

test.each([
  ['/actions?q=1#top', '/actions?q=1#top'],
  ['https://desk.example/agents', '/agents'],
])('%s leads to %s', (from, to) => {
  expect(ownAddress(from)).toBe(to);
});

test.each([undefined, '', 'https://evil.example/', '//evil.example/x', '/\\evil.example', 'javascript:alert(1)', '/sign-in?from=/x'])('%s leads nowhere', (from) => {
  expect(ownAddress(from)).toBeUndefined();
});
