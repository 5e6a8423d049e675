import { describe, expect, it } from 'vitest';
import { between, ends, periodOf } from './period';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('periods', () => {
  it('end now', () => {
    expect(ends(periodOf('1h'), NOW)).toEqual({ from: '2026-11-23T11:00:00.000Z', to: '2026-11-23T12:00:00.000Z' });
  });

  it('are the last 24 hours unless said otherwise', () => {
    expect(periodOf(undefined).value).toBe('24h');
    expect(periodOf('nonsense').value).toBe('24h');
  });

  it('bound a list only where one is chosen, and yield to exact ends', () => {
    expect(between({}, NOW)).toEqual({});
    expect(between({ period: '7d' }, NOW)).toEqual({ from: '2026-11-16T12:00:00.000Z' });
    expect(between({ period: '7d', from: 'a', to: 'b' }, NOW)).toEqual({ from: 'a', to: 'b' });
  });
});
