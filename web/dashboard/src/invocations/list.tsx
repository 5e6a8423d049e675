import { IconBolt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { invocations } from '../api/log-queries';
import { actionsQuery, agentName, agentsQuery } from '../api/queries';
import type { Invocation } from '../api/types';
import { noticesQuery } from '../notices/queries';
import { type Column, DataTable, type Filter } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { ExactPeriod } from '../parts/exact-period';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { usePages } from '../parts/pages';
import { between, PERIODS } from '../parts/period';
import { StatusBadge } from '../parts/status-badge';
import { Duration, RelativeTime } from '../parts/time';
import { Views } from '../parts/views';
import { FAILURES, lengths, STATUSES } from './choices';
import classes from './invocations.module.css';
import { parametersLine } from './line';

/** Every call that was decided on, newest first. */
export function Page() {
  const [filters] = useFilters();
  const agents = useQuery(agentsQuery);
  const actions = useQuery(actionsQuery);
  const waiting = useQuery(noticesQuery).data?.data.find(({ code }) => code === 'unsettled_invocations')?.count;
  const { agent_id, conversation_id, action, status, failure_code, test, q, slower_than_ms, host, period, from, to } = filters;
  const asked = { agent_id, conversation_id, action, status, failure_code, test, q, slower_than_ms, host };
  const list = usePages(['invocations', 'list', { ...asked, period, from, to }], (cursor) =>
    invocations({ ...asked, ...between({ period, from, to }, Date.now()) }, cursor),
  );
  const columns: Column<Invocation>[] = [
    { key: 'status', title: 'Status', render: (row) => <StatusBadge status={row.status} /> },
    { key: 'action', title: 'Action', width: 190, render: (row) => <Name name={row.action} /> },
    { key: 'parameters', title: 'Parameters', wideOnly: true, render: (row) => <span className={`dh-mono ${classes.parameters}`}>{parametersLine(row.parameters)}</span> },
    { key: 'failure', title: 'Why', wideOnly: true, render: (row) => row.failure?.code ?? row.error ?? '' },
    { key: 'agent', title: 'Agent', wideOnly: true, render: (row) => (row.agent_id ? agentName(agents.data, row.agent_id) : '') },
    { key: 'test', title: 'Kind', wideOnly: true, render: (row) => (row.test ? <StatusBadge status="test" /> : 'Live') },
    { key: 'took', title: 'Took', right: true, wideOnly: true, render: (row) => <Duration ms={row.duration_ms} /> },
    { key: 'at', title: 'When', right: true, render: (row) => <RelativeTime at={row.created_at} /> },
  ];
  const choices: Filter[] = [
    { key: 'q', label: 'Search parameters, errors', kind: 'text' },
    { key: 'status', label: 'Any status', kind: 'choice', options: STATUSES },
    { key: 'action', label: 'Any action', kind: 'choice', options: named(actions.data?.data.map(({ name }) => name), action) },
    { key: 'failure_code', label: 'Any failure', kind: 'choice', options: FAILURES },
    { key: 'agent_id', label: 'Any agent', kind: 'choice', options: agents.data?.data.map(({ id, name }) => ({ value: id, label: name })) ?? [] },
    { key: 'test', label: 'Live and test', kind: 'choice', options: [{ value: 'false', label: 'Live only' }, { value: 'true', label: 'Test only' }] },
    { key: 'slower_than_ms', label: 'However long', kind: 'choice', options: lengths(slower_than_ms) },
    { key: 'host', label: 'Host that was called', kind: 'text' },
    { key: 'period', label: 'Any time', kind: 'choice', options: PERIODS.map(({ value, label }) => ({ value, label })) },
  ];
  const bounded = conversation_id !== undefined || from !== undefined || to !== undefined;
  return (
    <>
      <PageHead title="Invocations" about="Every call an agent decided on, or somebody tested: what was sent, what came back, and what it came to." />
      <Views
        label="Which invocations"
        name="status"
        views={[
          { value: null, label: 'All', also: { test: undefined } },
          // A test has no customer who waits to hear of it.
          { value: 'unknown', label: 'To settle', also: { test: 'false' }, count: waiting },
        ]}
      />
      <ExactPeriod />
      <DataTable
        label="Invocations"
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `/invocations/${row.id}`}
        filters={choices}
        empty={
          <EmptyState icon={<IconBolt size={28} stroke={1.5} />} title={bounded ? 'No invocations here' : 'No invocations yet'}>
            {bounded
              ? 'Nothing was decided in this part of the log.'
              : 'An invocation appears each time an agent decides to run an action. Test an action, or try an agent in its playground, to see the first one.'}
          </EmptyState>
        }
        {...list}
      />
    </>
  );
}

/** A name that may break after its underscores, where there is no room for it on one line. */
function Name({ name }: { name: string }) {
  const parts = name.split('_');
  return (
    <span className="dh-mono">
      {parts.map((part, at) => <span key={at}>{part}{at < parts.length - 1 ? <>_<wbr /></> : null}</span>)}
    </span>
  );
}

/** An action that has been removed can still be looked for. */
function named(names: string[] | undefined, chosen: string | undefined) {
  const all = new Set(names ?? []);
  if (chosen) all.add(chosen);
  return [...all].sort().map((name) => ({ value: name, label: name }));
}
