import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert';

type Props = {
  opened: boolean;
  onClose: () => void;
  /** "Delete this agent?" */
  title: string;
  /** What has to be typed. */
  name: string;
  /** What follows from it. */
  children: ReactNode;
  /** The red button: "Delete agent". */
  verb: string;
  onConfirm: () => Promise<unknown>;
};

/** Asks before something that cannot be undone, by having its name typed. */
export function ConfirmByName({ opened, onClose, title, name, children, verb, onConfirm }: Props) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const matches = typed.trim() === name.trim();
  const close = () => {
    setTyped('');
    setError(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <form onSubmit={(event) => { event.preventDefault(); if (matches) void confirm(); }}>
        <Stack>
          <Text component="div">{children}</Text>
          <TextInput data-autofocus label={<>Type <strong>{name}</strong> to confirm</>} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoComplete="off" />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>Cancel</Button>
            <Button type="submit" color="red.8" disabled={!matches} loading={busy}>{verb}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
