import { ActionIcon, Anchor, Button, Combobox, Group, Skeleton, Stack, Text, Tooltip, useCombobox } from '@mantine/core';
import { IconBolt, IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { actionsQuery, agentActionsQuery } from '../api/queries';
import type { Action, Agent, Page } from '../api/types';
import { EmptyState } from '../parts/empty-state';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tellProblem } from '../parts/tell';
import classes from './agents.module.css';

/** What the agent can do; more can be attached, and any taken off. */
export function AttachedActions({ agent }: { agent: Agent }) {
  const attached = useQuery(agentActionsQuery(agent.id));
  const all = useQuery(actionsQuery);
  const change = useAttach(agent.id);
  if (attached.error) return <ProblemAlert error={attached.error} onRetry={() => void attached.refetch()} />;
  if (!attached.data || !all.data) return <Stack><Skeleton height={120} /></Stack>;
  const has = new Set(attached.data.data.map((action) => action.id));
  const free = all.data.data.filter((action) => !has.has(action.id));
  if (all.data.data.length === 0) {
    return (
      <EmptyState
        icon={<IconBolt size={32} stroke={1.4} />}
        title={`${agent.name} can talk, but not act yet`}
        actions={<Button component={Link} to="/actions/new" leftSection={<IconPlus size={16} />}>New custom action</Button>}
      >
        An action lets the agent do something in your systems: look up an order, change an address, start a refund. Describe it once and attach it here.
      </EmptyState>
    );
  }
  return (
    <Stack gap="lg" maw={760}>
      <Section title="Attached actions" about="The agent decides from an action's description when to use it. Actions that are off are not offered to the model.">
        <Stack gap={0}>
          {attached.data.data.map((action) => (
            <Row key={action.id} action={action} onRemove={() => change.mutate({ action, attach: false })} />
          ))}
          {has.size === 0 ? <Text c="dimmed" size="sm">None attached: the agent can only talk.</Text> : null}
        </Stack>
        <Group mt="md"><AddAction free={free} onAdd={(action) => change.mutate({ action, attach: true })} /></Group>
      </Section>
    </Stack>
  );
}

function Row({ action, onRemove }: { action: Action; onRemove: () => void }) {
  return (
    <div className={classes.attached}>
      <div className={classes.grow}>
        <Group gap={8}>
          <Anchor component={Link} to={`/actions/${action.id}`} underline="hover" fw={500}>{action.display_name}</Anchor>
          <span className="dh-mono">{action.name}</span>
          {action.enabled ? null : <StatusBadge status="off" />}
        </Group>
        <Text size="sm" c="dimmed" lineClamp={2}>{action.description}</Text>
      </div>
      <Tooltip label="Take off this agent">
        <ActionIcon variant="subtle" color="gray" aria-label={`Take ${action.display_name} off this agent`} onClick={onRemove}><IconX size={16} /></ActionIcon>
      </Tooltip>
    </div>
  );
}

function AddAction({ free, onAdd }: { free: Action[]; onAdd: (action: Action) => void }) {
  const [search, setSearch] = useState('');
  const combobox = useCombobox({ onDropdownClose: () => { combobox.resetSelectedOption(); setSearch(''); }, onDropdownOpen: () => combobox.focusSearchInput() });
  const wanted = search.trim().toLowerCase();
  const found = free.filter((action) => `${action.display_name} ${action.name} ${action.description}`.toLowerCase().includes(wanted));
  return (
    <Combobox
      store={combobox}
      width={340}
      position="bottom-start"
      onOptionSubmit={(id) => {
        const action = free.find((one) => one.id === id);
        if (action) onAdd(action);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <Button variant="default" leftSection={<IconPlus size={15} />} disabled={free.length === 0} onClick={() => combobox.toggleDropdown()}>
          {free.length === 0 ? 'All actions are attached' : 'Attach an action'}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder="Find an action" aria-label="Find an action" />
        <Combobox.Options mah={280} style={{ overflowY: 'auto' }}>
          {found.map((action) => (
            <Combobox.Option key={action.id} value={action.id}>
              <Text size="sm" fw={500}>{action.display_name}</Text>
              <Text size="xs" c="dimmed" lineClamp={1}>{action.description}</Text>
            </Combobox.Option>
          ))}
          {found.length === 0 ? <Combobox.Empty>None by that name</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

// Shown at once; put back if the server refuses.
function useAttach(id: string) {
  const cache = useQueryClient();
  const key = agentActionsQuery(id).queryKey;
  return useMutation({
    mutationFn: ({ action, attach }: { action: Action; attach: boolean }) => {
      const at = { params: { path: { id, action_id: action.id } } };
      return attach ? api.PUT('/v1/agents/{id}/actions/{action_id}', at) : api.DELETE('/v1/agents/{id}/actions/{action_id}', at);
    },
    onMutate: async ({ action, attach }) => {
      await cache.cancelQueries({ queryKey: key });
      const before = cache.getQueryData<Page<Action>>(key);
      cache.setQueryData(key, (list) => list && {
        ...list,
        data: attach ? [...list.data, action] : list.data.filter((one) => one.id !== action.id),
      });
      return { before };
    },
    onError: (error, _change, context) => {
      if (context?.before) cache.setQueryData<Page<Action>>(key, context.before);
      tellProblem(error);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: key }),
  });
}
