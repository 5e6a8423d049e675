/** The timings of an attempt, as the API gives them. */
export interface Timed {
  dns_ms: number | null;
  connect_ms: number | null;
  tls_ms: number | null;
  first_byte_ms: number | null;
  total_ms: number;
}

/** One stretch of an attempt. */
export interface Phase {
  name: string;
  ms: number;
  /** It did not take place, as on a connection used again. */
  reused: boolean;
}

/** The stretches of an attempt, in order; the last is whatever the named ones leave of the whole. */
export function phases(timings: Timed): Phase[] {
  const named: Phase[] = [
    phase('DNS', timings.dns_ms),
    phase('Connect', timings.connect_ms),
    phase('TLS', timings.tls_ms),
    phase('First byte', timings.first_byte_ms),
  ];
  const rest = timings.total_ms - named.reduce((sum, { ms }) => sum + ms, 0);
  return [...named, { name: 'Rest', ms: Math.max(0, rest), reused: false }];
}

function phase(name: string, ms: number | null): Phase {
  return { name, ms: ms ?? 0, reused: ms === null };
}
