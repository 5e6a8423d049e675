import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, body } from '../api/client';
import { agentsQuery } from '../api/queries';
import type { CreatedKey } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { needed } from '../session/password';

const SCOPES = [
  { value: 'chat', label: 'Chat', about: 'Talk to agents and read conversations.' },
  { value: 'read', label: 'Read', about: 'Read everything, change nothing.' },
  { value: 'admin', label: 'Admin', about: 'Everything in this workspace.' },
] as const;

const DAY_MS = 86_400_000;
const LIFETIMES = [
  { value: '', label: 'Never' },
  { value: '1', label: 'In 1 day' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In 1 year' },
];

type Values = { name: string; scope: (typeof SCOPES)[number]['value']; agent_id: string | null; days: string };
type Props = { opened: boolean; onClose: () => void; onMade: (key: CreatedKey) => void };

/** Asks what a new key is for, and makes it. */
export function NewKey({ opened, onClose, onMade }: Props) {
  const agents = useQuery({ ...agentsQuery, enabled: opened });
  const form = useForm<Values>({
    initialValues: { name: '', scope: 'chat', agent_id: null, days: '' },
    validate: { name: needed('what the key is for') },
  });
  const create = useMutation({
    mutationFn: ({ name, scope, agent_id, days }: Values) =>
      body(api.POST('/v1/keys', {
        body: { name: name.trim(), scope, agent_id, expires_at: days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null },
      })),
    onSuccess: (key) => {
      form.reset();
      onMade(key);
    },
    onError: refusedIn(form),
  });
  return (
    <Modal opened={opened} onClose={onClose} title="New API key">
      <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
        <Stack>
          <TextInput data-autofocus label="Name" description="What uses it, so that you know later." placeholder="Shop backend" maxLength={80} {...form.getInputProps('name')} />
          <Radio.Group label="What it may do" {...form.getInputProps('scope')}>
            <Stack gap="xs" mt={6}>
              {SCOPES.map(({ value, label, about }) => <Radio key={value} value={value} label={label} description={about} />)}
            </Stack>
          </Radio.Group>
          <Select
            label="Agent"
            description="Limit it to one agent."
            placeholder="Any agent"
            clearable
            data={(agents.data?.data ?? []).map((agent) => ({ value: agent.id, label: agent.name }))}
            {...form.getInputProps('agent_id')}
          />
          <Select label="Expires" data={LIFETIMES} allowDeselect={false} {...form.getInputProps('days')} />
          <ProblemAlert error={create.error} shownFields={Object.keys(form.errors)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending}>Create key</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
