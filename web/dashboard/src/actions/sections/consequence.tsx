import { Group, Skeleton, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, body } from '../../api/client';
import { curl } from '../../invocations/curl';
import { CodeBlock } from '../../parts/code-block';
import { CopyButton } from '../../parts/copy-button';
import classes from '../actions.module.css';
import { requestText, shownRequest } from '../model/preview';
import { definitionOf } from '../model/draft';
import { isObject, own } from '../model/json';
import { callShape, seenParameters } from '../model/seen';
import { formOf, sampleOf } from '../model/test-form';
import { useEditor } from './state';

/** At the right of the editor: what follows from what is written. */
export function Consequence() {
  return (
    <aside className={classes.aside} aria-label="What follows from it">
      <AgentSees />
      <CustomerSays />
      <Request />
    </aside>
  );
}

function useSchema() {
  const { settled, action } = useEditor();
  const schema = own(settled, 'parameters');
  if (isObject(schema)) return schema;
  return action ? definitionOf(action).parameters : { type: 'object' };
}

function AgentSees() {
  const { draft } = useEditor();
  const schema = useSchema();
  return (
    <section className={classes.card} aria-labelledby="agent-sees">
      <Title order={2} id="agent-sees">What the agent sees</Title>
      <p className={classes.shape}>{callShape(draft.name, schema)}</p>
      <Text size="sm" c={draft.description === '' ? 'dimmed' : undefined} style={{ overflowWrap: 'anywhere' }}>
        {draft.description === '' ? 'Without a description the agent has nothing to choose by.' : `“${draft.description}”`}
      </Text>
      <ul className={classes.said}>
        {seenParameters(schema).map(({ name, required, kind, description }) => (
          <li key={name}>
            <code>{name}</code> <Text span c="dimmed" inherit>{kind}{required ? ', required' : ''}</Text>
            {description === '' ? null : <div>{description}</div>}
          </li>
        ))}
      </ul>
      {draft.enabled ? null : <Text size="sm" c="dimmed" mt={8}>The action is off: no agent is offered it.</Text>}
    </section>
  );
}

function CustomerSays() {
  const { draft } = useEditor();
  const said = draft.examples.filter((example) => example.trim() !== '');
  return (
    <section className={classes.card} aria-labelledby="customer-says">
      <Title order={2} id="customer-says">A customer might say</Title>
      {said.length > 0 ? (
        <ul className={classes.said}>
          {said.map((example) => <li key={example}>“{example}” <Text span c="dimmed" inherit>→ {draft.name || 'this action'}</Text></li>)}
        </ul>
      ) : (
        <Text size="sm" c="dimmed" mt={8}>
          Nothing yet. Two or three sentences help where customers use other words than your description.
        </Text>
      )}
    </section>
  );
}

function Request() {
  const { settled, sound } = useEditor();
  const schema = useSchema();
  const parameters = useMemo(() => sampleOf(formOf(schema)), [schema]);
  const begun = ['name', 'webhook_url'].every((field) => own(settled, field) !== '');
  const asked = JSON.stringify({ definition: settled, parameters });
  const preview = useQuery({
    queryKey: ['action-preview', asked],
    queryFn: ({ signal }) => body(api.POST('/v1/actions/preview', { body: JSON.parse(asked) as never, signal })),
    // What the check refuses, the preview would refuse too.
    enabled: sound,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });
  const request = preview.data ? shownRequest(preview.data.request) : null;
  return (
    <section className={classes.card} aria-labelledby="the-request">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Title order={2} id="the-request">The request</Title>
        {request ? <CopyButton text={curl(request)} label="Copy as cURL" word="Copy cURL" /> : null}
      </Group>
      {request ? (
        <div style={{ marginTop: 8 }}>
          <CodeBlock code={requestText(request)} copyLabel="Copy the request" height="1200px" wrap />
        </div>
      ) : preview.isFetching ? (
        <Skeleton height={120} mt={8} />
      ) : (
        <Text size="sm" c="dimmed" mt={8}>
          {begun
            ? 'It appears here when every field can be accepted.'
            : 'It appears here when the action has a name and a webhook URL.'}
        </Text>
      )}
    </section>
  );
}
