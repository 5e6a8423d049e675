import { Link, useRouterState } from '@tanstack/react-router';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import classes from './frame.module.css';

const NAMES: Record<string, string> = {
  agents: 'Agents', actions: 'Actions', conversations: 'Conversations', invocations: 'Invocations',
  settings: 'Settings', playground: 'Playground', versions: 'Versions', new: 'New',
  keys: 'API keys', events: 'Events', network: 'Network', widget: 'Widget', members: 'Members', workspace: 'Workspace', account: 'Account',
};

type Names = { names: Record<string, string>; name: (id: string, label: string) => void };
const Context = createContext<Names>({ names: {}, name: () => undefined });

/** Keeps the names of what ids in the address stand for. */
export function CrumbNames({ children }: { children: ReactNode }) {
  const [names, setNames] = useState<Record<string, string>>({});
  const [name] = useState(() => (id: string, label: string) => {
    setNames((before) => (before[id] === label ? before : { ...before, [id]: label }));
  });
  return <Context value={{ names, name }}>{children}</Context>;
}

/** A page says what the id in its address is called: `useCrumb(agent.id, agent.name)`. Sets the window's title too. */
export function useCrumb(id: string, label: string | undefined): void {
  const { name } = useContext(Context);
  useEffect(() => {
    if (label) name(id, label);
  }, [id, label, name]);
}

/** Where one is: `Agents / Shop assistant / Playground`. */
export function Breadcrumb() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { names } = useContext(Context);
  const parts = path.split('/').filter(Boolean);
  const crumbs = parts.map((part, at) => ({
    href: `/${parts.slice(0, at + 1).join('/')}`,
    label: names[part] ?? NAMES[part] ?? part,
  }));
  if (crumbs.length === 0) crumbs.push({ href: '/', label: 'Overview' });
  const title = `${[...crumbs].reverse().map((crumb) => crumb.label).join(' · ')} · Deskhand`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <nav aria-label="Breadcrumb" className={classes.crumbs}>
      {crumbs.map(({ href, label }, at) =>
        at === crumbs.length - 1
          ? <span key={href} aria-current="page">{label}</span>
          : [<Link key={href} to={href}>{label}</Link>, <span key={`${href}-slash`} aria-hidden>/</span>],
      )}
    </nav>
  );
}
