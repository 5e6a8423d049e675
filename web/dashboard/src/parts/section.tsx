import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './parts.module.css';

type Props = { id?: string; title: string; about?: ReactNode; danger?: boolean; children: ReactNode };

/** A part of a page in a quiet box: title, why it is there, contents. */
export function Section({ id, title, about, danger = false, children }: Props) {
  return (
    <section id={id} className={danger ? `${classes.section} ${classes.danger}` : classes.section}>
      <Title order={2}>{title}</Title>
      {about ? <Text c="dimmed" size="sm" maw={640} component="div">{about}</Text> : null}
      <div style={{ marginTop: 16 }}>{children}</div>
    </section>
  );
}
