import { SimpleGrid } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Statistics } from '../api/types';
import type { Period } from '../parts/period';
import { duration } from '../parts/time';
import { countedBy, percent, tookAtLeast } from './links';
import classes from './overview.module.css';

type Figure = { label: string; value: string; note?: string; to: '/invocations' | '/conversations'; search: Record<string, string>; tone?: 'red' | 'amber' };

/** The sums of the period, each a way to what it counted. */
export function Figures({ statistics, period }: { statistics: Statistics; period: Period }) {
  const { totals } = statistics;
  const calls = (status?: string) => countedBy(period.value, { status });
  const talk = (status?: string) => ({ period: period.value, mode: 'live', ...(status ? { status } : {}) });
  const tokens = totals.input_tokens + totals.output_tokens;
  const figures: Figure[] = [
    { label: 'Conversations', value: totals.conversations.toLocaleString(), note: `${totals.turns.toLocaleString()} messages answered`, to: '/conversations', search: talk() },
    { label: 'Calls', value: totals.invocations.toLocaleString(), note: `${totals.declined.toLocaleString()} declined`, to: '/invocations', search: calls() },
    { label: 'Success rate', value: percent(totals.success_rate), note: `${totals.succeeded.toLocaleString()} succeeded`, to: '/invocations', search: calls('succeeded') },
    { label: 'Failed', value: totals.failed.toLocaleString(), to: '/invocations', search: calls('failed'), tone: totals.failed > 0 ? 'red' : undefined },
    { label: 'Unknown', value: totals.unknown.toLocaleString(), note: totals.unknown > 0 ? 'Look into each' : undefined, to: '/invocations', search: calls('unknown'), tone: totals.unknown > 0 ? 'amber' : undefined },
    { label: 'p50', value: duration(totals.p50_ms), note: 'half of the calls', to: '/invocations', search: tookAtLeast(period.value, totals.p50_ms) },
    { label: 'p95', value: duration(totals.p95_ms), note: '95 % of the calls', to: '/invocations', search: tookAtLeast(period.value, totals.p95_ms) },
    { label: 'Tokens', value: compact(tokens), note: `${compact(totals.input_tokens)} in, ${compact(totals.output_tokens)} out`, to: '/conversations', search: talk() },
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      {figures.map(({ label, value, note, to, search, tone }) => (
        <Link key={label} to={to} search={search} className={classes.figure} data-tone={tone}>
          <span className={classes.label}>{label}</span>
          <span className={classes.value}>{value}</span>
          <span className={classes.note}>{note ?? '\u00a0'}</span>
        </Link>
      ))}
    </SimpleGrid>
  );
}

const COMPACT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

function compact(number: number): string {
  return COMPACT.format(number);
}
