import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { api, body } from '../api/client';
import type { CreatedEndpoint, Delivery, DeliveryWithAttempts, EventEndpoint, EventType, Page } from '../api/types';

/** What an owner says of an endpoint. */
export type EndpointChanges = { url?: string; description?: string; enabled?: boolean; types?: EventType[] | null };

/** One part of the list of endpoints. */
export function endpoints(cursor?: string): Promise<Page<EventEndpoint>> {
  return body(api.GET('/v1/event_endpoints', { params: { query: { cursor } } }));
}

/** One endpoint. */
export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: ['event-endpoints', 'one', id],
    queryFn: (): Promise<EventEndpoint> => body(api.GET('/v1/event_endpoints/{id}', { params: { path: { id } } })),
  });

/** One part of an endpoint's log. */
export function deliveries(id: string, status: string | undefined, cursor?: string): Promise<Page<Delivery>> {
  // The page reads its filter from the address; the server judges the word.
  const query = { status: status as Delivery['status'] | undefined, cursor };
  return body(api.GET('/v1/event_endpoints/{id}/deliveries', { params: { path: { id }, query } }));
}

/** The deliveries of an endpoint, in the cache. */
export const deliveriesKey = (id: string) => ['deliveries', 'of', id];

/** One delivery; asked again while it is still under way. */
export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['deliveries', 'one', id],
    queryFn: (): Promise<DeliveryWithAttempts> => body(api.GET('/v1/deliveries/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data?.status === 'pending' ? 3_000 : false),
  });

/** Makes an endpoint. */
export function makeEndpoint(endpoint: EndpointChanges & { url: string }): Promise<CreatedEndpoint> {
  return body(api.POST('/v1/event_endpoints', { body: endpoint }));
}

/** Changes one. */
export function changeEndpoint(id: string, changes: EndpointChanges): Promise<EventEndpoint> {
  return body(api.PATCH('/v1/event_endpoints/{id}', { params: { path: { id } }, body: changes }));
}

/** Takes one away. */
export function removeEndpoint(id: string): Promise<unknown> {
  return api.DELETE('/v1/event_endpoints/{id}', { params: { path: { id } } });
}

/** Makes a new secret; the one before goes on signing for a while. */
export function rotateSecret(id: string, overlap_seconds: number): Promise<{ signing_secret: string }> {
  return body(api.POST('/v1/event_endpoints/{id}/secret', { params: { path: { id } }, body: { overlap_seconds } }));
}

/** Sends a trial event. */
export function sendTest(id: string): Promise<Delivery> {
  return body(api.POST('/v1/event_endpoints/{id}/test', { params: { path: { id } } }));
}

/** Sends the event of a delivery again. */
export function redeliver(id: string): Promise<Delivery> {
  return body(api.POST('/v1/deliveries/{id}/redeliver', { params: { path: { id } } }));
}

/** An endpoint has changed: everything that shows it follows. */
export function keepEndpoint(cache: QueryClient, endpoint: EventEndpoint): void {
  cache.setQueryData(endpointQuery(endpoint.id).queryKey, endpoint);
  void cache.invalidateQueries({ queryKey: ['event-endpoints', 'list'] });
  void cache.invalidateQueries({ queryKey: ['notices'] });
}
