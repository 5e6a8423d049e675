import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

type Props = { icon?: ReactNode; title: string; /** What it is for and how one gets the first one. */ children: ReactNode; actions?: ReactNode };

/** Nothing here yet: says what will be, and how. */
export function EmptyState({ icon, title, children, actions }: Props) {
  return (
    <Stack className={classes.empty} align="center" gap="xs">
      <Text c="dimmed" component="span" aria-hidden>{icon}</Text>
      <Title order={2}>{title}</Title>
      <Text c="dimmed" component="div" maw={480}>{children}</Text>
      {actions ? <Group mt="sm" justify="center">{actions}</Group> : null}
    </Stack>
  );
}
