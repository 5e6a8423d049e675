import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem';

let signedOut: () => void = () => undefined;

/** What to do when the server says that the session has ended. */
export function whenSignedOut(act: () => void): void {
  signedOut = act;
}

function notice(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401 && error.code === 'unauthorized') signedOut();
}

/** The one cache of what the server has said. Refusals are not asked again; an unreachable server is, twice. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: notice }),
  mutationCache: new MutationCache({ onError: notice }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
    },
  },
});
