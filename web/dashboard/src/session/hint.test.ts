import { beforeEach, expect, test, vi } from 'vitest';
import { mayBeSignedIn, rememberSession } from './hint';

let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  const localStorage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  };
  vi.stubGlobal('window', { localStorage });
});

test('nobody is signed in where nobody has signed in', () => {
  expect(mayBeSignedIn()).toBe(false);
});

test('a session is remembered until it ends', () => {
  rememberSession(true);
  expect(mayBeSignedIn()).toBe(true);
  rememberSession(false);
  expect(mayBeSignedIn()).toBe(false);
});

test('where storage is refused, the server is asked', () => {
  vi.stubGlobal('window', { get localStorage(): Storage { throw new Error('refused'); } });
  rememberSession(true);
  expect(mayBeSignedIn()).toBe(true);
});
