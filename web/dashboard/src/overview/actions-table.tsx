import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Statistics } from '../api/types';
import type { Period } from '../parts/period';
import { Sparkline } from '../parts/sparkline';
import { StatusBadge } from '../parts/status-badge';
import { duration } from '../parts/time';
import { countedBy, percent, SLOW_MS, tookAtLeast } from './links';
import classes from './overview.module.css';

type Row = Statistics['actions'][number];

/** The actions of the period, slow ones said to be slow. */
export function ActionsTable({ actions, period }: { actions: Row[]; period: Period }) {
  if (actions.length === 0) return <Text c="dimmed">No action was called.</Text>;
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label="Actions of the period">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col">Calls</th>
            <td />
            <th scope="col">Success</th>
            <th scope="col">Failed</th>
            <th scope="col">Unknown</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">Over 5 s</th>
            <th scope="col">Last failure</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => <One key={action.id} action={action} period={period} />)}
        </tbody>
      </table>
    </div>
  );
}

function One({ action, period }: { action: Row; period: Period }) {
  const search = (status?: string) => countedBy(period.value, { action: action.name, status });
  const took = (ms: number | null) => tookAtLeast(period.value, ms, { action: action.name });
  const last = action.last_failure;
  return (
    <tr>
      <th scope="row">
        <Anchor renderRoot={(props) => <Link to="/actions/$id" params={{ id: action.id }} {...props} />}>{action.display_name}</Anchor>
        {action.enabled ? null : <> <StatusBadge status="off" /></>}
      </th>
      <td><Count value={action.invocations} search={search()} /></td>
      <td><Sparkline values={action.series} width={72} height={20} /></td>
      <td><Rate rate={action.success_rate} search={search('succeeded')} /></td>
      <td><Count value={action.failed} search={search('failed')} /></td>
      <td><Count value={action.unknown} search={search('unknown')} /></td>
      <td><Took ms={action.p50_ms} search={took(action.p50_ms)} /></td>
      <td><Took ms={action.p95_ms} search={took(action.p95_ms)} /></td>
      <td><Slow calls={action.slow} search={countedBy(period.value, { action: action.name, slower_than_ms: String(SLOW_MS) })} /></td>
      <td>
        {last ? <Anchor renderRoot={(props) => <Link to="/invocations/$id" params={{ id: last.invocation_id }} {...props} />} title={last.message}>{last.code}</Anchor> : '–'}
      </td>
    </tr>
  );
}

/** A number that leads to what it counted; zero leads nowhere. */
export function Count({ value, search }: { value: number; search: Record<string, string> }) {
  if (value === 0) return <>0</>;
  return <Anchor renderRoot={(props) => <Link to="/invocations" search={search} {...props} />}>{value.toLocaleString()}</Anchor>;
}

function Rate({ rate, search }: { rate: number | null; search: Record<string, string> }) {
  if (rate === null) return <>–</>;
  return <Anchor renderRoot={(props) => <Link to="/invocations" search={search} {...props} />}>{percent(rate)}</Anchor>;
}

/** A percentile that leads to the calls that took no less. */
function Took({ ms, search }: { ms: number | null; search: Record<string, string> }) {
  if (ms === null) return <>{duration(ms)}</>;
  return <Anchor renderRoot={(props) => <Link to="/invocations" search={search} {...props} />}>{duration(ms)}</Anchor>;
}

function Slow({ calls, search }: { calls: number; search: Record<string, string> }) {
  if (calls === 0) return <>0</>;
  return <Link to="/invocations" search={search}><StatusBadge status="unknown" label={`${calls.toLocaleString()} slow`} /></Link>;
}
