import { IconMessages } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { conversations } from '../api/log-queries';
import { agentName, agentsQuery } from '../api/queries';
import type { ConversationRow } from '../api/types';
import { noticesQuery } from '../notices/queries';
import { type Column, DataTable, type Filter } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { ExactPeriod } from '../parts/exact-period';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { usePages } from '../parts/pages';
import { between, PERIODS } from '../parts/period';
import { RelativeTime } from '../parts/time';
import { StatusBadge } from '../parts/status-badge';
import { Views } from '../parts/views';
import { contactName } from './contact';
import classes from './conversations.module.css';

const MODES = [{ value: 'live', label: 'Live' }, { value: 'test', label: 'Test calls' }, { value: 'mock', label: 'Mock results' }];
const STATUSES = [
  { value: 'completed', label: 'All answered' },
  { value: 'failed', label: 'A turn failed' },
  { value: 'running', label: 'Running' },
];

/** Every conversation, newest first. */
export function Page() {
  const [filters] = useFilters();
  const agents = useQuery(agentsQuery);
  const waiting = useQuery(noticesQuery).data?.data.find(({ code }) => code === 'handoff_waiting')?.count;
  const { agent_id, contact_id, status, mode, q, handoff, period, from, to } = filters;
  const asked = { agent_id, contact_id, status, mode, q, handoff };
  const list = usePages(['conversations', 'list', { ...asked, period, from, to }], (cursor) =>
    conversations({ ...asked, ...between({ period, from, to }, Date.now()) }, cursor),
  );
  const columns: Column<ConversationRow>[] = [
    { key: 'contact', title: 'Contact', render: (row) => <>{contactName(row.contact)}{row.handoff ? <div title={row.handoff.reason}><StatusBadge status="person" /></div> : null}</> },
    { key: 'preview', title: 'First message', width: '45%', render: (row) => <span className={classes.preview} title={row.preview ?? undefined}>{row.preview ?? ''}</span> },
    { key: 'agent', title: 'Agent', wideOnly: true, render: (row) => agentName(agents.data, row.agent_id) },
    { key: 'mode', title: 'Kind', wideOnly: true, render: (row) => (row.mode !== 'live' ? <StatusBadge status="test" label={row.mode === 'mock' ? 'Mock' : 'Test'} /> : 'Live') },
    { key: 'begun', title: 'Begun', right: true, wideOnly: true, render: (row) => <RelativeTime at={row.created_at} /> },
    { key: 'last', title: 'Last message', right: true, render: (row) => <RelativeTime at={row.updated_at} /> },
  ];
  const choices: Filter[] = [
    { key: 'q', label: 'Search messages', kind: 'text' },
    { key: 'contact_id', label: 'Contact id', kind: 'text' },
    { key: 'agent_id', label: 'Any agent', kind: 'choice', options: agents.data?.data.map(({ id, name }) => ({ value: id, label: name })) ?? [] },
    { key: 'status', label: 'However it went', kind: 'choice', options: STATUSES },
    { key: 'mode', label: 'Live and test', kind: 'choice', options: MODES },
    { key: 'period', label: 'Any time', kind: 'choice', options: PERIODS.map(({ value, label }) => ({ value, label })) },
  ];
  return (
    <>
      <PageHead title="Conversations" about="What customers and your agents said to each other, with every action in its place." />
      <Views label="Which conversations" name="handoff" views={[{ value: null, label: 'All' }, { value: 'true', label: 'Waiting for a person', count: waiting }]} />
      <ExactPeriod />
      <DataTable
        label="Conversations"
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `/conversations/${row.id}`}
        filters={choices}
        empty={
          <EmptyState icon={<IconMessages size={28} stroke={1.5} />} title={handoff ? 'Nobody waits for a person' : from || to ? 'No conversations here' : 'No conversations yet'}>
            {handoff
              ? 'A conversation appears here when an agent that may hand over gives it to a person.'
              : from || to
              ? 'None was begun in this time.'
              : 'They appear here as customers write, through the widget or the API. Open an agent’s playground to have the first one yourself.'}
          </EmptyState>
        }
        {...list}
      />
    </>
  );
}
