import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { invocationQuery } from '../api/log-queries';
import { ProblemAlert } from '../parts/problem-alert';
import { AttemptView } from './attempt';

/** The requests made for an invocation and what came back, fetched when shown. */
export function Exchange({ id }: { id: string }) {
  const query = useQuery(invocationQuery(id));
  if (query.error) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Text size="sm" c="dimmed">Loading…</Text>;
  const { attempts } = query.data;
  if (attempts.length === 0) {
    return <Text size="sm" c="dimmed">No request was made for it.</Text>;
  }
  return (
    <Stack gap="sm" mt="xs">
      {attempts.map((attempt) => <AttemptView key={attempt.id} attempt={attempt} narrow />)}
    </Stack>
  );
}
