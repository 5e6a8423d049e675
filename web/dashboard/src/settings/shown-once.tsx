import { Button, Group, Text } from '@mantine/core';
import { CodeBlock } from '../parts/code-block';
import classes from './settings.module.css';

type Props = { title: string; about: string; text: string; onDone: () => void };

/** A secret that the server tells only now. */
export function ShownOnce({ title, about, text, onDone }: Props) {
  return (
    <div className={classes.once} role="status">
      <Text fw={600}>{title}</Text>
      <Text size="sm" mb="xs">{about}</Text>
      <CodeBlock code={text} wrap copyLabel="Copy" />
      <Group justify="flex-end" mt="xs"><Button variant="default" size="xs" onClick={onDone}>I have stored it</Button></Group>
    </div>
  );
}
