import { Button, Stack, Tabs, Text } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { agentQuery } from '../api/queries';
import type { Agent } from '../api/types';
import { PageLoading } from '../frame/fallbacks';
import { useCrumb } from '../frame/breadcrumb';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { RelativeTime } from '../parts/time';
import { AttachedActions } from './attached';
import { AgentSettings } from './settings';
import { WidgetTab } from './widget-tab';

const TABS = [
  { value: 'settings', label: 'Settings' },
  { value: 'actions', label: 'Actions' },
  { value: 'widget', label: 'Widget' },
];

/** One agent: its settings, what it can do, and how it looks on a web page. */
export function Page() {
  const { id } = useParams({ from: '/framed/agents/$id' });
  const agent = useQuery(agentQuery(id));
  useCrumb(id, agent.data?.name);
  if (agent.data) return <Editor agent={agent.data} />;
  if (agent.error) return <ProblemAlert error={agent.error} onRetry={() => void agent.refetch()} />;
  return <PageLoading />;
}

function Editor({ agent }: { agent: Agent }) {
  const [{ tab = 'settings' }, set] = useFilters();
  const open = TABS.some(({ value }) => value === tab) ? tab : 'settings';
  return (
    <>
      <PageHead title={agent.name} about={<Text span size="sm">Changed <RelativeTime at={agent.updated_at} /> · <span className="dh-mono">{agent.id}</span></Text>}>
        <Button component={Link} to={`/agents/${agent.id}/playground`} variant={open === 'actions' ? 'filled' : 'default'} leftSection={<IconMessage size={16} stroke={1.6} />}>
          Open playground
        </Button>
      </PageHead>
      <Tabs value={open} onChange={(value) => set('tab', value === 'settings' ? null : value)} keepMounted>
        <Tabs.List mb="lg">
          {TABS.map(({ value, label }) => <Tabs.Tab key={value} value={value}>{label}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="settings"><AgentSettings agent={agent} /></Tabs.Panel>
        <Tabs.Panel value="actions"><AttachedActions agent={agent} /></Tabs.Panel>
        <Tabs.Panel value="widget">{open === 'widget' ? <WidgetTab agent={agent} /> : <Stack />}</Tabs.Panel>
      </Tabs>
    </>
  );
}
