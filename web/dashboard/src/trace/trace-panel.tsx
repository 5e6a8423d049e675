import { Text, Title } from '@mantine/core';
import { duration } from '../parts/time';
import { StatusBadge } from '../parts/status-badge';
import { Steps } from './steps';
import classes from './trace.module.css';
import { isOver, isUnasked, totals, type TurnView } from './turn';
import { stopSentence } from './words';

/** What happened in one turn: its sums, why it stopped if it did, then step by step. */
export function TracePanel({ turn, number }: { turn: TurnView; number: number }) {
  const { modelCalls, calls, tokens } = totals(turn);
  const facts = [
    `Turn ${number}`,
    turn.duration_ms === null ? null : duration(turn.duration_ms),
    isUnasked(turn) ? null : count(modelCalls, 'model call'),
    calls > 0 ? count(calls, 'invocation') : null,
    tokens === null ? null : `${tokens.toLocaleString()} tokens`,
  ].filter((fact) => fact !== null);
  return (
    <section aria-label={`What happened in turn ${number}`}>
      <div className={classes.line}>
        <Title order={2} size="h3" className="dh-number">{facts.join(' · ')}</Title>
        <StatusBadge status={turn.status === 'sending' ? 'running' : turn.status} />
      </div>
      <div className={classes.inside}>
        {turn.stop ? (
          <div className={classes.refused}>
            <strong>Stopped ({turn.stop.reason}):</strong> {stopSentence(turn.stop.reason)}
            {turn.stop.detail ? <div className={classes.quiet}>{turn.stop.detail}</div> : null}
          </div>
        ) : null}
        <Steps turn={turn} />
        {turn.steps.length === 0 ? (
          <Text size="sm" c="dimmed">{whyEmpty(turn)}</Text>
        ) : null}
      </div>
    </section>
  );
}

function whyEmpty(turn: TurnView): string {
  if (!isOver(turn)) return 'Waiting for the model…';
  return isUnasked(turn) ? 'Said without a question, so no model was asked.' : 'No steps were recorded for this turn.';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
