import { ActionIcon, Anchor, Button, FileButton, Menu, Text, Tooltip } from '@mantine/core';
import { IconBolt, IconCopy, IconDots, IconDownload, IconPlus, IconTrash, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { notifications } from '@mantine/notifications';
import { api, body } from '../api/client';
import type { Action, Statistics } from '../api/types';
import { DataTable, type Column } from '../parts/data-table';
import { EmptyState } from '../parts/empty-state';
import { PageHead } from '../parts/page-head';
import { usePages } from '../parts/pages';
import { Sparkline } from '../parts/sparkline';
import { StatusBadge } from '../parts/status-badge';
import { Duration, RelativeTime } from '../parts/time';
import classes from './actions.module.css';
import { DeleteAction } from './delete-action';
import { download } from './download';
import { EnabledSwitch } from './enabled-switch';
import { imported } from './model/transfer';
import { dayQuery, keepAction } from './queries';

type Numbers = Statistics['actions'][number];
type Row = { action: Action; numbers: Numbers | undefined };

const SLOW_MS = 5000;
const FILE_BYTES = 256 * 1024;

/** All actions, with what became of their calls in the last 24 hours. */
export function Page() {
  const actions = usePages(['actions', 'list'], (cursor) =>
    body(api.GET('/v1/actions', { params: { query: { limit: 50, cursor } } })),
  );
  const day = useQuery(dayQuery);
  const byId = new Map((day.data?.actions ?? []).map((numbers) => [numbers.id, numbers]));
  const rows = actions.rows?.map((action): Row => ({ action, numbers: byId.get(action.id) }));
  const some = (rows?.length ?? 0) > 0;
  return (
    <>
      <PageHead title="Actions" about="What your agents can do in your systems. Numbers are of the last 24 hours, without test calls.">
        {some ? <><Import /><Create /></> : null}
      </PageHead>
      <DataTable
        label="Actions"
        columns={columns(day.isSuccess)}
        rows={rows}
        rowKey={({ action }) => action.id}
        rowLink={({ action }) => `/actions/${action.id}`}
        loading={actions.loading}
        error={actions.error}
        retry={actions.retry}
        hasMore={actions.hasMore}
        more={actions.more}
        loadingMore={actions.loadingMore}
        empty={
          <EmptyState icon={<IconBolt size={28} stroke={1.5} />} title="Create your first action" actions={<><Create /><Import /></>}>
            An action lets an agent do something in your system: look up an order, move a delivery, start a refund. You
            describe when to use it and what it needs; the agent asks the customer for that, calls your webhook, and
            answers from what comes back.
          </EmptyState>
        }
      />
    </>
  );
}

function columns(known: boolean): Column<Row>[] {
  const dash = <Text span c="dimmed">–</Text>;
  return [
    {
      key: 'name',
      title: 'Action',
      render: ({ action }) => (
        <span className={classes.nameCell}>
          <Link to="/actions/$id" params={{ id: action.id }}>{action.display_name}</Link>
          <code>{action.name}</code>
          {action.circuit.state === 'closed' ? null : <span title={action.circuit.reason ?? undefined}><StatusBadge status={action.circuit.state} /></span>}
        </span>
      ),
    },
    { key: 'enabled', title: 'Enabled', width: 80, render: ({ action }) => <ToggleCell action={action} /> },
    {
      key: 'calls',
      title: 'Calls',
      width: 170,
      wideOnly: true,
      render: ({ action, numbers }) =>
        numbers && numbers.invocations > 0 ? (
          <span className={classes.spark}>
            <Anchor component={Link} to={`/invocations?action=${encodeURIComponent(action.name)}`} c="inherit" className="dh-number">
              {numbers.invocations.toLocaleString()}
            </Anchor>
            <Sparkline values={numbers.series} />
          </span>
        ) : known ? <Text span c="dimmed">No calls</Text> : dash,
    },
    {
      key: 'success',
      title: 'Success',
      width: 90,
      right: true,
      render: ({ numbers }) => (numbers && numbers.success_rate !== null ? <span className="dh-number">{percent(numbers.success_rate)}</span> : dash),
    },
    {
      key: 'p95',
      title: 'p95',
      width: 90,
      right: true,
      wideOnly: true,
      render: ({ numbers }) => (numbers && numbers.p95_ms !== null ? <Slowness ms={numbers.p95_ms} /> : dash),
    },
    {
      key: 'failure',
      title: 'Last failure',
      wideOnly: true,
      render: ({ numbers }) =>
        numbers?.last_failure ? (
          <Tooltip label={numbers.last_failure.message} multiline maw={360}>
            <Anchor component={Link} to={`/invocations/${numbers.last_failure.invocation_id}`} c="inherit" size="sm">
              {numbers.last_failure.code.replaceAll('_', ' ')}, <RelativeTime at={numbers.last_failure.at} />
            </Anchor>
          </Tooltip>
        ) : dash,
    },
    { key: 'more', title: '', width: 48, right: true, render: ({ action }) => <RowMenu action={action} /> },
  ];
}

function percent(rate: number): string {
  return rate.toLocaleString(undefined, { style: 'percent', maximumFractionDigits: rate > 0.99 && rate < 1 ? 1 : 0 });
}

function Slowness({ ms }: { ms: number }) {
  if (ms <= SLOW_MS) return <Duration ms={ms} />;
  return (
    <Tooltip label="Slow: a customer waits over 5 seconds for one call in twenty">
      <span tabIndex={0}><Duration ms={ms} /> slow</span>
    </Tooltip>
  );
}

function ToggleCell({ action }: { action: Action }) {
  const cache = useQueryClient();
  return <EnabledSwitch action={action} bare onToggled={(saved) => keepAction(cache, saved)} />;
}

function RowMenu({ action }: { action: Action }) {
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${action.display_name}`}><IconDots size={16} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => void navigate({ to: '/actions/new', search: { from: action.id } })}>Duplicate</Menu.Item>
          <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => download(action)}>Export as JSON</Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setDeleting(true)}>Delete…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteAction action={action} opened={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}

function Create() {
  return (
    <Button leftSection={<IconPlus size={16} />} renderRoot={(props) => <Link to="/actions/new" {...props} />}>
      Create custom action
    </Button>
  );
}

/** Reads a file into the editor; nothing is stored until it is created there. */
function Import() {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const read = async (file: File | null) => {
    if (!file) return;
    const result = file.size > FILE_BYTES ? { problem: 'The file is larger than 256 KiB. Is it an action?' } : imported(await file.text());
    if ('problem' in result) {
      notifications.show({ title: `${file.name} was not imported`, message: result.problem, color: 'red', autoClose: 9000 });
      return;
    }
    cache.setQueryData(['action-import'], result);
    void navigate({ to: '/actions/new', search: { import: file.name } });
  };
  return (
    <FileButton onChange={(file) => void read(file)} accept="application/json,.json">
      {(props) => <Button variant="default" leftSection={<IconUpload size={16} />} {...props}>Import</Button>}
    </FileButton>
  );
}
