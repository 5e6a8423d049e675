import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Statistics } from '../api/types';
import type { Period } from '../parts/period';
import { RelativeTime } from '../parts/time';
import { mend } from '../trace/words';
import { Count } from './actions-table';
import { countedBy } from './links';
import classes from './overview.module.css';

/** Hosts that fail, with the newest reason and what to do about it. */
export function EndpointsTable({ endpoints, period }: { endpoints: Statistics['endpoints']; period: Period }) {
  if (endpoints.length === 0) return <Text c="dimmed">None: every endpoint has answered.</Text>;
  return (
    <ul className={classes.list}>
      {endpoints.map(({ host, invocations, failed, unknown, last_failure }) => (
        <li key={host}>
          <div className={classes.line}>
            <span className="dh-mono">{host}</span>
            <span className={classes.note}>
              <Count value={failed} search={countedBy(period.value, { host, status: 'failed' })} /> failed,{' '}
              <Count value={unknown} search={countedBy(period.value, { host, status: 'unknown' })} /> unknown, of <Count value={invocations} search={countedBy(period.value, { host })} />
            </span>
          </div>
          {last_failure ? (
            <div className={classes.note}>
              <Anchor size="sm" renderRoot={(props) => <Link to="/invocations/$id" params={{ id: last_failure.invocation_id }} {...props} />}>{last_failure.code}</Anchor>{' '}
              <RelativeTime at={last_failure.at} />: {last_failure.message} {mend(last_failure.code)}
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
