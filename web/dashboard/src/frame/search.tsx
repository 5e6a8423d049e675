import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { IconBolt, IconHistory, IconLayoutDashboard, IconMessage, IconMessages, IconPlus, IconRobot, IconSearch, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { actionsQuery, agentName, agentsQuery } from '../api/queries';
import { api, body } from '../api/client';
import { contactName } from '../conversations/contact';

const ICON = { size: 18, stroke: 1.6 } as const;

/** Ctrl-K: pages, agents, actions and the newest conversations. Fetched when it opens, not before. */
export function Search() {
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const agents = useQuery({ ...agentsQuery, enabled: opened });
  const actions = useQuery({ ...actionsQuery, enabled: opened });
  const conversations = useQuery({
    queryKey: ['conversations', 'newest'],
    queryFn: () => body(api.GET('/v1/conversations', { params: { query: { limit: 10 } } })),
    enabled: opened,
  });
  const page = (id: string, label: string, icon: React.ReactNode): SpotlightActionData => ({
    id, label, leftSection: icon, onClick: () => void navigate({ to: id }),
  });

  const groups = [
    {
      group: 'Pages',
      actions: [
        page('/', 'Overview', <IconLayoutDashboard {...ICON} />),
        page('/agents', 'Agents', <IconRobot {...ICON} />),
        page('/actions', 'Actions', <IconBolt {...ICON} />),
        page('/conversations', 'Conversations', <IconMessages {...ICON} />),
        page('/invocations', 'Invocations', <IconHistory {...ICON} />),
        page('/agents/new', 'New agent', <IconPlus {...ICON} />),
        page('/actions/new', 'New custom action', <IconPlus {...ICON} />),
        page('/settings/workspace', 'Settings: workspace', <IconSettings {...ICON} />),
        page('/settings/keys', 'Settings: API keys', <IconSettings {...ICON} />),
        page('/settings/events', 'Settings: events', <IconSettings {...ICON} />),
        page('/settings/network', 'Settings: network addresses', <IconSettings {...ICON} />),
        page('/settings/widget', 'Settings: widget', <IconSettings {...ICON} />),
        page('/settings/members', 'Settings: members', <IconSettings {...ICON} />),
        page('/settings/account', 'Settings: your account', <IconSettings {...ICON} />),
      ],
    },
    {
      group: 'Agents',
      actions: (agents.data?.data ?? []).flatMap((agent) => [
        { ...page(`/agents/${agent.id}`, agent.name, <IconRobot {...ICON} />), description: 'Agent' },
        { ...page(`/agents/${agent.id}/playground`, `${agent.name}: playground`, <IconMessage {...ICON} />), description: 'Try it out' },
      ]),
    },
    {
      group: 'Actions',
      actions: (actions.data?.data ?? []).map((action) => ({
        ...page(`/actions/${action.id}`, action.display_name, <IconBolt {...ICON} />),
        description: action.name,
        keywords: action.description,
      })),
    },
    {
      group: 'Newest conversations',
      actions: (conversations.data?.data ?? []).map((conversation) => ({
        ...page(`/conversations/${conversation.id}`, conversation.preview ?? contactName(conversation.contact), <IconMessages {...ICON} />),
        description: `${contactName(conversation.contact)} · ${agentName(agents.data, conversation.agent_id)} · ${new Date(conversation.created_at).toLocaleString()}`,
        keywords: conversation.id,
      })),
    },
  ].filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      actions={groups}
      shortcut={['mod + K']}
      highlightQuery
      scrollable
      maxHeight={420}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      limit={30}
      nothingFound="Nothing by that name. Try an agent, an action, a page or a conversation's id."
      onSpotlightOpen={() => setOpened(true)}
      searchProps={{ leftSection: <IconSearch {...ICON} />, placeholder: 'Go to …', 'aria-label': 'Go to' }}
    />
  );
}
