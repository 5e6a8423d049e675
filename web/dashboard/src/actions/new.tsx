import { Alert, Button, List, Skeleton, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, body } from '../api/client';
import { actionQuery, actionsQuery } from '../api/queries';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { UnsavedGuard } from '../parts/unsaved-guard';
import classes from './actions.module.css';
import { blank, bodyOf, definitionOf } from './model/draft';
import { SECTIONS, sectionOf, type Section } from './model/places';
import { duplicated, type Imported } from './model/transfer';
import { handSecret, keepAction } from './queries';
import { Attach } from './sections/attach';
import { Consequence } from './sections/consequence';
import { Define } from './sections/define';
import { Parameters } from './sections/parameters';
import { EditorProvider, useEditorState } from './sections/state';
import { Test } from './sections/test';
import { Webhook } from './sections/webhook';
import { goTo } from './sections/go-to';

/** A new action: from nothing, from a file (`?import`), or as a copy (`?from=act_…`). */
export function Page() {
  const [{ from, import: file }] = useFilters();
  const cache = useQueryClient();
  const original = useQuery({ ...actionQuery(from ?? ''), enabled: from !== undefined });
  const others = useQuery({ ...actionsQuery, enabled: from !== undefined });
  const start = useMemo<Imported | null>(() => {
    if (from !== undefined) {
      if (!original.data || !others.data) return null;
      return duplicated(definitionOf(original.data), others.data.data.map(({ name }) => name));
    }
    const imported = file === undefined ? undefined : cache.getQueryData<Imported>(['action-import']);
    return imported ?? { draft: blank(), remarks: [] };
  }, [from, file, original.data, others.data, cache]);
  const error = original.error ?? others.error;
  if (error) return <ProblemAlert error={error} />;
  if (!start) return <Skeleton height={400} />;
  return <NewAction key={`${from ?? ''}${file ?? ''}`} start={start} complete={from !== undefined || file !== undefined} />;
}

/** The sections that come before the action is made. */
const STEPS = SECTIONS.slice(0, 3);

function NewAction({ start, complete }: { start: Imported; complete: boolean }) {
  const editor = useEditorState(null, start.draft);
  const [reached, setReached] = useState(complete ? STEPS.length - 1 : 0);
  const [left, setLeft] = useState(false);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const create = useMutation({
    mutationFn: () => body(api.POST('/v1/actions', { body: bodyOf(editor.draft) as never })),
    onSuccess: ({ signing_secret, warnings: _, ...action }) => {
      keepAction(cache, action);
      handSecret(cache, action.id, signing_secret);
      setLeft(true);
    },
    onError: (error) => setRefused(editor.refused(error)),
  });
  const [refused, setRefused] = useState<unknown>(null);
  const made = create.data?.id;
  useEffect(() => {
    // Only once the guard has been told that nothing is unsaved.
    if (left && made) void navigate({ to: '/actions/$id', params: { id: made }, search: { made: '1' }, replace: true });
  }, [left, made, navigate]);

  const wrong = (step: Section) =>
    [...editor.problems.keys()].some((field) => sectionOf(field.startsWith('row:') ? 'parameters' : field) === step) ||
    editor.wrong.some((note) => sectionOf(note.field) === step);
  const empty = (step: Section) =>
    step === 'define' && [editor.draft.name, editor.draft.display_name, editor.draft.description, editor.draft.webhook_url].some((text) => text.trim() === '');
  const next = (at: number) => {
    const step = STEPS[at];
    editor.complain();
    if (!step || wrong(step) || empty(step)) return goTo(step ?? 'define', true);
    setReached(Math.max(reached, at + 1));
  };
  const submit = () => {
    editor.complain();
    setRefused(null);
    const first = STEPS.find((step) => wrong(step) || empty(step));
    if (first) goTo(first, true);
    else create.mutate();
  };
  useReveal(reached);

  const go = (at: number) => (reached === at && at < STEPS.length - 1 ? <Button onClick={() => next(at)}>Continue</Button> : null);
  return (
    <EditorProvider value={editor}>
      <UnsavedGuard dirty={!left && editor.changed.length > 0} />
      <PageHead
        title="New action"
        state={
          <Switch
            size="sm"
            label={editor.draft.enabled ? 'Enabled' : 'Off'}
            aria-label="The new action is enabled"
            checked={editor.draft.enabled}
            onChange={(event) => editor.edit({ enabled: event.currentTarget.checked })}
          />
        }
        about="Something your agents can do in your systems: when to use it, what it needs, where to call."
      />
      {start.remarks.length > 0 ? (
        <Alert variant="light" color="gray" mb="md" title="To look at">
          <List size="sm">{start.remarks.map((remark) => <List.Item key={remark}>{remark}</List.Item>)}</List>
        </Alert>
      ) : null}
      <div className={classes.grid}>
        <div className={classes.main}>
          <Define footer={go(0)} />
          {reached >= 1 ? <Parameters footer={go(1)} /> : null}
          {reached >= 2 ? (
            <Webhook footer={<Button onClick={submit} loading={create.isPending}>Create action</Button>} />
          ) : null}
          {refused ? <ProblemAlert error={refused} /> : null}
          {reached >= 2 ? <><Test action={null} /><Attach action={null} /></> : <Ahead from={reached + 1} />}
        </div>
        <Consequence />
      </div>
    </EditorProvider>
  );
}

const AHEAD = ['Define', 'Parameters', 'Webhook', 'Test', 'Attach'];

function Ahead({ from }: { from: number }) {
  return (
    <ol className={classes.ahead} start={from + 1} aria-label="Then">
      {AHEAD.slice(from).map((name, at) => (
        <li key={name}><span className={classes.number} aria-hidden>{from + at + 1}</span>{name}</li>
      ))}
    </ol>
  );
}

/** A section that has just appeared is gone to. */
function useReveal(reached: number) {
  const seen = useRef(reached);
  useEffect(() => {
    if (seen.current === reached) return;
    seen.current = reached;
    const step = STEPS[reached];
    if (step) goTo(step, false);
  }, [reached]);
}
