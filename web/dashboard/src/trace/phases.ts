import type { Timings } from '../api/types';

/** A stretch of a request. */
export type Phase = { phase: 'dns' | 'connect' | 'tls' | 'wait' | 'rest'; label: string; ms: number; share: number };

/** The phases that took place, in order, and what is left of the total. Shares are above 0. */
export function phases(timings: Timings): Phase[] {
  const { dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms } = timings;
  const known: [Phase['phase'], string, number | null][] = [
    ['dns', 'DNS', dns_ms],
    ['connect', 'connect', connect_ms],
    ['tls', 'TLS', tls_ms],
    ['wait', 'first byte', first_byte_ms],
  ];
  const taken = known.filter((entry): entry is [Phase['phase'], string, number] => entry[2] !== null);
  const rest = Math.max(0, total_ms - taken.reduce((sum, [, , ms]) => sum + ms, 0));
  // Under half a millisecond there is nothing worth naming, unless it is all there is.
  const all = rest >= 0.5 || taken.length === 0 ? [...taken, ['rest', first_byte_ms === null ? 'waiting' : 'rest', rest] as const] : taken;
  const least = Math.max(total_ms, 1) / 100;
  return all.map(([phase, label, ms]) => ({ phase, label, ms, share: Math.max(ms, least) }));
}
