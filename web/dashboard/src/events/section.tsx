import { Button, Group, Text } from '@mantine/core';
import { IconBroadcast, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedEndpoint, EventEndpoint } from '../api/types';
import { type Column, DataTable } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { usePages } from '../parts/pages';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { ShownOnce } from '../settings/shown-once';
import classes from './events.module.css';
import { NewEndpoint } from './new';
import { endpoints, keepEndpoint } from './queries';
import { stateOf, typesWords } from './words';

const COLUMNS: Column<EventEndpoint>[] = [
  {
    key: 'url',
    title: 'Endpoint',
    render: ({ url, description }) => (
      <div className={classes.url}><span className="dh-mono">{url}</span>{description ? <Text size="xs" c="dimmed">{description}</Text> : null}</div>
    ),
  },
  { key: 'types', title: 'Events', wideOnly: true, render: ({ types }) => <span className={types ? `dh-mono ${classes.url}` : undefined} title={types?.join(', ')}>{typesWords(types)}</span> },
  { key: 'state', title: 'State', width: 120, render: (endpoint) => <StatusBadge status={stateOf(endpoint)} /> },
];

/** Where other systems are told what happens here. */
export function EventSettings() {
  const cache = useQueryClient();
  const list = usePages(['event-endpoints', 'list'], (cursor) => endpoints(cursor));
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedEndpoint | null>(null);
  return (
    <Section title="Events" about="Have your own systems told what happens: Deskhand posts each event to your endpoint, signed, and tries again for about three days until it is taken. At least once, in no particular order.">
      <Group mb="md"><Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>New endpoint</Button></Group>
      {made ? (
        <div className={classes.made}>
          <ShownOnce
            title="The signing secret of the new endpoint"
            about={`Store it where ${hostOf(made.url)} can read it: it is not shown again. Any Standard Webhooks library verifies events with it.`}
            text={made.signing_secret}
            onDone={() => setMade(null)}
          />
        </div>
      ) : null}
      <DataTable
        label="Event endpoints"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowLink={({ id }) => `/settings/events/${id}`}
        empty={<EmptyState icon={<IconBroadcast size={28} stroke={1.4} />} title="No endpoints">Nobody is told anything yet. Add one to open tickets, fill a data warehouse, or call a person.</EmptyState>}
        {...list}
      />
      <NewEndpoint
        opened={making}
        onClose={() => setMaking(false)}
        onMade={({ signing_secret, ...endpoint }) => {
          setMaking(false);
          setMade({ ...endpoint, signing_secret });
          keepEndpoint(cache, endpoint);
        }}
      />
    </Section>
  );
}

function hostOf(url: string): string {
  return /^https:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
}
