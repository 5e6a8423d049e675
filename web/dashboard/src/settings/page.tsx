import { Link, useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { EventSettings } from '../events/section';
import { PageHead } from '../parts/page-head';
import { AccountSettings } from './account';
import { KeySettings } from './keys';
import { MemberSettings } from './members';
import { NetworkSettings } from './network';
import classes from './settings.module.css';
import { WidgetSettings } from './widget';
import { WorkspaceSettings } from './workspace';

const SECTIONS: { at: string; label: string; part: ComponentType }[] = [
  { at: 'workspace', label: 'Workspace', part: WorkspaceSettings },
  { at: 'keys', label: 'API keys', part: KeySettings },
  { at: 'events', label: 'Events', part: EventSettings },
  { at: 'network', label: 'Network', part: NetworkSettings },
  { at: 'widget', label: 'Widget', part: WidgetSettings },
  { at: 'members', label: 'Members', part: MemberSettings },
  { at: 'account', label: 'Your account', part: AccountSettings },
];

/** The settings, one section at a time; each has its own address. */
export function Page() {
  const { section } = useParams({ strict: false });
  const open = SECTIONS.find(({ at }) => at === section) ?? SECTIONS[0];
  const Part = open?.part ?? WorkspaceSettings;
  return (
    <>
      <PageHead title="Settings" />
      <div className={classes.columns}>
        <nav aria-label="Settings" className={classes.menu}>
          {SECTIONS.map(({ at, label }) => (
            <Link key={at} to="/settings/$section" params={{ section: at }} className={classes.link} data-current={at === open?.at || undefined} aria-current={at === open?.at ? 'page' : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <div className={classes.part}><Part /></div>
      </div>
    </>
  );
}
