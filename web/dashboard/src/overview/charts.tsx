import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { useNavigate } from '@tanstack/react-router';
import type { Statistics } from '../api/types';
import type { Period } from '../parts/period';
import { duration } from '../parts/time';
import { partLabel, partOf, SLOW_MS } from './links';

type Props = { statistics: Statistics; period: Period };

const HEIGHT = 240;

const OUTCOMES = [
  { name: 'succeeded', label: 'Succeeded', color: 'var(--dh-green)' },
  { name: 'declined', label: 'Declined', color: 'var(--dh-grey)' },
  { name: 'unknown', label: 'Unknown', color: 'var(--dh-amber)' },
  { name: 'failed', label: 'Failed', color: 'var(--dh-red)' },
  { name: 'other', label: 'Under way or called off', color: 'var(--mantine-color-gray-4)' },
];

/** How many calls ended how, part by part. */
export function OutcomesChart({ statistics, period }: Props) {
  const navigate = useNavigate();
  const data = statistics.series.map((part) => ({ ...part, label: partLabel(part.at, period.hours) }));
  const seen = OUTCOMES.filter(({ name }) => data.some((part) => Number(part[name as keyof typeof part]) > 0));
  return (
    <BarChart
      h={HEIGHT}
      data={data}
      dataKey="label"
      type="stacked"
      withLegend
      series={seen.length > 0 ? seen : OUTCOMES.slice(0, 1)}
      tickLine="none"
      gridAxis="x"
      yAxisProps={{ allowDecimals: false, width: 36 }}
      barProps={{
        isAnimationActive: false,
        cursor: 'pointer',
        onClick: (_bar, at) => void navigate({ to: '/invocations', search: partOf(statistics, at) }),
      }}
    />
  );
}

/** How long calls took, part by part, with the line from which customers notice. */
export function TimesChart({ statistics, period }: Props) {
  const data = statistics.series.map(({ at, p50_ms, p95_ms }) => ({ label: partLabel(at, period.hours), p50_ms, p95_ms }));
  const longest = Math.max(0, ...data.map(({ p95_ms }) => p95_ms ?? 0));
  return (
    <LineChart
      h={HEIGHT}
      data={data}
      dataKey="label"
      withLegend
      connectNulls
      curveType="linear"
      tickLine="none"
      gridAxis="x"
      series={[
        { name: 'p95_ms', label: 'p95', color: 'accent' },
        { name: 'p50_ms', label: 'p50', color: 'var(--dh-grey)' },
      ]}
      lineProps={{ isAnimationActive: false }}
      valueFormatter={(value) => (value === 0 ? '0' : duration(value))}
      yAxisProps={{ width: 56 }}
      // Drawn only where the scale reaches it: else it would press everything flat.
      referenceLines={longest > SLOW_MS / 2 ? [{ y: SLOW_MS, label: '5 s', color: 'var(--dh-amber)' }] : []}
    />
  );
}
