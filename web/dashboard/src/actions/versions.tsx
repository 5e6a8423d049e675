import { Anchor, Button, Collapse, Group, Modal, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body } from '../api/client';
import { actionQuery } from '../api/queries';
import type { ActionVersion } from '../api/types';
import { useCrumb } from '../frame/breadcrumb';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { StatusBadge } from '../parts/status-badge';
import { tell } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import classes from './actions.module.css';
import { changes, type Change } from './model/diff';
import { definitionOf } from './model/draft';
import { keepAction, versionsQuery } from './queries';
import { ChangeView } from './sections/change-view';

/** The versions of an action: what each changed, and a way back. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const action = useQuery(actionQuery(id));
  const versions = useInfiniteQuery(versionsQuery(id));
  useCrumb(id, action.data?.name);
  const error = action.error ?? versions.error;
  if (error) return <ProblemAlert error={error} onRetry={() => { void action.refetch(); void versions.refetch(); }} />;
  if (!action.data || !versions.data) return <Skeleton height={320} />;
  const all = versions.data.pages.flatMap((page) => page.data);
  return (
    <>
      <PageHead title={`Versions of ${action.data.display_name}`} about="Every change makes a new version. Restoring one makes a newer version with its contents; nothing is lost.">
        <Button variant="default" renderRoot={(props) => <Link to="/actions/$id" params={{ id }} {...props} />}>Back to the action</Button>
      </PageHead>
      <Stack gap="sm">
        {all.map((version, at) => (
          <Version key={version.version} version={version} before={all[at + 1]} current={all[0]} open={at === 0} />
        ))}
      </Stack>
      {versions.hasNextPage ? (
        <Group justify="center" mt="md">
          <Button variant="default" loading={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>Load more</Button>
        </Group>
      ) : null}
    </>
  );
}

type Props = { version: ActionVersion; before: ActionVersion | undefined; current: ActionVersion | undefined; open: boolean };

function Version({ version, before, current, open: first }: Props) {
  const [open, setOpen] = useState(first);
  const [restoring, setRestoring] = useState(false);
  const made = version.version === 1;
  const list = before ? changes(definitionOf(before), definitionOf(version)) : [];
  const summary = made
    ? 'Created'
    : before
      ? list.length > 0 ? `Changed ${list.map((change) => change.label.toLowerCase()).join(', ')}` : 'No visible change: a header secret was replaced'
      : 'Load more to see what changed';
  const isCurrent = version.version === current?.version;
  return (
    <article className={classes.version} aria-label={`Version ${version.version}`}>
      <div className={classes.versionHead}>
        <div>
          <Group gap="sm">
            <Title order={2}>Version {version.version}</Title>
            {isCurrent ? <StatusBadge status="on" label="Current" /> : null}
          </Group>
          <Text size="sm" c="dimmed">{summary} · <RelativeTime at={version.updated_at} /></Text>
        </div>
        <Group gap="xs">
          {list.length > 0 ? (
            <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide changes' : 'Show changes'}</Button>
          ) : null}
          {isCurrent ? null : <Button size="xs" variant="default" onClick={() => setRestoring(true)}>Restore…</Button>}
        </Group>
      </div>
      {list.length > 0 ? (
        <Collapse expanded={open}>
          <div className={classes.versionBody}>{list.map((change) => <ChangeView key={change.field} change={change} />)}</div>
        </Collapse>
      ) : null}
      {current ? <Restore opened={restoring} onClose={() => setRestoring(false)} version={version} current={current} /> : null}
    </article>
  );
}

function Restore({ opened, onClose, version, current }: { opened: boolean; onClose: () => void; version: ActionVersion; current: ActionVersion }) {
  const cache = useQueryClient();
  const restore = useMutation({
    mutationFn: () =>
      body(api.POST('/v1/actions/{id}/restore', { params: { path: { id: version.id } }, body: { version: version.version } })),
    onSuccess: (action) => {
      keepAction(cache, action);
      onClose();
      tell(`Version ${version.version} is restored, as version ${action.version}`);
    },
  });
  const back: Change[] = opened ? changes(definitionOf(current), definitionOf(version)) : [];
  return (
    <Modal opened={opened} onClose={onClose} title={`Restore version ${version.version}?`} size="lg">
      <Stack>
        <Text size="sm">
          {back.length > 0
            ? `It becomes version ${current.version + 1}, at once, for every agent that has the action. This changes:`
            : 'It is the same as the current version.'}
        </Text>
        <div>{back.map((change) => <ChangeView key={change.field} change={change} />)}</div>
        <Text size="sm" c="dimmed">
          Header secrets stay as they are stored now, by header name. To look at the action first, open <Anchor component={Link} to={`/actions/${version.id}`} size="sm">its page</Anchor>.
        </Text>
        <ProblemAlert error={restore.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={restore.isPending} disabled={back.length === 0} onClick={() => restore.mutate()}>Restore version {version.version}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
