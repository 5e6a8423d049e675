import { describe, expect, it } from 'vitest';
import { countedBy, partOf, percent, tookAtLeast } from './links';

const PART = { succeeded: 0, declined: 0, failed: 0, unknown: 0, other: 0, p50_ms: null, p95_ms: null };

describe('links', () => {
  it('leave trials out, as the numbers do', () => {
    expect(countedBy('24h', { status: 'failed', action: undefined })).toEqual({ test: 'false', period: '24h', status: 'failed' });
  });

  it('hold the very call that a percentile is', () => {
    expect(tookAtLeast('7d', 812, { action: 'a' })).toEqual({ test: 'false', period: '7d', action: 'a', slower_than_ms: '811' });
    expect(tookAtLeast('7d', 0)).toEqual({ test: 'false', period: '7d' });
    expect(tookAtLeast('7d', null)).toEqual({ test: 'false', period: '7d' });
  });

  it('bound one part of the period', () => {
    const statistics = { from: 'a', to: 'c', series: [{ ...PART, at: 'a' }, { ...PART, at: 'b' }] };
    expect(partOf(statistics, 0)).toEqual({ test: 'false', from: 'a', to: 'b' });
    expect(partOf(statistics, 1)).toEqual({ test: 'false', from: 'b', to: 'c' });
  });
});

describe('percent', () => {
  it('says 100 % only where all went well', () => {
    expect(percent(0.9999)).toBe('99.9 %');
    expect(percent(1)).toBe('100 %');
    expect(percent(null)).toBe('–');
  });
});
