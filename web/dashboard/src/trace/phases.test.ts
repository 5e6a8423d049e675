import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phases } from './phases';

describe('phases', () => {
  it('names what took place and what is left', () => {
    const parts = phases({ dns_ms: 3, connect_ms: 4, tls_ms: null, first_byte_ms: 18, total_ms: 35 });
    expect(parts.map(({ phase, ms }) => [phase, ms])).toEqual([['dns', 3], ['connect', 4], ['wait', 18], ['rest', 10]]);
  });

  it('shows something for a request that got nowhere', () => {
    expect(phases({ dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, total_ms: 0 })).toHaveLength(1);
  });

  it('leaves no phase without a width', () => {
    const ms = fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }));
    const total = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(ms, ms, ms, ms, total, (dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms) => {
        const parts = phases({ dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms });
        expect(parts.every(({ share }) => share > 0)).toBe(true);
      }),
    );
  });
});
