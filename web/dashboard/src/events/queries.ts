import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { type Delivery, type EventEndpoint, type EventType, plain } from '../api/awaited';
import type { Attempt, Page } from '../api/types';

/** What an owner says of an endpoint. */
export type EndpointChanges = Partial<Pick<EventEndpoint, 'url' | 'description' | 'enabled'>> & { types?: EventType[] | null };

/** An endpoint that was just made, with the secret that is shown once. */
export type MadeEndpoint = EventEndpoint & { signing_secret: string };

/** One delivery with every request made for it. */
export type DeliveryWithAttempts = Delivery & { attempts: Attempt[] };

const ENDPOINTS = '/v1/event_endpoints';

/** One part of the list of endpoints. */
export function endpoints(cursor?: string): Promise<Page<EventEndpoint>> {
  return plain('GET', withQuery(ENDPOINTS, { cursor }));
}

/** One endpoint. */
export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: ['event-endpoints', 'one', id],
    queryFn: () => plain<EventEndpoint>('GET', `${ENDPOINTS}/${id}`),
  });

/** One part of an endpoint's log. */
export function deliveries(id: string, status: string | undefined, cursor?: string): Promise<Page<Delivery>> {
  return plain('GET', withQuery(`${ENDPOINTS}/${id}/deliveries`, { status, cursor }));
}

/** The deliveries of an endpoint, in the cache. */
export const deliveriesKey = (id: string) => ['deliveries', 'of', id];

/** One delivery; asked again while it is still under way. */
export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['deliveries', 'one', id],
    queryFn: () => plain<DeliveryWithAttempts>('GET', `/v1/deliveries/${id}`),
    refetchInterval: (query) => (query.state.data?.status === 'pending' ? 3_000 : false),
  });

/** Makes an endpoint. */
export function makeEndpoint(endpoint: EndpointChanges): Promise<MadeEndpoint> {
  return plain('POST', ENDPOINTS, endpoint);
}

/** Changes one. */
export function changeEndpoint(id: string, changes: EndpointChanges): Promise<EventEndpoint> {
  return plain('PATCH', `${ENDPOINTS}/${id}`, changes);
}

/** Takes one away. */
export function removeEndpoint(id: string): Promise<unknown> {
  return plain('DELETE', `${ENDPOINTS}/${id}`);
}

/** Makes a new secret; the one before goes on signing for a while. */
export function rotateSecret(id: string, seconds: number): Promise<{ signing_secret: string }> {
  return plain('POST', `${ENDPOINTS}/${id}/secret`, { overlap_seconds: seconds });
}

/** Sends a trial event. */
export function sendTest(id: string): Promise<Delivery> {
  return plain('POST', `${ENDPOINTS}/${id}/test`);
}

/** Sends the event of a delivery again. */
export function redeliver(id: string): Promise<Delivery> {
  return plain('POST', `/v1/deliveries/${id}/redeliver`);
}

/** An endpoint has changed: everything that shows it follows. */
export function keepEndpoint(cache: QueryClient, endpoint: EventEndpoint): void {
  cache.setQueryData(endpointQuery(endpoint.id).queryKey, endpoint);
  void cache.invalidateQueries({ queryKey: ['event-endpoints', 'list'] });
  void cache.invalidateQueries({ queryKey: ['notices'] });
}

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}
