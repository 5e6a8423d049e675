import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries';
import type { Session } from '../api/types';
import { rememberSession } from './hint';

/** Goes in with a new session: to the page that was asked for, else to `home`. */
export function useEnter() {
  const cache = useQueryClient();
  const navigate = useNavigate();
  return async (session: Session, home = '/', from?: string) => {
    cache.clear();
    rememberSession(true);
    cache.setQueryData(sessionQuery.queryKey, session);
    await navigate({ href: ownAddress(from) ?? home, replace: true });
  };
}

/** An address of this site, or nothing: a link that leads elsewhere is not followed. */
export function ownAddress(from: string | undefined): string | undefined {
  if (!from) return undefined;
  try {
    const target = new URL(from, window.location.origin);
    if (target.origin !== window.location.origin || target.pathname === '/sign-in') return undefined;
    return target.pathname + target.search + target.hash;
  } catch {
    return undefined;
  }
}
