import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { invocationQuery } from '../api/log-queries';
import { agentName, agentsQuery } from '../api/queries';
import type { InvocationWithAttempts } from '../api/types';
import { PageLoading } from '../frame/fallbacks';
import { useCrumb } from '../frame/breadcrumb';
import { CodeBlock, pretty } from '../parts/code-block';
import { PageHead } from '../parts/page-head';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { StatusBadge } from '../parts/status-badge';
import { tellProblem } from '../parts/tell';
import { Duration, RelativeTime } from '../parts/time';
import { LitArea } from '../trace/lit';
import { leaves } from '../trace/turn';
import { Values } from '../trace/values';
import { mend, outcomeSentence } from '../trace/words';
import { testAgain } from './again';
import { AttemptView } from './attempt';
import classes from './invocations.module.css';
import { Said } from './said';
import { Unsettled } from './settle';
import { Settled } from './settled';
import { SignatureNote } from './signature';
import { Stages } from './stages';
import { timeline, toneOf } from './timeline';

/** One invocation: its status first, then how it came to it, and everything that went over the wire. */
export function Page() {
  const { id } = useParams({ from: '/framed/invocations/$id' });
  const query = useQuery(invocationQuery(id));
  useCrumb(id, query.data?.action);
  if (query.error && !query.data) return <><PageHead title="Invocation" /><ProblemAlert error={query.error} onRetry={() => void query.refetch()} /></>;
  if (!query.data) return <PageLoading />;
  return <Shown key={id} invocation={query.data} />;
}

function Shown({ invocation }: { invocation: InvocationWithAttempts }) {
  const { attempts, status, action, failure } = invocation;
  const advice = failure ? mend(failure.code) : null;
  const values = leaves(invocation.parameters, invocation.provenance).map((leaf) => ({ ...leaf, key: leaf.path }));
  return (
    <>
      <PageHead
        title={<span className="dh-mono" style={{ fontSize: 'inherit' }}>{action}</span>}
        state={<><StatusBadge status={status} />{invocation.test ? <StatusBadge status="test" /> : null}</>}
      >
        <TestAgain invocation={invocation} />
      </PageHead>
      <Stack gap="lg">
        <div className={classes.status} data-tone={toneOf(status)} role="status">
          <Text className={classes.sentence} fw={600}>{outcomeSentence(invocation)}</Text>
          {advice && status !== 'unknown' ? <Text mt={2}>{advice}</Text> : null}
          {invocation.warnings.map((warning) => <Text key={warning} mt={2} size="sm">Look at this: {WARNINGS[warning] ?? warning.replaceAll('_', ' ')}</Text>)}
        </div>
        {status === 'unknown' ? <Unsettled invocation={invocation} /> : null}
        {invocation.settlement?.by === 'operator' ? <Settled settlement={invocation.settlement} status={status} /> : null}
        <LitArea>
          <div className={classes.columns}>
            <Section title="How it came to this"><Stages stages={timeline(invocation)} /></Section>
            <Section title="Parameters" about="What was sent, and where each value came from.">
              <Values values={values} />
              {invocation.conversation_id ? <Said invocation={invocation} conversation={invocation.conversation_id} /> : null}
            </Section>
          </div>
        </LitArea>
        <Section title="Requests" about={attempts.length > 1 ? 'Every attempt carries the same webhook-id and Idempotency-Key.' : undefined}>
          <Stack>
            {attempts.length === 0 ? <Text c="dimmed">{invocation.sent_at ? 'No response has been recorded yet.' : 'No request was made for it.'}</Text> : null}
            {attempts.slice(0, -1).map((attempt) => (
              <details key={attempt.id}>
                <summary>Attempt {attempt.number}: {attempt.failure?.message ?? `status ${attempt.response?.status ?? 'unknown'}`}</summary>
                <AttemptView attempt={attempt} />
              </details>
            ))}
            {attempts.slice(-1).map((attempt) => <AttemptView key={attempt.id} attempt={attempt} />)}
          </Stack>
        </Section>
        <SignatureNote attempts={attempts} />
        <Section title="Facts"><Facts invocation={invocation} /></Section>
        <details>
          <summary>Raw JSON</summary>
          <CodeBlock code={pretty(invocation)} title="The invocation as the API answers it" height="480px" />
        </details>
      </Stack>
    </>
  );
}

const WARNINGS: Record<string, string> = {
  no_success_field: 'the answer had no "success" field, so the whole of it counted as the result.',
  no_mock_response: 'the action has no mock response, so an empty success stood in for it.',
};

function Facts({ invocation }: { invocation: InvocationWithAttempts }) {
  const agents = useQuery(agentsQuery);
  const { conversation_id, agent_id, action_id, turn_id } = invocation;
  return (
    <dl className={classes.facts}>
      <dt>Invocation</dt><dd className="dh-mono">{invocation.id}</dd>
      <dt>Action</dt>
      <dd><Anchor renderRoot={(props) => <Link to="/actions/$id" params={{ id: action_id }} {...props} />}>{invocation.action}</Anchor>, version {invocation.action_version}</dd>
      {agent_id ? (
        <><dt>Agent</dt><dd><Anchor renderRoot={(props) => <Link to="/agents/$id" params={{ id: agent_id }} {...props} />}>{agentName(agents.data, agent_id)}</Anchor></dd></>
      ) : null}
      {conversation_id ? (
        <><dt>Conversation</dt><dd><Anchor renderRoot={(props) => <Link to="/conversations/$id" params={{ id: conversation_id }} search={{ turn: turn_id ?? undefined }} {...props} />}>Open the conversation</Anchor></dd></>
      ) : null}
      <dt>Decided</dt><dd><RelativeTime at={invocation.created_at} /></dd>
      <dt>Finished</dt><dd><RelativeTime at={invocation.finished_at} never="not yet" /></dd>
      <dt>Took</dt><dd><Duration ms={invocation.duration_ms} /></dd>
      {invocation.expires_at ? <><dt>Callback</dt><dd>taken until <RelativeTime at={invocation.expires_at} /></dd></> : null}
    </dl>
  );
}

function TestAgain({ invocation }: { invocation: InvocationWithAttempts }) {
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: () => testAgain(invocation),
    onSuccess: (id) => void navigate({ to: '/invocations/$id', params: { id } }),
    onError: tellProblem,
  });
  const ask = () =>
    modals.openConfirmModal({
      title: 'Test again with these parameters?',
      children: (
        <Text>
          This sends a real request to the action’s webhook URL, as it is set now, with the header <code>deskhand-test: true</code>.
          An endpoint that does not heed that header acts as it would for a customer.
        </Text>
      ),
      closeButtonProps: { 'aria-label': 'Close' },
      labels: { confirm: 'Send test call', cancel: 'Cancel' },
      onConfirm: () => run.mutate(),
    });
  return <Group><Button onClick={ask} loading={run.isPending}>Test again with these parameters</Button></Group>;
}
