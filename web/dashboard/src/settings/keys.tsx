import { Button, Group, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../api/client';
import { agentName, agentsQuery } from '../api/queries';
import type { ApiKey, CreatedKey } from '../api/types';
import { DataTable, type Column } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { usePages } from '../parts/pages';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tell, tellProblem } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import { confirmFirst } from './confirm';
import { NewKey } from './new-key';
import { ShownOnce } from './shown-once';

/** The keys by which other systems use the API. */
export function KeySettings() {
  const cache = useQueryClient();
  const agents = useQuery(agentsQuery);
  const list = usePages(['keys'], (cursor) => body(api.GET('/v1/keys', { params: { query: { cursor } } })));
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedKey | null>(null);
  const remove = useMutation({
    mutationFn: (key: ApiKey) => api.DELETE('/v1/keys/{id}', { params: { path: { id: key.id } } }),
    onSuccess: (_answer, key) => {
      tell(`${key.name} no longer works.`);
      return cache.invalidateQueries({ queryKey: ['keys'] });
    },
    onError: tellProblem,
  });
  const columns: Column<ApiKey>[] = [
    { key: 'name', title: 'Name', render: (key) => <><Text fw={500} style={{ overflowWrap: 'anywhere' }}>{key.name}</Text><span className="dh-mono">{key.prefix}…</span></> },
    {
      key: 'scope',
      title: 'May',
      render: (key) => <>{key.scope}{key.agent_id ? <Text size="xs" c="dimmed">only {agentName(agents.data, key.agent_id)}</Text> : null}</>,
    },
    { key: 'created_at', title: 'Made', wideOnly: true, render: (key) => <RelativeTime at={key.created_at} /> },
    { key: 'expires_at', title: 'Expires', wideOnly: true, render: (key) => <Expiry at={key.expires_at} /> },
    {
      key: 'revoke',
      title: '',
      right: true,
      render: (key) => (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red.8"
          c="var(--mantine-color-error)"
          aria-label={`Revoke ${key.name}`}
          onClick={() => confirmFirst({
            title: `Revoke ${key.name}?`,
            text: 'Whatever uses this key gets 401 from now on. This cannot be undone.',
            verb: 'Revoke key',
            act: () => remove.mutate(key),
          })}
        >
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <Section title="API keys" about="For your own servers and scripts. Send one as Authorization: Bearer <key>. Never put one into a web page: the widget needs none.">
      <Group mb="md"><Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>New key</Button></Group>
      {made ? (
        <div style={{ marginBottom: 16 }}>
          <ShownOnce title={`The key “${made.name}”`} about="Store it now: it is not shown again." text={made.key} onDone={() => setMade(null)} />
        </div>
      ) : null}
      <DataTable
        label="API keys"
        columns={columns}
        rowKey={(key) => key.id}
        empty={<EmptyState icon={<IconKey size={28} stroke={1.4} />} title="No keys">You need one only to use the API from your own code.</EmptyState>}
        {...list}
      />
      <NewKey
        opened={making}
        onClose={() => setMaking(false)}
        onMade={(key) => {
          setMaking(false);
          setMade(key);
          void cache.invalidateQueries({ queryKey: ['keys'] });
        }}
      />
    </Section>
  );
}

function Expiry({ at }: { at: string | null }) {
  if (at && new Date(at).getTime() < Date.now()) return <StatusBadge status="expired" />;
  return <RelativeTime at={at} />;
}
