import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, body } from '../../api/client';
import { asProblem } from '../../api/problem';
import type { Action, InvocationWithAttempts } from '../../api/types';
import { ProblemAlert } from '../../parts/problem-alert';
import { definitionOf } from '../model/draft';
import { sentence } from '../model/places';
import { contactOf, formOf, parametersOf, type Typed } from '../model/test-form';
import { Panel } from './panel';
import { useEditor } from './state';
import { TestForm } from './test-form';
import { TestResult } from './test-result';

/** Fill in parameters, run a real call, see what came of it. */
export function Test({ action }: { action: Action | null }) {
  return (
    <Panel
      section="test"
      number={4}
      title="Test"
      why="A real call to your endpoint, marked as a test, before any customer leads to one."
    >
      {action ? <Runner action={action} /> : <Text c="dimmed" size="sm">Comes when the action has been created.</Text>}
    </Panel>
  );
}

function Runner({ action }: { action: Action }) {
  const { changed } = useEditor();
  const [typed, setTyped] = useState<Typed>({});
  const [contact, setContact] = useState<Typed>({});
  const form = useMemo(() => formOf(definitionOf(action).parameters), [action]);
  const { parameters, problems } = parametersOf(form, typed);
  const run = useMutation({
    mutationFn: async () => {
      const given = { parameters, contact: contactOf(form, contact) } as never;
      const answer = await body(api.POST('/v1/actions/{id}/test', { params: { path: { id: action.id } }, body: given }));
      return answer as InvocationWithAttempts;
    },
  });
  const refused = run.error ? asProblem(run.error) : null;
  const byField = new Map(problems);
  const shown: string[] = [];
  for (const { field, message } of refused?.errors ?? []) {
    const name = form.fields.find(({ name }) => field === `parameters.${name}` || field.startsWith(`parameters.${name}.`))?.name;
    if (name !== undefined) {
      byField.set(name, message);
      shown.push(field);
    }
  }
  const rest = refused && (refused.errors.length === 0 || refused.errors.some(({ field }) => !shown.includes(field)));
  return (
    <Stack gap="md">
      {changed.length > 0 ? (
        <Alert variant="light" color="gray">
          Your changes are not saved yet. A test runs what is saved: version {action.version}.
        </Alert>
      ) : null}
      <form onSubmit={(event) => { event.preventDefault(); run.mutate(); }}>
        <Stack gap="sm">
          <TestForm
            form={form}
            typed={typed}
            problems={byField}
            onChange={(name, text) => { setTyped({ ...typed, [name]: text }); if (run.error) run.reset(); }}
            contact={contact}
            onContact={(path, text) => setContact({ ...contact, [path]: text })}
          />
          {rest ? <ProblemAlert error={refused} shownFields={shown} /> : null}
          <Group>
            <Button type="submit" variant="default" leftSection={<IconPlayerPlay size={16} />} loading={run.isPending} disabled={problems.size > 0}>
              Run test call
            </Button>
            <Text size="sm" c="dimmed">
              {sentence(`sends a real request with deskhand-test: true; it is up to your endpoint to do nothing real for it`)}
            </Text>
          </Group>
        </Stack>
      </form>
      <div aria-live="polite">{run.data ? <TestResult invocation={run.data} /> : null}</div>
    </Stack>
  );
}
