import { ActionIcon, Button, Text, Tooltip } from '@mantine/core';
import { IconMessage, IconPlus, IconRobot } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client';
import type { Agent } from '../api/types';
import { DataTable, type Column } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { PageHead } from '../parts/page-head';
import { usePages } from '../parts/pages';
import { RelativeTime } from '../parts/time';

const COLUMNS: Column<Agent>[] = [
  {
    key: 'name',
    title: 'Name',
    render: (agent) => (
      <>
        <Text fw={500}>{agent.name}</Text>
        <Text size="xs" c="dimmed" lineClamp={1} maw={520}>{agent.instructions || 'No instructions yet'}</Text>
      </>
    ),
  },
  {
    key: 'model',
    title: 'Model',
    wideOnly: true,
    render: (agent) => agent.model ? <span className="dh-mono">{agent.model}</span> : <Text size="sm" c="dimmed">the server's default</Text>,
  },
  { key: 'updated_at', title: 'Changed', wideOnly: true, width: 130, render: (agent) => <RelativeTime at={agent.updated_at} /> },
  {
    key: 'try',
    title: '',
    right: true,
    width: 60,
    render: (agent) => (
      <Tooltip label="Open the playground">
        <ActionIcon component={Link} to={`/agents/${agent.id}/playground`} variant="subtle" color="gray" aria-label={`Open the playground of ${agent.name}`}>
          <IconMessage size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    ),
  },
];

/** The agents of the workspace; with none yet, the way to the first. */
export function Page() {
  const list = usePages(['agents', 'list'], (cursor) => body(api.GET('/v1/agents', { params: { query: { cursor } } })));
  const some = (list.rows?.length ?? 0) > 0;
  return (
    <>
      <PageHead title="Agents" about="Each agent talks to customers with its own instructions, model and actions.">
        {some ? <Button component={Link} to="/agents/new" leftSection={<IconPlus size={16} />}>New agent</Button> : null}
      </PageHead>
      <DataTable
        label="Agents"
        columns={COLUMNS}
        rowKey={(agent) => agent.id}
        rowLink={(agent) => `/agents/${agent.id}`}
        empty={
          <EmptyState
            icon={<IconRobot size={32} stroke={1.4} />}
            title="Create your first agent"
            actions={<Button component={Link} to="/agents/new" leftSection={<IconPlus size={16} />}>New agent</Button>}
          >
            An agent answers your customers. Give it a name and a few instructions now; then attach actions, so that it can do things in your systems.
          </EmptyState>
        }
        {...list}
      />
    </>
  );
}
