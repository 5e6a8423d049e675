import { redirect } from '@tanstack/react-router';
import { queryClient } from '../api/cache';
import { ApiProblem } from '../api/problem';
import { sessionQuery } from '../api/queries';

/** Lets a signed-in person pass; sends anyone else to the sign-in page, and back afterwards. */
export async function mustBeSignedIn({ location }: { location: { href: string } }): Promise<void> {
  try {
    await queryClient.ensureQueryData(sessionQuery);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
    const from = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: { from } });
  }
}
