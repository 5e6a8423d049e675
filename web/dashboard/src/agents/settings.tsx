import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body } from '../api/client';
import { agentQuery } from '../api/queries';
import type { Agent } from '../api/types';
import { ConfirmByName } from '../parts/confirm-by-name';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { SaveBar } from '../parts/save-bar';
import { Section } from '../parts/section';
import { tell } from '../parts/tell';
import { UnsavedGuard } from '../parts/unsaved-guard';
import { needed } from '../session/password';
import classes from './agents.module.css';
import { AgentAside } from './aside';
import { FallbackFields, ModelFields, PersonaFields } from './fields';
import { changesOf, valuesOf, type AgentValues } from './values';

/** What an agent is told, what it thinks with, what it says when it cannot help; and its end. */
export function AgentSettings({ agent }: { agent: Agent }) {
  const cache = useQueryClient();
  const form = useForm<AgentValues>({ initialValues: valuesOf(agent), validate: { name: needed('a name') } });
  const save = useMutation({
    mutationFn: (values: AgentValues) =>
      body(api.PATCH('/v1/agents/{id}', { params: { path: { id: agent.id } }, body: changesOf(values) })),
    onSuccess: (saved) => {
      cache.setQueryData(agentQuery(agent.id).queryKey, saved);
      void cache.invalidateQueries({ queryKey: ['agents', 'all'] });
      void cache.invalidateQueries({ queryKey: ['agents', 'list'] });
      form.setInitialValues(valuesOf(saved));
      form.setValues(valuesOf(saved));
      tell('Saved.');
    },
    onError: refusedIn(form),
  });
  const dirty = form.isDirty();
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate className={classes.columns}>
      <UnsavedGuard dirty={dirty} />
      <Stack gap="lg">
        <PersonaFields form={form} />
        <ModelFields form={form} />
        <FallbackFields form={form} />
        <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
        <SaveBar dirty={dirty} saving={save.isPending} onDiscard={() => { form.reset(); save.reset(); }} />
        <DeleteAgent agent={agent} />
      </Stack>
      <AgentAside agent={agent} />
    </form>
  );
}

function DeleteAgent({ agent }: { agent: Agent }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const remove = async () => {
    await api.DELETE('/v1/agents/{id}', { params: { path: { id: agent.id } } });
    await navigate({ to: '/agents', ignoreBlocker: true });
    cache.removeQueries({ queryKey: ['agents', agent.id] });
    await cache.invalidateQueries({ queryKey: ['agents'] });
    tell(`${agent.name} was deleted.`);
  };
  return (
    <Section title="Delete this agent" danger about="It stops answering at once, in the widget too. Its actions stay.">
      <Group><Button variant="default" c="var(--mantine-color-error)" onClick={() => setAsking(true)}>Delete agent …</Button></Group>
      <ConfirmByName opened={asking} onClose={() => setAsking(false)} title="Delete this agent?" name={agent.name} verb="Delete agent" onConfirm={remove}>
        <Text>Customers can no longer talk to it. This cannot be undone.</Text>
      </ConfirmByName>
    </Section>
  );
}
