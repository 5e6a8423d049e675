import { CloseButton } from '@mantine/core';
import { IconBolt, IconHistory, IconLayoutDashboard, IconMessages, IconRobot, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries';
import classes from './frame.module.css';

const PAGES = [
  { to: '/', label: 'Overview', icon: IconLayoutDashboard },
  { to: '/agents', label: 'Agents', icon: IconRobot },
  { to: '/actions', label: 'Actions', icon: IconBolt },
  { to: '/conversations', label: 'Conversations', icon: IconMessages },
  { to: '/invocations', label: 'Invocations', icon: IconHistory },
] as const;

/** The main pages; below them the settings and whose workspace this is. */
export function Rail({ onGo }: { onGo: () => void }) {
  const session = useQuery(sessionQuery);
  return (
    <>
      <div className={classes.brand}>
        <img src="/favicon.svg" width={20} height={20} alt="" />
        Deskhand
        <CloseButton className={classes.close} hiddenFrom="sm" aria-label="Close the menu" onClick={onGo} />
      </div>
      {PAGES.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={classes.item} activeOptions={{ exact: to === '/', includeSearch: false }} onClick={onGo}>
          <Icon size={17} stroke={1.6} aria-hidden />
          {label}
        </Link>
      ))}
      <div className={classes.below}>
        <Link to="/settings" className={classes.item} activeOptions={{ includeSearch: false }} onClick={onGo}>
          <IconSettings size={17} stroke={1.6} aria-hidden />
          Settings
        </Link>
        <div className={classes.workspace}>{session.data?.workspace.name}</div>
      </div>
    </>
  );
}
