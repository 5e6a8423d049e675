import { Anchor, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { IconRefresh, IconRepeat, IconUser } from '@tabler/icons-react';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { agentActionsQuery, agentQuery } from '../api/queries';
import { useCrumb } from '../frame/breadcrumb';
import { useFilters } from '../parts/filters';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { tellProblem } from '../parts/tell';
import type { ChatRequest, ContactGiven } from '../trace/follow';
import { LitArea } from '../trace/lit';
import { TracePanel } from '../trace/trace-panel';
import { Transcript } from '../trace/transcript';
import { vouchedIn } from '../trace/turn';
import { Composer } from './composer';
import { ContactForm } from './contact-form';
import classes from './playground.module.css';
import { customerMessages, isBusy, shown } from './state';
import { Hello } from './hello';
import { useAddress } from './use-address';
import { usePlayground } from './use-playground';

type Mode = ChatRequest['mode'];

/** Talking to an agent, with everything it does beside the words. No customer's order is ever touched by it. */
export function Page() {
  const { id } = useParams({ from: '/framed/agents/$id/playground' });
  // Another agent is another playground.
  return <LitArea key={id}><Talk agent={id} /></LitArea>;
}

function Talk({ agent }: { agent: string }) {
  const named = useQuery(agentQuery(agent));
  const actions = useQuery(agentActionsQuery(agent));
  useCrumb(agent, named.data?.name);
  const [filters] = useFilters();
  const [mode, setMode] = useLocalStorage<Mode>({ key: 'playground-mode', defaultValue: 'test', getInitialValueInEffect: false });
  const [contact, setContact] = useLocalStorage<ContactGiven | null>({ key: 'playground-contact', defaultValue: null, getInitialValueInEffect: false });
  const [editing, contactForm] = useDisclosure(false);
  const playground = usePlayground(agent, { mode, contact });
  const { state } = playground;
  const [chosen, setChosen] = useState<string | null>(null);
  useAddress(playground, filters, tellProblem, (stored) => setMode(stored));
  const busy = isBusy(state);
  const selected = shown(state.turns, chosen);
  const number = selected ? state.turns.indexOf(selected) + 1 : 0;

  const startOver = () => {
    setChosen(null);
    playground.startOver();
  };
  const change = (next: string) => {
    if (next === mode) return;
    // A conversation keeps its mode, so another one begins.
    setMode(next as Mode);
    startOver();
  };
  const changeContact = (next: ContactGiven | null) => {
    setContact(next);
    contactForm.close();
    startOver();
  };
  const send = (text: string) => {
    setChosen(null);
    void playground.send(text);
  };
  const replay = () => {
    setChosen(null);
    void playground.replay(customerMessages(state));
  };
  if (named.error) return <><PageHead title="Playground" /><ProblemAlert error={named.error} onRetry={() => void named.refetch()} /></>;
  return (
    <>
      <PageHead title={named.data?.name ?? 'Playground'} about={mode === 'test' ? 'Talk to the agent as a customer would. Every call carries deskhand-test: true.' : 'Talk to the agent as a customer would. Nothing is sent: mock responses answer.'}>
        <SegmentedControl
          size="xs"
          aria-label="What becomes of calls"
          value={mode}
          onChange={change}
          data={[{ value: 'test', label: 'Test calls' }, { value: 'mock', label: 'Mock results' }]}
        />
        <Button variant="default" size="xs" leftSection={<IconUser size={14} />} onClick={contactForm.open}>
          {contact?.name ?? contact?.email ?? contact?.id ?? 'Anonymous contact'}
        </Button>
        <Button variant="default" size="xs" leftSection={<IconRepeat size={14} />} onClick={replay} disabled={busy || state.turns.length === 0}>Replay</Button>
        <Button variant="default" size="xs" leftSection={<IconRefresh size={14} />} onClick={startOver} disabled={state.turns.length === 0}>Start over</Button>
      </PageHead>
      <ContactForm opened={editing} contact={contact} onClose={contactForm.close} onSave={changeContact} />
      <div className={classes.halves}>
        <section className={classes.half} aria-label="Conversation">
          <Scrolling follow={`${state.turns.length} ${selected?.reply.text.length ?? 0} ${selected?.steps.length ?? 0}`}>
            {state.turns.length === 0
              ? <Hello mode={mode} actions={actions.data?.data} agent={agent} onSay={send} />
              : <Transcript turns={state.turns} selected={selected?.key ?? null} onSelect={setChosen} values={selected ? vouchedIn(selected) : []} />}
            {state.refused ? <div className={classes.refused}><ProblemAlert error={state.refused.problem} /></div> : null}
          </Scrolling>
          {state.waiting.length > 0 ? <Text size="xs" c="dimmed" px="md">{state.waiting.length} more {state.waiting.length === 1 ? 'message' : 'messages'} to replay.</Text> : null}
          <Composer busy={busy} returned={state.refused?.text ?? ''} onSend={send} />
        </section>
        <section className={classes.half} aria-label="What happened">
          <Scrolling follow={null}>
            {selected
              ? <TracePanel turn={selected} number={number} />
              : <Text c="dimmed">What happens appears here as it happens: each answer asked of the model, each call it decides on, where every value came from, the request, and the outcome.</Text>}
          </Scrolling>
          {state.conversation ? (
            <Group className={classes.foot}>
              <Anchor size="sm" renderRoot={(props) => <Link to="/conversations/$id" params={{ id: state.conversation ?? '' }} {...props} />}>Open as a conversation</Anchor>
            </Group>
          ) : null}
        </section>
      </div>
    </>
  );
}

/** Scrolls inside itself; stays at its end while what it follows grows, unless one has scrolled up. */
function Scrolling({ follow, children }: { follow: string | null; children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (follow !== null && atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [follow]);
  return (
    <div
      ref={box}
      className={classes.scrolling}
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      {children}
    </div>
  );
}
