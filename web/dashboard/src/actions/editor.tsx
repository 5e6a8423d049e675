import { Alert, Button, Group, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, body } from '../api/client';
import { actionQuery } from '../api/queries';
import type { Action } from '../api/types';
import { useCrumb } from '../frame/breadcrumb';
import { useFilters } from '../parts/filters';
import { ProblemAlert } from '../parts/problem-alert';
import { tell } from '../parts/tell';
import { UnsavedGuard } from '../parts/unsaved-guard';
import classes from './actions.module.css';
import { CircuitAlert } from './circuit';
import { LABELS } from './model/diff';
import { definitionOf, draftOf, type Draft } from './model/draft';
import type { JsonObject } from './model/json';
import { sectionOf } from './model/places';
import { forgetSecret, handedSecret, keepAction } from './queries';
import { Attach } from './sections/attach';
import { Consequence } from './sections/consequence';
import { Define } from './sections/define';
import { EditorHead } from './sections/editor-head';
import { goTo } from './sections/go-to';
import { Parameters } from './sections/parameters';
import { SecretOnce } from './sections/signing-secret';
import { EditorProvider, useEditorState } from './sections/state';
import { Test } from './sections/test';
import { Webhook } from './sections/webhook';

const CIRCUIT_MS = 5_000;

/** One action: everything about it, on one page. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const action = useQuery({
    ...actionQuery(id),
    // It closes, or tries again, without anything else being told.
    refetchInterval: ({ state }) => (state.data && state.data.circuit.state !== 'closed' ? CIRCUIT_MS : false),
  });
  useCrumb(id, action.data?.name);
  if (action.error && !action.data) return <ProblemAlert error={action.error} onRetry={() => void action.refetch()} />;
  if (!action.data) return <Skeleton height={480} />;
  return <ActionEditor key={id} stored={action.data} />;
}

type Sent = { draft: Draft; patch: JsonObject };

function ActionEditor({ stored }: { stored: Action }) {
  const cache = useQueryClient();
  const [first] = useState<Draft>(() => draftOf(definitionOf(stored)));
  const editor = useEditorState(stored, first);
  const [version, setVersion] = useState(stored.version);
  const [refused, setRefused] = useState<unknown>(null);
  const dirty = editor.changed.length > 0;
  const follow = (action: Action, since?: Draft) => {
    editor.rebase(action, since);
    setVersion(action.version);
  };
  const elsewhere = stored.version > version;
  useEffect(() => {
    // Saved in another window, and nothing here to lose: show it.
    if (elsewhere && !dirty) follow(stored);
  });

  const save = useMutation({
    mutationFn: (sent: Sent) =>
      body(api.PATCH('/v1/actions/{id}', { params: { path: { id: stored.id } }, body: sent.patch as never })),
    onSuccess: ({ warnings: _, ...action }, sent) => {
      follow(action, sent.draft);
      keepAction(cache, action);
      tell(`Saved as version ${action.version}`);
    },
    onError: (error) => {
      const rest = editor.refused(error);
      setRefused(rest);
      const field = (error as { errors?: { field: string }[] }).errors?.[0]?.field;
      if (!rest) goTo(field ? sectionOf(field) : 'define', true);
    },
  });
  const submit = () => {
    setRefused(null);
    const unread = [...editor.problems.keys()][0];
    const wrong = editor.wrong[0];
    if (unread !== undefined) goTo(unread.startsWith('row:') ? 'parameters' : sectionOf(unread), true);
    else if (wrong) goTo(sectionOf(wrong.field), true);
    else save.mutate({ draft: editor.draft, patch: editor.patch() });
  };

  return (
    <EditorProvider value={editor}>
      <UnsavedGuard dirty={dirty} />
      <EditorHead
        action={stored}
        saving={save.isPending}
        onSave={submit}
        onToggled={(action) => {
          follow(action);
          keepAction(cache, action);
        }}
      />
      <CircuitAlert action={stored} />
      {refused ? <div style={{ marginBottom: 16 }}><ProblemAlert error={refused} /></div> : null}
      {elsewhere && dirty ? (
        <Alert variant="light" color="gray" mb="md" title={`Version ${stored.version} was saved elsewhere`}>
          <Group justify="space-between">
            <span>Your changes ({editor.changed.map((field) => LABELS[field].toLowerCase()).join(', ')}) are still here, and will be saved on top of it.</span>
            <Button size="xs" variant="default" onClick={() => follow(stored)}>Take over the rest</Button>
          </Group>
        </Alert>
      ) : null}
      <div className={classes.grid}>
        <div className={classes.main}>
          <Define />
          <Parameters />
          <Webhook />
          <Test action={stored} />
          <Attach action={stored} />
        </div>
        <Consequence />
      </div>
      <FreshSecret action={stored} />
    </EditorProvider>
  );
}

/** After a create: the signing secret first, then on to the test. */
function FreshSecret({ action }: { action: Action }) {
  const cache = useQueryClient();
  const [{ made }, set] = useFilters();
  const [secret, setSecret] = useState(() => (made ? handedSecret(cache, action.id) : undefined));
  return (
    <SecretOnce
      secret={secret}
      url={action.webhook_url}
      title={`${action.display_name} is created`}
      onClose={() => {
        forgetSecret(cache, action.id);
        setSecret(undefined);
        set('made', null);
        goTo('test', false);
      }}
    />
  );
}
