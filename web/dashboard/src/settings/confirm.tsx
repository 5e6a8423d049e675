import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';

type Ask = { title: string; text: string; verb: string; act: () => void };

/** Asks once before something that cannot be undone, where typing a name would be too much. */
export function confirmFirst({ title, text, verb, act }: Ask): void {
  modals.openConfirmModal({
    title,
    children: <Text>{text}</Text>,
    labels: { confirm: verb, cancel: 'Cancel' },
    confirmProps: { color: 'red.8' },
    onConfirm: act,
  });
}
