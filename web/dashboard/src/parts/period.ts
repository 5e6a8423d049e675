/** A stretch of time that ends now. */
export type Period = { value: string; label: string; short: string; hours: number; buckets: number };

/** The periods one can choose. */
export const PERIODS: Period[] = [
  { value: '1h', label: 'Last hour', short: '1 hour', hours: 1, buckets: 30 },
  { value: '24h', label: 'Last 24 hours', short: '24 hours', hours: 24, buckets: 24 },
  { value: '7d', label: 'Last 7 days', short: '7 days', hours: 7 * 24, buckets: 28 },
  { value: '30d', label: 'Last 30 days', short: '30 days', hours: 30 * 24, buckets: 30 },
];

const DAY = PERIODS[1] as Period;

/** The period of that name; the last 24 hours for any other. */
export function periodOf(value: string | undefined): Period {
  return PERIODS.find((period) => period.value === value) ?? DAY;
}

/** Its two ends. */
export function ends(period: Period, now: number): { from: string; to: string } {
  return { from: new Date(now - period.hours * 3_600_000).toISOString(), to: new Date(now).toISOString() };
}

/** What a list asks the server for: an exact `from` and `to` as they stand, or a named period up to now. */
export function between(filters: { period?: string; from?: string; to?: string }, now: number): { from?: string; to?: string } {
  if (filters.from || filters.to) return { from: filters.from, to: filters.to };
  const period = PERIODS.find(({ value }) => value === filters.period);
  return period ? { from: ends(period, now).from } : {};
}
