import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, body } from '../api/client';
import { actionQuery } from '../api/queries';
import type { Action } from '../api/types';

/** The numbers of the last 24 hours. */
export const dayQuery = queryOptions({
  queryKey: ['statistics', 'day'],
  queryFn: () => body(api.GET('/v1/statistics', { params: { query: { buckets: 24 } } })),
  refetchInterval: 60_000,
});

/** The versions of an action, newest first. */
export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['actions', id, 'versions'],
    queryFn: ({ pageParam }) =>
      body(api.GET('/v1/actions/{id}/versions', { params: { path: { id }, query: { limit: 20, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** A new version is there: everything that shows the action follows. */
export function keepAction(cache: QueryClient, action: Action): void {
  cache.setQueryData(actionQuery(action.id).queryKey, action);
  void cache.invalidateQueries({ queryKey: ['actions', 'all'] });
  void cache.invalidateQueries({ queryKey: ['actions', 'list'] });
  void cache.invalidateQueries({ queryKey: versionsQuery(action.id).queryKey });
  // A changed action is called again, however often it has failed.
  void cache.invalidateQueries({ queryKey: ['notices'] });
}

const FRESH = 'fresh-secret';

/** A secret that was just made is handed from the page that made it to the page that shows it, once. */
export function handSecret(cache: QueryClient, id: string, secret: string): void {
  cache.setQueryData([FRESH, id], secret);
}

/** The secret that was handed over, if any. */
export function handedSecret(cache: QueryClient, id: string): string | undefined {
  return cache.getQueryData<string>([FRESH, id]);
}

/** It has been kept: forget it. */
export function forgetSecret(cache: QueryClient, id: string): void {
  cache.removeQueries({ queryKey: [FRESH, id] });
}
