// What this version of the description does not have yet, as it was agreed on.
import { problemOf, unreachable } from './problem';

export type Progress = { text: string; at: string };
export type Settlement = { by: 'operator' | 'callback' | 'expiry'; note: string | null; at: string };

export type EventType =
  | 'conversation.started' | 'conversation.message'
  | 'invocation.succeeded' | 'invocation.declined' | 'invocation.failed' | 'invocation.unknown'
  | 'invocation.accepted' | 'invocation.completed' | 'invocation.expired'
  | 'endpoint.disabled' | 'handoff.requested' | 'endpoint.test';

export type EventEndpoint = {
  id: string;
  url: string;
  types: EventType[] | null;
  description: string;
  enabled: boolean;
  disabled: { reason: 'gone' | 'failing'; detail: string; at: string } | null;
  created_at: string;
  updated_at: string;
};

export type Delivery = {
  id: string;
  endpoint_id: string;
  event_id: string;
  type: EventType;
  status: 'pending' | 'delivered' | 'failed';
  attempts_made: number;
  next_attempt_at: string | null;
  http_status: number | null;
  last_error: string | null;
  created_at: string;
  finished_at: string | null;
};

/** A request to a path that the client does not know. */
export async function plain<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? null : await response.json()) as T;
}
