import { Button, Group, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../api/client';
import { sessionQuery, workspaceQuery } from '../api/queries';
import type { Workspace } from '../api/types';
import { CopyButton } from '../parts/copy-button';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { Section } from '../parts/section';
import { tell, tellProblem } from '../parts/tell';
import { UnsavedGuard } from '../parts/unsaved-guard';
import { needed } from '../session/password';
import { confirmFirst } from './confirm';
import { ShownOnce } from './shown-once';

/** The workspace's name, and the secret by which the site vouches for its customers. */
export function WorkspaceSettings() {
  const workspace = useQuery(workspaceQuery);
  if (workspace.error) return <ProblemAlert error={workspace.error} onRetry={() => void workspace.refetch()} />;
  if (!workspace.data) return <Skeleton height={160} />;
  return (
    <>
      <NameForm workspace={workspace.data} />
      <IdentitySecret />
    </>
  );
}

function NameForm({ workspace }: { workspace: Workspace }) {
  const cache = useQueryClient();
  const form = useForm({ initialValues: { name: workspace.name }, validate: { name: needed('a name') } });
  const save = useMutation({
    mutationFn: ({ name }: { name: string }) => body(api.PATCH('/v1/workspace', { body: { name: name.trim() } })),
    onSuccess: (saved) => {
      cache.setQueryData(workspaceQuery.queryKey, saved);
      void cache.invalidateQueries({ queryKey: sessionQuery.queryKey });
      form.setInitialValues({ name: saved.name });
      form.setValues({ name: saved.name });
      tell('Saved.');
    },
    onError: refusedIn(form),
  });
  return (
    <Section title="Workspace" about="What colleagues see. Customers never see this name.">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <UnsavedGuard dirty={form.isDirty()} />
        <Stack maw={440}>
          <TextInput label="Name" maxLength={80} {...form.getInputProps('name')} />
          <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
          <Group><Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>Save changes</Button></Group>
          <Group gap={4}><Text size="sm" c="dimmed">Id <span className="dh-mono">{workspace.id}</span></Text><CopyButton text={workspace.id} label="Copy the id" /></Group>
        </Stack>
      </form>
    </Section>
  );
}

const OVERLAPS = [
  { value: '0', label: 'Not at all' },
  { value: '3600', label: 'For 1 hour' },
  { value: '86400', label: 'For 1 day' },
  { value: '604800', label: 'For 7 days' },
];

function IdentitySecret() {
  const [secret, setSecret] = useState<string | null>(null);
  const [overlap, setOverlap] = useState('86400');
  const rotate = useMutation({
    mutationFn: () => body(api.POST('/v1/workspace/identity_secret', { body: { overlap_seconds: Number(overlap) } })),
    onSuccess: (made) => setSecret(made.identity_secret),
    onError: tellProblem,
  });
  return (
    <Section
      title="Identity secret"
      about={
        <>
          With it your site proves who a customer is: sign a JWT with HS256, <code>aud</code> <code>deskhand</code>, <code>sub</code> the
          customer's id, <code>exp</code> at most one hour ahead, and pass it as <code>contact_token</code>. A contact proven so is <strong>verified</strong>.
        </>
      }
    >
      <Stack>
        {secret ? (
          <ShownOnce title="The new identity secret" about="Store it on your server now: it is not shown again. Never put it into a web page." text={secret} onDone={() => setSecret(null)} />
        ) : (
          <Group align="flex-end">
            <Select label="The one before keeps working" data={OVERLAPS} value={overlap} onChange={(value) => setOverlap(value ?? '0')} allowDeselect={false} w={230} />
            <Button
              variant="default"
              loading={rotate.isPending}
              onClick={() => confirmFirst({
                title: 'Make a new identity secret?',
                text: overlap === '0'
                  ? 'If there is one already, tokens signed with it stop working at once. The new one is shown here once.'
                  : 'The new one is shown here once. Put it into use on your server while the one before still works.',
                verb: 'Make a new secret',
                act: () => rotate.mutate(),
              })}
            >
              Make a new secret …
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  );
}
