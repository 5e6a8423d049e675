import { queryOptions } from '@tanstack/react-query';
import type { StoredConversation } from '../trace/stored';
import { api, body } from './client';
import type { ConversationRow, Invocation, InvocationWithAttempts, Page, Statistics } from './types';

/** Filters of a list, by name; what is undefined is left out. */
export type Query = Record<string, string | undefined>;

/** One part of the list of conversations. */
export function conversations(filters: Query, cursor?: string): Promise<Page<ConversationRow>> {
  return body(api.GET('/v1/conversations', { params: { query: { ...filters, cursor } } }));
}

/** One part of the list of invocations. */
export async function invocations(filters: Query, cursor?: string): Promise<Page<Invocation>> {
  // The page reads its filters from the address; the server judges the words.
  const query = { ...filters, cursor } as { status?: Invocation['status']; slower_than_ms?: number };
  return retyped<Page<Invocation>>(await body(api.GET('/v1/invocations', { params: { query } })));
}

/** One conversation with everything in it. */
export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversations', 'one', id],
    queryFn: async (): Promise<StoredConversation> =>
      retyped<StoredConversation>(await body(api.GET('/v1/conversations/{id}', { params: { path: { id } } }))),
  });

/** One invocation with its attempts. */
export const invocationQuery = (id: string) =>
  queryOptions({
    queryKey: ['invocations', 'one', id],
    queryFn: async (): Promise<InvocationWithAttempts> =>
      retyped<InvocationWithAttempts>(await body(api.GET('/v1/invocations/{id}', { params: { path: { id } } }))),
  });

/** What has been done between two moments. `key` names the period in the cache, so that it can slide. */
export const statisticsQuery = (key: string, period: () => { from: string; to: string; buckets: number }) =>
  queryOptions({
    queryKey: ['statistics', key],
    queryFn: (): Promise<Statistics> => body(api.GET('/v1/statistics', { params: { query: period() } })),
    refetchInterval: 60_000,
  });

/** openapi-fetch loses the tuple that a span of provenance is; the generated schema has it right. */
function retyped<T>(answer: unknown): T {
  return answer as T;
}
