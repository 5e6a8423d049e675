import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { StatusBadge } from '../parts/status-badge';
import { duration } from '../parts/time';
import type { AttemptTrace } from './events';
import { TimingBar } from './timing-bar';
import classes from './trace.module.css';
import { type CallStep, isRunning, type ModelStep, type TurnView, valueKey, valuesOf } from './turn';
import { Values } from './values';
import { fieldSentence, mend, refusalSentence, verdictWords } from './words';

const Exchange = lazy(() => import('../invocations/exchange').then(({ Exchange: it }) => ({ default: it })));

/** What happened in a turn, step by step. */
export function Steps({ turn }: { turn: TurnView }) {
  return (
    <ol className={classes.steps}>
      {turn.steps.map((step, at) =>
        step.kind === 'model'
          ? <Model key={step.key} step={step} asked={turn.steps.slice(at + 1)} />
          : <Call key={step.key} step={step} />,
      )}
    </ol>
  );
}

function Model({ step, asked }: { step: ModelStep; asked: TurnView['steps'] }) {
  const { trace } = step;
  const next = asked.findIndex(({ kind }) => kind === 'model');
  const calls = (next < 0 ? asked : asked.slice(0, next)).filter((other): other is CallStep => other.kind === 'call');
  const names = [...new Set(calls.map(({ action }) => action))];
  const counted = trace.input_tokens !== null || trace.output_tokens !== null;
  return (
    <li className={classes.step}>
      <span className={classes.dot} data-tone={trace.outcome === 'error' ? 'red' : 'green'} aria-hidden />
      <div className={classes.line}>
        <span>{said(trace.outcome, names)}</span>
        <span className={classes.side}>{duration(trace.duration_ms)}</span>
      </div>
      <div className={classes.quiet}>
        {trace.model}
        {trace.first_token_ms === null ? '' : ` · first words after ${duration(trace.first_token_ms)}`}
        {counted ? ` · ${(trace.input_tokens ?? 0).toLocaleString()} tokens in, ${(trace.output_tokens ?? 0).toLocaleString()} out` : ''}
      </div>
      {trace.error ? <div className={classes.inside}><div className={classes.refused}>{trace.error}</div></div> : null}
    </li>
  );
}

function said(outcome: ModelStep['trace']['outcome'], names: string[]) {
  if (outcome === 'reply') return 'Model replied';
  if (outcome === 'error') return 'Model gave no answer';
  if (names.length === 0) return 'Model asked for a call';
  return <>Model chose {names.map((name, at) => <span key={name}>{at > 0 ? ', ' : ''}<span className="dh-mono">{name}</span></span>)}</>;
}

function Call({ step }: { step: CallStep }) {
  const { decision, invocation, attempts } = step;
  const refusal = decision ? refusalSentence({ ...decision, action: step.action }) : null;
  const values = valuesOf(step).map((value) => ({ ...value, key: valueKey(step, value.path) }));
  // What the model wrote may be no object at all; then it is shown as it stands.
  const written = typeof decision?.parameters === 'string' ? decision.parameters : null;
  const sent = refusal === null;
  return (
    <li className={classes.step} data-call={step.action}>
      <span className={classes.dot} data-tone={tone(step)} aria-hidden />
      <div className={classes.line}>
        <span><span className="dh-mono">{step.action}</span></span>
        <Group gap={6} wrap="nowrap">
          {decision && !sent ? <StatusBadge status="off" tone={decision.verdict === 'repeated' ? 'grey' : 'red'} label={verdictWords(decision.verdict)} /> : null}
          {invocation && sent ? <StatusBadge status={invocation.status} /> : null}
          {invocation && sent ? <span className={classes.side}>{duration(invocation.duration_ms)}</span> : null}
        </Group>
      </div>
      <div className={classes.inside}>
        {written === null ? <Values values={values} sent={sent} /> : <code className="dh-mono">{written}</code>}
        {refusal === null ? null : <Refusal step={step} sentence={refusal} />}
        {attempts.map((attempt) => <Attempt key={attempt.number} attempt={attempt} of={attempts.length} />)}
        {answeredUnsent(step) ? <div className={classes.quiet}>No request was made: the action’s mock response answered.</div> : null}
        {isRunning(step) && attempts.length === 0 ? <div className={classes.quiet}>Waiting for the endpoint…</div> : null}
        {invocation && !isRunning(step) ? <Details id={invocation.id} sent={sent} /> : null}
        {!invocation && decision?.invocation_id ? <Other id={decision.invocation_id} /> : null}
      </div>
    </li>
  );
}

function Refusal({ step, sentence }: { step: CallStep; sentence: string }) {
  const { decision } = step;
  const advice = decision?.code ? mend(decision.code) : null;
  return (
    <div className={classes.refused} data-tone={decision?.verdict === 'repeated' ? 'grey' : 'red'}>
      <strong>{decision ? verdictWords(decision.verdict) : 'Not sent'}:</strong> {sentence}
      {decision && decision.fields.length > 0 ? (
        <ul>{decision.fields.map((field) => <li key={`${field.path} ${field.problem}`}>{fieldSentence(field)}</li>)}</ul>
      ) : null}
      {advice ? <div>{advice}</div> : null}
    </div>
  );
}

function Attempt({ attempt, of }: { attempt: AttemptTrace; of: number }) {
  // Said once, where the last one has failed too.
  const advice = attempt.failure && attempt.number === of ? mend(attempt.failure.code) : null;
  return (
    <div className={classes.attempt}>
      <div className={classes.line}>
        <span className="dh-mono">{of > 1 ? `${attempt.number}. ` : ''}POST {attempt.url_host}</span>
        <span className={classes.side}>
          {attempt.status === null ? 'no response' : attempt.status} · {duration(attempt.timings.total_ms)}
        </span>
      </div>
      <TimingBar timings={attempt.timings} />
      {attempt.failure ? <Text size="sm">{attempt.failure.message} {advice}</Text> : null}
    </div>
  );
}

/** The exact request and response, fetched when asked for. */
function Details({ id, sent }: { id: string; sent: boolean }) {
  const [open, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Group gap="sm">
        {sent ? (
          <Button
            variant="subtle"
            size="compact-xs"
            color="gray"
            onClick={toggle}
            aria-expanded={open}
            leftSection={open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
          >
            Request and response
          </Button>
        ) : null}
        <Anchor size="sm" renderRoot={(props) => <Link to="/invocations/$id" params={{ id }} {...props} />}>Open invocation</Anchor>
      </Group>
      {open ? <Suspense fallback={<div className={classes.quiet}>Loading…</div>}><Exchange id={id} /></Suspense> : null}
    </div>
  );
}

function Other({ id }: { id: string }) {
  return (
    <div>
      <Anchor size="sm" renderRoot={(props) => <Link to="/invocations/$id" params={{ id }} {...props} />}>Open the invocation that stands for it</Anchor>
    </div>
  );
}

/** An outcome of the endpoint without a request to it: that of a mock. */
function answeredUnsent({ invocation, attempts }: CallStep): boolean {
  return attempts.length === 0 && (invocation?.status === 'succeeded' || invocation?.status === 'declined');
}

function tone(step: CallStep): 'green' | 'amber' | 'red' | 'grey' {
  const { decision, invocation } = step;
  if (decision?.verdict === 'repeated') return 'grey';
  if (decision && decision.verdict !== 'run') return 'red';
  switch (invocation?.status) {
    case 'succeeded':
    case 'completed':
      return 'green';
    case 'failed':
      return 'red';
    case 'declined':
    case 'cancelled':
    case 'expired':
      return 'grey';
    default:
      return 'amber';
  }
}
