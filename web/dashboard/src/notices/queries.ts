import { queryOptions } from '@tanstack/react-query';
import { api, body } from '../api/client';

/** What the owner should look at now. Asked again with live events, and every minute. */
export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: () => body(api.GET('/v1/notices')),
  refetchInterval: 60_000,
});
