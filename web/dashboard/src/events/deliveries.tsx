import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Delivery } from '../api/types';
import { type Column, DataTable, type Filter } from '../parts/data-table';
import { useFilters } from '../parts/filters';
import { usePages } from '../parts/pages';
import { StatusBadge } from '../parts/status-badge';
import { RelativeTime } from '../parts/time';
import classes from './events.module.css';
import { deliveries, deliveriesKey } from './queries';

const COLUMNS: Column<Delivery>[] = [
  { key: 'status', title: 'Status', width: 110, render: ({ status }) => <StatusBadge status={status} /> },
  { key: 'type', title: 'Event', render: ({ type }) => <span className={`dh-mono ${classes.url}`}>{type}</span> },
  { key: 'attempts', title: 'Attempts', right: true, wideOnly: true, render: ({ attempts_made }) => <span className="dh-number">{attempts_made}</span> },
  { key: 'answer', title: 'Answer', wideOnly: true, render: ({ http_status, last_error }) => <span className={classes.url}>{last_error ?? http_status ?? ''}</span> },
  { key: 'next', title: 'Next attempt', right: true, wideOnly: true, render: ({ next_attempt_at }) => <RelativeTime at={next_attempt_at} never="" /> },
  { key: 'at', title: 'When', right: true, render: ({ created_at }) => <RelativeTime at={created_at} /> },
];

const CHOICES: Filter[] = [
  {
    key: 'status',
    label: 'Any status',
    kind: 'choice',
    options: [
      { value: 'delivered', label: 'Delivered' },
      { value: 'pending', label: 'Pending' },
      { value: 'failed', label: 'Failed' },
    ],
  },
];

const LOOK_AGAIN_MS = 3_000;

/** What was sent to an endpoint, newest first; what is under way is followed. */
export function Deliveries({ endpoint }: { endpoint: string }) {
  const cache = useQueryClient();
  const [{ status }] = useFilters();
  const list = usePages([...deliveriesKey(endpoint), { status }], (cursor) => deliveries(endpoint, status, cursor));
  const underWay = list.rows?.some((delivery) => delivery.status === 'pending') ?? false;
  useEffect(() => {
    if (!underWay) return undefined;
    const look = () => {
      if (!document.hidden) void cache.invalidateQueries({ queryKey: deliveriesKey(endpoint) });
    };
    const timer = setInterval(look, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [cache, endpoint, underWay]);
  return (
    <DataTable
      label="Deliveries"
      columns={COLUMNS}
      rowKey={({ id }) => id}
      rowLink={({ id }) => `/settings/events/${endpoint}/${id}`}
      filters={CHOICES}
      empty={<Text c="dimmed">Nothing has been sent yet. Send a test event to see whether it gets through.</Text>}
      {...list}
    />
  );
}
