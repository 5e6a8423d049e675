import { Button, Group, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, body } from '../api/client';
import { agentsQuery } from '../api/queries';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { UnsavedGuard } from '../parts/unsaved-guard';
import { needed } from '../session/password';
import { ModelFields, PersonaFields } from './fields';
import { EMPTY, changesOf, type AgentValues } from './values';

/** Makes an agent: a name is enough, the rest can follow. */
export function Page() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const first = useQuery(agentsQuery).data?.data.length === 0;
  const form = useForm<AgentValues>({ initialValues: EMPTY, validate: { name: needed('a name') } });
  const create = useMutation({
    mutationFn: (values: AgentValues) => body(api.POST('/v1/agents', { body: changesOf(values) })),
    onSuccess: async (agent) => {
      await cache.invalidateQueries({ queryKey: ['agents'] });
      await navigate({ to: '/agents/$id', params: { id: agent.id }, search: { tab: 'actions' }, ignoreBlocker: true });
    },
    onError: refusedIn(form),
  });
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <UnsavedGuard dirty={form.isDirty() && !create.isSuccess} />
      <PageHead title={first ? 'Create your first agent' : 'New agent'} about="A name is enough to begin with. Next you attach what it can do, and try it in the playground.">
        <Button component={Link} to="/agents" variant="default">Cancel</Button>
        <Button type="submit" loading={create.isPending}>Create agent</Button>
      </PageHead>
      <Stack gap="lg" maw={760}>
        <ProblemAlert error={create.error} shownFields={Object.keys(form.errors)} />
        <PersonaFields form={form} />
        <ModelFields form={form} />
        <Group justify="flex-end"><Button type="submit" variant="default" loading={create.isPending}>Create agent</Button></Group>
      </Stack>
    </form>
  );
}
