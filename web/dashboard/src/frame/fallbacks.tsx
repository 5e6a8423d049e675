import { Anchor, Box, Button, Group, Skeleton, Stack } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { ProblemAlert } from '../parts/problem-alert';
import { Outside } from '../session/outside';

/** While a page's chunk is on its way. */
export function PageLoading() {
  return (
    <Stack gap="md" aria-busy="true" aria-label="Loading">
      <Skeleton height={26} width={220} />
      <Skeleton height={14} width={360} maw="80%" />
      <Skeleton height={220} mt="md" />
    </Stack>
  );
}

/** A page threw: says what, and offers to try again. */
export function PageFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Box p="lg" maw={640}>
      <ProblemAlert error={error} />
      <Group mt="md">
        <Button variant="default" onClick={() => void router.invalidate()}>Try again</Button>
      </Group>
    </Box>
  );
}

/** No such address. */
export function NotFound() {
  return (
    <Outside title="There is nothing at this address" about="It may have been deleted, or the link may be cut short.">
      <Anchor component={Link} to="/">Go to the overview</Anchor>
    </Outside>
  );
}
