import { Button, Group, Text } from '@mantine/core';
import classes from './parts.module.css';

type Props = { dirty: boolean; saving: boolean; onDiscard: () => void };

/** Save and discard, at the foot of a form; stays in sight while there are changes. */
export function SaveBar({ dirty, saving, onDiscard }: Props) {
  return (
    <Group className={classes.saveBar} data-dirty={dirty || undefined} justify="space-between">
      <Text size="sm" c="dimmed" role="status">{dirty ? 'Unsaved changes' : 'All changes saved'}</Text>
      <Group gap="xs">
        {dirty ? <Button variant="default" onClick={onDiscard} disabled={saving}>Discard</Button> : null}
        <Button type="submit" disabled={!dirty} loading={saving}>Save changes</Button>
      </Group>
    </Group>
  );
}
