import type { Statistics } from '../api/types';

/** From here on a call is slow: customers notice. */
export const SLOW_MS = 5_000;

/** The filters under which a list shows what a number counted. Trials are not counted, so they are left out. */
export function countedBy(period: string, filters: Record<string, string | undefined> = {}): Record<string, string> {
  const all: Record<string, string | undefined> = { test: 'false', period, ...filters };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The filters for the calls that took at least as long as a percentile says: never an empty list. */
export function tookAtLeast(period: string, ms: number | null, filters: Record<string, string | undefined> = {}): Record<string, string> {
  const slower = ms !== null && ms > 0 ? String(ms - 1) : undefined;
  return countedBy(period, { ...filters, slower_than_ms: slower });
}

/** The filters for one part of the period: from its start to the next one's. */
export function partOf(statistics: Pick<Statistics, 'from' | 'to' | 'series'>, at: number): Record<string, string> {
  const from = statistics.series[at]?.at ?? statistics.from;
  const to = statistics.series[at + 1]?.at ?? statistics.to;
  return { test: 'false', from, to };
}

/** "Mon 14:00" for a part of a day or a week, "23 Nov" for a part of a month. */
export function partLabel(at: string, hours: number): string {
  const format =
    hours <= 24
      ? new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
      : hours <= 7 * 24
        ? new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' })
        : new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
  return format.format(new Date(at));
}

/** 97.4 %, 100 %; a dash where nothing has ended. Rounded down, so that 100 % means all. */
export function percent(rate: number | null): string {
  if (rate === null) return '–';
  return `${Math.floor(rate * 1000 + 1e-9) / 10} %`;
}
