import { Button, Skeleton, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, body } from '../api/client';
import type { SessionRow } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { Section } from '../parts/section';
import { tellProblem } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import { useSignOut } from '../session/sign-out';
import { deviceName } from './device';
import classes from './settings.module.css';

/** Where one is signed in; any of them can be ended. */
export function Sessions() {
  const cache = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => body(api.GET('/v1/sessions', { params: { query: { limit: 100 } } })) });
  const signOut = useSignOut();
  const end = useMutation({
    mutationFn: (session: SessionRow) => api.DELETE('/v1/sessions/{id}', { params: { path: { id: session.id } } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['sessions'] }),
    onError: tellProblem,
  });
  return (
    <Section title="Where you are signed in" about="End a session that you do not know, then change your password.">
      {sessions.error ? <ProblemAlert error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
      {sessions.isPending ? <Skeleton height={80} /> : null}
      {sessions.data?.data.map((session) => (
        <div key={session.id} className={classes.row}>
          <div className={classes.what}>
            <Text fw={500} title={session.user_agent ?? undefined}>
              {deviceName(session.user_agent)} {session.current ? <Text span c="dimmed" fw={400}>(this one)</Text> : null}
            </Text>
            <Text size="sm" c="dimmed">signed in <RelativeTime at={session.created_at} />, used <RelativeTime at={session.last_used_at} /></Text>
          </div>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={session.current ? 'Sign out here' : `End the session of ${deviceName(session.user_agent)}`}
            onClick={() => (session.current ? signOut.mutate() : end.mutate(session))}
          >
            {session.current ? 'Sign out' : 'End'}
          </Button>
        </div>
      ))}
    </Section>
  );
}
