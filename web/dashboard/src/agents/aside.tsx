import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client';
import { agentActionsQuery } from '../api/queries';
import type { Agent } from '../api/types';
import { Section } from '../parts/section';
import { duration } from '../parts/time';
import classes from './agents.module.css';

const COUNT = new Intl.NumberFormat();

/** Beside the settings: how the agent has been doing, every number leading to its list. */
export function AgentAside({ agent }: { agent: Agent }) {
  const statistics = useQuery({
    queryKey: ['statistics', { agent_id: agent.id }],
    queryFn: () => body(api.GET('/v1/statistics', { params: { query: { agent_id: agent.id, buckets: 1 } } })),
  });
  const attached = useQuery(agentActionsQuery(agent.id));
  const totals = statistics.data?.totals;
  const of = (value: number | undefined) => (value === undefined ? '–' : COUNT.format(value));
  const rate = totals?.success_rate;
  return (
    <Stack gap="lg">
      <Section title="Last 24 hours">
        <dl className={classes.facts}>
          <Fact name="Conversations"><Anchor component={Link} to={`/conversations?agent_id=${agent.id}`}>{of(totals?.conversations)}</Anchor></Fact>
          <Fact name="Invocations"><Anchor component={Link} to={`/invocations?agent_id=${agent.id}`}>{of(totals?.invocations)}</Anchor></Fact>
          <Fact name="Success rate">{rate === null || rate === undefined ? '–' : `${Math.round(rate * 100)} %`}</Fact>
          <Fact name="95 % are done within">{duration(totals?.p95_ms)}</Fact>
          <Fact name="Tokens">{totals ? COUNT.format(totals.input_tokens + totals.output_tokens) : '–'}</Fact>
        </dl>
      </Section>
      <Section title="What it can do">
        <Stack gap={6}>
          {attached.data?.data.map((action) => (
            <Anchor key={action.id} component={Link} to={`/actions/${action.id}`} underline="hover">{action.display_name}</Anchor>
          ))}
          {attached.data?.data.length === 0 ? <Text size="sm" c="dimmed">It can only talk: no action is attached.</Text> : null}
          <Text size="sm"><Anchor component={Link} to={`/agents/${agent.id}?tab=actions`}>Attach or take off actions</Anchor></Text>
        </Stack>
      </Section>
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
