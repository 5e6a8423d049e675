import { Anchor, Button, Group, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import { agentActionsQuery, agentsQuery } from '../../api/queries';
import type { Action, Agent, Page } from '../../api/types';
import { ProblemAlert } from '../../parts/problem-alert';
import { tellProblem } from '../../parts/tell';
import classes from '../actions.module.css';
import { Panel } from './panel';

/** The agents that may use the action. */
export function Attach({ action }: { action: Action | null }) {
  return (
    <Panel section="attach" number={5} title="Attach" why="An action does nothing until an agent has it.">
      {action ? <Agents action={action} /> : <Text c="dimmed" size="sm">Comes when the action has been created.</Text>}
    </Panel>
  );
}

function Agents({ action }: { action: Action }) {
  const agents = useQuery(agentsQuery);
  const rows = agents.data?.data ?? [];
  const attached = useQueries({ queries: rows.map((agent) => agentActionsQuery(agent.id)) });
  if (agents.error) return <ProblemAlert error={agents.error} onRetry={() => void agents.refetch()} />;
  if (!agents.data) return <Skeleton height={60} />;
  if (rows.length === 0) {
    return (
      <Group justify="space-between">
        <Text size="sm">There is no agent yet. Make one, and give it this action.</Text>
        <Button variant="default" renderRoot={(props) => <Link to="/agents/new" {...props} />}>Create an agent</Button>
      </Group>
    );
  }
  return (
    <Stack gap={0} className={classes.agents}>
      {rows.map((agent, at) => <AgentRow key={agent.id} agent={agent} action={action} offers={attached[at]?.data} />)}
    </Stack>
  );
}

function AgentRow({ agent, action, offers }: { agent: Agent; action: Action; offers: Page<Action> | undefined }) {
  const cache = useQueryClient();
  const key = agentActionsQuery(agent.id).queryKey;
  const toggle = useMutation({
    mutationFn: (attach: boolean) => {
      const params = { path: { id: agent.id, action_id: action.id } };
      return attach
        ? api.PUT('/v1/agents/{id}/actions/{action_id}', { params })
        : api.DELETE('/v1/agents/{id}/actions/{action_id}', { params });
    },
    onMutate: async (attach) => {
      await cache.cancelQueries({ queryKey: key });
      const before = cache.getQueryData(key);
      cache.setQueryData(key, (page) => {
        if (!page) return page;
        const others = page.data.filter((other) => other.id !== action.id);
        return { ...page, data: attach ? [...others, action] : others };
      });
      return { before };
    },
    onError: (error, _, context) => {
      cache.setQueryData(key, context?.before);
      tellProblem(error);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: key }),
  });
  const has = offers?.data.some((other) => other.id === action.id) ?? false;
  return (
    <div className={classes.agent}>
      <Switch
        label={agent.name}
        aria-label={`${agent.name} offers ${action.display_name}`}
        checked={has}
        disabled={!offers}
        onChange={(event) => toggle.mutate(event.currentTarget.checked)}
      />
      {has ? (
        <Anchor component={Link} to={`/agents/${agent.id}/playground`} size="sm">Try it in the playground</Anchor>
      ) : (
        <Text size="sm" c="dimmed">Does not offer it</Text>
      )}
    </div>
  );
}
