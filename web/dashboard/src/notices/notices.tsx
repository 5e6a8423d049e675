import { Anchor, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertTriangle, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Notice } from '../api/types';
import { RelativeTime } from '../parts/time';
import classes from './notices.module.css';
import { placeOf } from './places';
import { noticesQuery } from './queries';

/** More than so many are folded: what the page itself shows comes first. */
const SHOWN = 3;
const SHOWN_NARROW = 1;

/** What waits for the owner, under the head of every page, each with a way to where it can be mended. */
export function Notices() {
  const query = useQuery(noticesQuery);
  const [unfolded, setUnfolded] = useState(false);
  const all = query.data?.data ?? [];
  const wide = useMediaQuery('(min-width: 48em)', true, { getInitialValueInEffect: false });
  const most = wide ? SHOWN : SHOWN_NARROW;
  const folds = all.length > most;
  const shown = unfolded ? all : all.slice(0, most);
  // Stands there empty, too: only what appears in it later is read out.
  return (
    <div role="status" aria-label="Notices">
      {all.length > 0 ? (
        <div className={classes.box}>
          <ul className={classes.list}>
            {shown.map((notice) => <One key={`${notice.code} ${notice.action_id ?? notice.endpoint_id ?? ''}`} notice={notice} />)}
          </ul>
          {folds ? (
            <UnstyledButton className={classes.more} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
              {unfolded ? 'Show fewer' : `Show ${all.length - shown.length} more`}
            </UnstyledButton>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function One({ notice }: { notice: Notice }) {
  const { to, label } = placeOf(notice);
  const Icon = notice.code === 'handoff_waiting' ? IconUser : IconAlertTriangle;
  return (
    <li>
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={classes.words}>{notice.message} <span className={classes.since}><RelativeTime at={notice.since} /></span></span>
      <Anchor size="sm" className={classes.way} renderRoot={(props) => <Link to={to} {...props} />}>{label}</Anchor>
    </li>
  );
}
