import { queryOptions } from '@tanstack/react-query';
import { type Notice, plain } from '../api/awaited';

/** What the owner should look at now. */
export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: () => plain<{ data: Notice[] }>('GET', '/v1/notices'),
  refetchInterval: 60_000,
});
