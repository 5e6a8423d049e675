import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Notices } from '../notices/notices';

type Props = { title: ReactNode; about?: ReactNode; state?: ReactNode; children?: ReactNode };

/** A page's title, a line about it, its state, at the right what one can do (one primary button); below, what waits for the owner. */
export function PageHead({ title, about, state, children }: Props) {
  return (
    <>
      <Group justify="space-between" align="flex-start" gap="sm" mb="lg">
        <div style={{ minWidth: 0 }}>
          <Group gap="sm" align="center">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>{title}</Title>
            {state}
          </Group>
          {about ? <Text c="dimmed" mt={2} maw={680} component="div">{about}</Text> : null}
        </div>
        {children ? <Group gap="xs">{children}</Group> : null}
      </Group>
      <Notices />
    </>
  );
}
