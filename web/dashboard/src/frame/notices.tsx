import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { noticesQuery } from '../api/queries';
import type { Notice } from '../api/types';
import { RelativeTime } from '../parts/time';
import classes from './frame.module.css';

/** What needs the owner, on every page. It goes when there is nothing to be seen to any more. */
export function Notices() {
  const notices = useQuery(noticesQuery);
  const all = notices.data?.data ?? [];
  return (
    <div role="status" aria-label="What to look at">
      {all.map((notice) => (
        <div key={`${notice.code} ${notice.action_id ?? notice.endpoint_id ?? ''}`} className={classes.notice}>
          <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
          <span className={classes.what}>{notice.message} <span className={classes.since}>Since <RelativeTime at={notice.since} />.</span></span>
          <Where notice={notice} />
        </div>
      ))}
    </div>
  );
}

function Where({ notice }: { notice: Notice }) {
  switch (notice.code) {
    case 'circuit_open':
      return notice.action_id ? <Link to="/actions/$id" params={{ id: notice.action_id }}>Open the action</Link> : null;
    case 'unsettled_invocations':
      return <Link to="/invocations" search={{ status: 'unknown' }}>See the calls</Link>;
    case 'handoff_waiting':
      return <Link to="/conversations" search={{ handoff: 'true' }}>Answer</Link>;
    default:
      return null;
  }
}
