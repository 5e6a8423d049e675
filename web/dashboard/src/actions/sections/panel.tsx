import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from '../actions.module.css';
import type { Section } from '../model/places';

type Props = {
  section: Section;
  number: number;
  title: string;
  /** Why this step is there, in a line. */
  why: string;
  /** At the right of the title. */
  aside?: ReactNode;
  /** Below: how one goes on. */
  footer?: ReactNode;
  children: ReactNode;
};

/** One numbered section of the editor. */
export function Panel({ section, number, title, why, aside, footer, children }: Props) {
  return (
    <section id={section} className={classes.panel} aria-labelledby={`${section}-title`}>
      <Group justify="space-between" align="flex-start" gap="sm" className={classes.panelHead}>
        <div className={classes.panelTitle}>
          <span className={classes.number} aria-hidden>{number}</span>
          <div>
            <Title order={2} id={`${section}-title`} tabIndex={-1}>{title}</Title>
            <Text c="dimmed" size="sm">{why}</Text>
          </div>
        </div>
        {aside}
      </Group>
      <div className={classes.panelBody}>{children}</div>
      {footer ? <div className={classes.panelFoot}>{footer}</div> : null}
    </section>
  );
}
