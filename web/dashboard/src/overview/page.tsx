import { Button, SegmentedControl, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { statisticsQuery } from '../api/log-queries';
import type { Statistics } from '../api/types';
import { EmptyState } from '../parts/empty-state';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { ends, type Period, periodOf, PERIODS } from '../parts/period';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { ActionsTable } from './actions-table';
import { EndpointsTable } from './endpoints-table';
import { Figures } from './figures';
import { Unanswered } from './unanswered';

// The charts weigh more than the rest of the page, which need not wait for them.
const OutcomesChart = lazy(() => import('./charts').then(({ OutcomesChart: it }) => ({ default: it })));
const TimesChart = lazy(() => import('./charts').then(({ TimesChart: it }) => ({ default: it })));
const CHART_HEIGHT = 240;

/** How it has gone over a period: what was done, what was not, what was slow. */
export function Page() {
  const [filters, setFilter] = useFilters();
  const period = periodOf(filters.period);
  const query = useQuery({
    ...statisticsQuery(period.value, () => ({ ...ends(period, Date.now()), buckets: period.buckets })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="Overview" about="Live traffic only: calls from tests and playgrounds are not counted.">
        <SegmentedControl
          size="xs"
          aria-label="Period"
          value={period.value}
          onChange={(value) => setFilter('period', value)}
          data={PERIODS.map(({ value, short }) => ({ value, label: short }))}
        />
      </PageHead>
      {query.error && !query.data ? <ProblemAlert error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <Waiting /> : null}
      {query.data ? <Shown statistics={query.data} period={period} /> : null}
    </>
  );
}

function Shown({ statistics, period }: { statistics: Statistics; period: Period }) {
  const { totals } = statistics;
  if (totals.turns === 0 && totals.invocations === 0) return <Quiet period={period} />;
  return (
    <Stack gap="lg">
      <Figures statistics={statistics} period={period} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="Calls by outcome" about="Select a bar to open its calls.">
          <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}><OutcomesChart statistics={statistics} period={period} /></Suspense>
        </Section>
        <Section title="How long calls took" about="Half of the calls took no longer than p50, 95 % no longer than p95. Customers notice from 5 s on.">
          <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}><TimesChart statistics={statistics} period={period} /></Suspense>
        </Section>
      </SimpleGrid>
      <Section title="Actions"><ActionsTable actions={statistics.actions} period={period} /></Section>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="Failing endpoints" about="Hosts with calls that failed or whose outcome is unknown, the worst first.">
          <EndpointsTable endpoints={statistics.endpoints} period={period} />
        </Section>
        <Section title="Unanswered questions" about="Turns that ended without an answer of the model, or in which no call went through.">
          <Unanswered turns={statistics.unanswered} />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}

function Quiet({ period }: { period: Period }) {
  return (
    <EmptyState
      icon={<IconChartBar size={28} stroke={1.5} />}
      title={`Nothing has happened in the ${period.label.toLowerCase()}`}
      actions={
        <>
          <Button component={Link} to="/agents">Open an agent</Button>
          <Button component={Link} to="/actions" variant="default">See the actions</Button>
        </>
      }
    >
      As customers write, this page shows how many calls your agents made, how they ended, how long they took, and what stayed
      unanswered. Put the widget on your site, or send a message through the API. Playgrounds and tests are not counted.
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap="lg" aria-busy="true" aria-label="Loading">
      <SimpleGrid cols={{ base: 2, sm: 4 }}>{Array.from({ length: 8 }, (_, at) => <Skeleton key={at} height={76} />)}</SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }}><Skeleton height={300} /><Skeleton height={300} /></SimpleGrid>
    </Stack>
  );
}
