import { Anchor, Button, CloseButton, Drawer, Group, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconRepeat } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { conversationQuery } from '../api/log-queries';
import { agentName, agentsQuery } from '../api/queries';
import { PageLoading } from '../frame/fallbacks';
import { useCrumb } from '../frame/breadcrumb';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { StatusBadge } from '../parts/status-badge';
import { RelativeTime } from '../parts/time';
import { LitArea } from '../trace/lit';
import { type StoredConversation, turnsOf } from '../trace/stored';
import { TracePanel } from '../trace/trace-panel';
import { Transcript } from '../trace/transcript';
import { vouchedIn } from '../trace/turn';
import { contactName } from './contact';
import classes from './conversations.module.css';
import { AnswerAsPerson, Waiting } from './person';
import { useRunning, withRunning } from './use-running';

/** One conversation: what was said, the actions in their places, and what happened in each turn. */
export function Page() {
  const { id } = useParams({ from: '/framed/conversations/$id' });
  const query = useQuery(conversationQuery(id));
  useCrumb(id, query.data ? contactName(query.data.contact) : undefined);
  if (query.error && !query.data) return <><PageHead title="Conversation" /><ProblemAlert error={query.error} onRetry={() => void query.refetch()} /></>;
  if (!query.data) return <PageLoading />;
  return <LitArea key={id}><Shown conversation={query.data} /></LitArea>;
}

function Shown({ conversation }: { conversation: StoredConversation }) {
  const agents = useQuery(agentsQuery);
  const navigate = useNavigate();
  const [filters, setFilter] = useFilters();
  // Words and what came of them stand side by side where there is room; else one lies over the other.
  const wide = useMediaQuery('(min-width: 75em)', true, { getInitialValueInEffect: false });
  const { running, cut } = useRunning(conversation.id);
  const turns = withRunning(turnsOf(conversation), running);
  const at = turns.findIndex(({ key }) => key === filters.turn);
  const selected = at < 0 ? null : (turns[at] ?? null);
  const { contact, agent_id, mode } = conversation;
  const came = useRef(filters.turn);
  useEffect(() => {
    // A link to one turn leads to it, however long the conversation is.
    if (came.current) document.getElementById(came.current)?.scrollIntoView({ block: 'center' });
  }, []);
  const close = () => setFilter('turn', null);
  const replay = () =>
    void navigate({ to: '/agents/$id/playground', params: { id: agent_id }, search: { replay: conversation.id } });
  return (
    <>
      <PageHead
        title={contactName(contact)}
        state={<>{conversation.handoff ? <StatusBadge status="person" /> : null}{mode !== 'live' ? <StatusBadge status="test" label={mode === 'mock' ? 'Mock results' : 'Test calls'} /> : null}</>}
        about={<>With <Anchor renderRoot={(props) => <Link to="/agents/$id" params={{ id: agent_id }} {...props} />}>{agentName(agents.data, agent_id)}</Anchor>, begun <RelativeTime at={conversation.created_at} />, last message <RelativeTime at={conversation.updated_at} /></>}
      >
        <Anchor size="sm" renderRoot={(props) => <Link to="/invocations" search={{ conversation_id: conversation.id }} {...props} />}>
          {conversation.invocations.length} {conversation.invocations.length === 1 ? 'invocation' : 'invocations'}
        </Anchor>
        <Button variant="default" leftSection={<IconRepeat size={15} />} onClick={replay}>Replay in the playground</Button>
      </PageHead>
      <div className={classes.columns} data-open={selected !== null || undefined}>
        <Stack className={classes.column}>
          <Waiting conversation={conversation} />
          <ContactFacts contact={contact} />
          {turns.length >= 200 ? <Text size="sm" c="dimmed">Only the last 200 turns are shown.</Text> : null}
          <Transcript turns={turns} selected={selected?.key ?? null} onSelect={(key) => setFilter('turn', key)} values={selected ? vouchedIn(selected) : []} />
          <AnswerAsPerson conversation={conversation} />
          {cut ? <Text size="sm" c="dimmed" role="status">The live connection was lost. Reload the page to follow along again.</Text> : null}
        </Stack>
        {selected && wide ? (
          <aside className={classes.beside}>
            <CloseButton className={classes.close} onClick={close} aria-label="Close what happened" />
            <TracePanel turn={selected} number={at + 1} />
          </aside>
        ) : null}
      </div>
      <Drawer opened={selected !== null && !wide} onClose={close} position="right" size="min(560px, 100vw)" title="What happened" closeButtonProps={{ 'aria-label': 'Close what happened' }}>
        {selected ? <TracePanel turn={selected} number={at + 1} /> : null}
      </Drawer>
    </>
  );
}

function ContactFacts({ contact }: { contact: StoredConversation['contact'] }) {
  const facts = [contact.id, contact.email, contact.phone, contact.timezone, contact.locale].filter((fact) => fact && fact !== contactName(contact));
  if (facts.length === 0) return null;
  return <Group gap="md">{facts.map((fact) => <Text key={fact} size="sm" c="dimmed">{fact}</Text>)}</Group>;
}
