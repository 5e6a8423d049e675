import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client';
import { tellProblem } from '../parts/tell';
import { rememberSession } from './hint';

/** Ends the session, forgets what was fetched, and goes to the sign-in page. */
export function useSignOut() {
  const navigate = useNavigate();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => api.DELETE('/v1/session'),
    onSuccess: async () => {
      cache.clear();
      rememberSession(false);
      await navigate({ to: '/sign-in' });
    },
    onError: tellProblem,
  });
}
