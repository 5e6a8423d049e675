import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Action } from '../api/types';
import { RelativeTime } from '../parts/time';
import classes from './actions.module.css';
import { goTo } from './sections/go-to';

/** That calls of an action are stopped, why, and when the next one goes through. Nothing while they are made. */
export function CircuitAlert({ action }: { action: Action }) {
  const { state, reason, opened_at, retry_at } = action.circuit;
  if (state === 'closed') return null;
  return (
    <div className={classes.circuit} data-state={state} role="status">
      <Text fw={600}>
        {state === 'open' ? 'Calls are stopped: the circuit is open' : 'One call may go through: the circuit is half-open'}
        {opened_at ? <Text span fw={400} c="dimmed"> · opened <RelativeTime at={opened_at} /></Text> : null}
      </Text>
      <Text>
        {reason ? `${/[.!?]$/.test(reason) ? reason : `${reason}.`} ` : ''}
        {state === 'open'
          ? <>Customers hear at once that it cannot be done just now.{retry_at ? <> The next call is let through <RelativeTime at={retry_at} />.</> : null}</>
          : 'If it is answered, calls are made again; if not, they are stopped for another 30 seconds.'}
      </Text>
      <Text size="sm">
        Mend the endpoint, then <Anchor component="button" type="button" size="sm" onClick={() => goTo('test', false)}>send a test call</Anchor>: tests are not stopped.{' '}
        <Anchor size="sm" renderRoot={(props) => <Link to="/invocations" search={{ action: action.name, status: 'failed' }} {...props} />}>See what failed</Anchor>
      </Text>
    </div>
  );
}
