import { queryOptions } from '@tanstack/react-query';
import { api, body } from './client';
import type { Agent, Page, Workspace } from './types';

/** Who is signed in, to which workspace. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => body(api.GET('/v1/session')),
  staleTime: 5 * 60_000,
});

/** The agents, newest first (the first hundred: enough for a choice). */
export const agentsQuery = queryOptions({
  queryKey: ['agents', 'all'],
  queryFn: () => body(api.GET('/v1/agents', { params: { query: { limit: 100 } } })),
});

/** One agent. */
export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id],
    queryFn: () => body(api.GET('/v1/agents/{id}', { params: { path: { id } } })),
  });

/** The actions attached to one agent. */
export const agentActionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id, 'actions'],
    queryFn: () => body(api.GET('/v1/agents/{id}/actions', { params: { path: { id } } })),
  });

/** The actions, newest first (the first hundred). */
export const actionsQuery = queryOptions({
  queryKey: ['actions', 'all'],
  queryFn: () => body(api.GET('/v1/actions', { params: { query: { limit: 100 } } })),
});

/** One action. */
export const actionQuery = (id: string) =>
  queryOptions({
    queryKey: ['actions', id],
    queryFn: () => body(api.GET('/v1/actions/{id}', { params: { path: { id } } })),
  });

/** Where calls come from and how they are signed. */
export const egressQuery = queryOptions({
  queryKey: ['egress'],
  queryFn: () => body(api.GET('/v1/egress')),
  staleTime: 5 * 60_000,
});

/** The name of an agent in a list of agents, or its id. */
export function agentName(agents: Page<Agent> | undefined, id: string): string {
  return agents?.data.find((agent) => agent.id === id)?.name ?? id;
}

/** The workspace with its settings. */
export const workspaceQuery = queryOptions({
  queryKey: ['workspace'],
  queryFn: async (): Promise<Workspace> => body(api.GET('/v1/workspace')),
});
