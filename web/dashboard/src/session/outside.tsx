import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './session.module.css';

/** What stands around a page for someone who is not signed in. */
export function Outside({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <main className={classes.outside}>
      <div className={classes.column}>
        <Group gap={8} mb="lg" justify="center">
          <img src="/favicon.svg" width={26} height={26} alt="" />
          <Text fw={600} size="lg">Deskhand</Text>
        </Group>
        <Paper className={classes.card}>
          <Title order={1}>{title}</Title>
          {about ? <Text c="dimmed" mt={4} component="div">{about}</Text> : null}
          <div className={classes.body}>{children}</div>
        </Paper>
      </div>
    </main>
  );
}
