import { redirect } from '@tanstack/react-router';
import { queryClient } from '../api/cache';
import { ApiProblem } from '../api/problem';
import { sessionQuery } from '../api/queries';
import { mayBeSignedIn, rememberSession } from './hint';

/** Lets a signed-in person pass; sends anyone else to the sign-in page, and back afterwards. */
export async function mustBeSignedIn({ location }: { location: { href: string } }): Promise<void> {
  if (mayBeSignedIn()) {
    try {
      await queryClient.ensureQueryData(sessionQuery);
      return;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      rememberSession(false);
    }
  }
  const from = location.href === '/' ? undefined : location.href;
  throw redirect({ to: '/sign-in', search: { from } });
}
