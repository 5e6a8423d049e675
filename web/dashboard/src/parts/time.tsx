import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];
// "yesterday" says enough; "last month" does not.
const NAMED_DAYS = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const COUNTED = new Intl.RelativeTimeFormat(undefined, { numeric: 'always' });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** "5 minutes ago", "in 3 days", "just now". */
export function relative(at: string | Date, now: number = Date.now()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) {
      const format = unit === 'day' ? NAMED_DAYS : COUNTED;
      return format.format(Math.trunc(seconds / length), unit);
    }
  }
  // A clock that runs a little behind the server's is no reason to speak of the future.
  return seconds > 10 ? 'in a moment' : 'just now';
}

/** The exact time in the viewer's zone and locale. */
export function exact(at: string | Date): string {
  return EXACT.format(new Date(at));
}

/** A time as people say it, with the exact one on hover and on focus. */
export function RelativeTime({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  useTick();
  if (!at) return <>{never}</>;
  return (
    <Tooltip label={exact(at)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>{relative(at)}</time>
    </Tooltip>
  );
}

/** 41 ms, 1.2 s, 2 min 5 s; a dash where there is none. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return '<1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** A duration in tabular figures. */
export function Duration({ ms }: { ms: number | null | undefined }) {
  return <span className="dh-number" style={{ whiteSpace: 'nowrap' }}>{duration(ms)}</span>;
}

/** Renders anew twice a minute, so that what is relative stays true. */
function useTick(): void {
  const [, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((ticks) => ticks + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
}
