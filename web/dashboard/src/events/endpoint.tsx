import { Button, Group, Stack, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { EventEndpoint } from '../api/types';
import { useCrumb } from '../frame/breadcrumb';
import { PageLoading } from '../frame/fallbacks';
import { ConfirmByName } from '../parts/confirm-by-name';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { SaveBar } from '../parts/save-bar';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tell, tellProblem } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import { UnsavedGuard } from '../parts/unsaved-guard';
import { Deliveries } from './deliveries';
import classes from './events.module.css';
import { changesOf, EndpointFields, validate, valuesOf, type EndpointValues } from './fields';
import { changeEndpoint, deliveriesKey, endpointQuery, keepEndpoint, removeEndpoint, sendTest } from './queries';
import { EndpointSecret } from './secret';
import { disabledSentence, stateOf, typesWords } from './words';

/** One event endpoint: its state, what was sent to it, and what it gets. */
export function Page() {
  const { id } = useParams({ from: '/framed/settings/events/$id' });
  const query = useQuery(endpointQuery(id));
  useCrumb(id, query.data?.url);
  if (query.error && !query.data) return <><PageHead title="Event endpoint" /><ProblemAlert error={query.error} onRetry={() => void query.refetch()} /></>;
  if (!query.data) return <PageLoading />;
  return <Shown key={id} endpoint={query.data} />;
}

function Shown({ endpoint }: { endpoint: EventEndpoint }) {
  const cache = useQueryClient();
  const { id, url, description, types, disabled } = endpoint;
  const state = stateOf(endpoint);
  const turn = useMutation({
    mutationFn: (enabled: boolean) => changeEndpoint(id, { enabled }),
    onSuccess: (saved) => {
      keepEndpoint(cache, saved);
      tell(saved.enabled ? 'It gets events from now on.' : 'It gets no events until you switch it on again.');
    },
    onError: tellProblem,
  });
  const test = useMutation({
    mutationFn: () => sendTest(id),
    onSuccess: () => {
      tell('A test event is on its way.');
      return cache.invalidateQueries({ queryKey: deliveriesKey(id) });
    },
    onError: tellProblem,
  });
  const switchOn = <Button onClick={() => turn.mutate(true)} loading={turn.isPending}>Switch on again</Button>;
  return (
    <>
      <PageHead title={url} state={<StatusBadge status={state} />} about={<>{description ? `${description} · ` : ''}{typesWords(types)} · made <RelativeTime at={endpoint.created_at} /></>}>
        {state === 'on' ? <Button variant="default" onClick={() => turn.mutate(false)} loading={turn.isPending}>Pause</Button> : null}
        {state === 'paused' ? switchOn : null}
        <Button variant={state === 'on' ? 'filled' : 'default'} leftSection={<IconSend size={15} />} onClick={() => test.mutate()} loading={test.isPending}>Send test event</Button>
      </PageHead>
      <Stack gap="lg">
        {disabled ? (
          <div className={classes.off}>
            <div>
              <Text fw={600}>Switched off by the server <RelativeTime at={disabled.at} /></Text>
              <Text>{disabledSentence(disabled)}</Text>
              <Text size="sm" c="dimmed">Events since then are not sent later. Once your endpoint works again, switch it on.</Text>
            </div>
            {switchOn}
          </div>
        ) : null}
        <Section title="Deliveries" about="What was sent, the newest first, kept for 30 days."><Deliveries endpoint={id} /></Section>
        <EndpointForm endpoint={endpoint} />
        <EndpointSecret id={id} />
        <Remove endpoint={endpoint} />
      </Stack>
    </>
  );
}

function EndpointForm({ endpoint }: { endpoint: EventEndpoint }) {
  const cache = useQueryClient();
  const form = useForm<EndpointValues>({ initialValues: valuesOf(endpoint), validate });
  const save = useMutation({
    mutationFn: (values: EndpointValues) => changeEndpoint(endpoint.id, changesOf(values)),
    onSuccess: (saved) => {
      keepEndpoint(cache, saved);
      form.setInitialValues(valuesOf(saved));
      form.setValues(valuesOf(saved));
      tell('Saved.');
    },
    onError: refusedIn(form),
  });
  const dirty = form.isDirty();
  return (
    <Section title="What it gets">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <UnsavedGuard dirty={dirty} />
        <Stack>
          <EndpointFields form={form} />
          <ProblemAlert error={save.error} shownFields={Object.keys(form.errors)} />
          <SaveBar dirty={dirty} saving={save.isPending} onDiscard={() => { form.reset(); save.reset(); }} />
        </Stack>
      </form>
    </Section>
  );
}

function Remove({ endpoint }: { endpoint: EventEndpoint }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const remove = async () => {
    await removeEndpoint(endpoint.id);
    await navigate({ to: '/settings/$section', params: { section: 'events' }, ignoreBlocker: true });
    cache.removeQueries({ queryKey: endpointQuery(endpoint.id).queryKey });
    void cache.invalidateQueries({ queryKey: ['event-endpoints'] });
    void cache.invalidateQueries({ queryKey: ['notices'] });
    tell('The endpoint was deleted.');
  };
  return (
    <Section title="Delete this endpoint" danger about="It gets no more events, and its log is gone.">
      <Group><Button variant="default" c="var(--mantine-color-error)" onClick={() => setAsking(true)}>Delete endpoint …</Button></Group>
      <ConfirmByName opened={asking} onClose={() => setAsking(false)} title="Delete this endpoint?" name={endpoint.url} verb="Delete endpoint" onConfirm={remove}>
        <Text>What is on its way to it is given up. This cannot be undone.</Text>
      </ConfirmByName>
    </Section>
  );
}
