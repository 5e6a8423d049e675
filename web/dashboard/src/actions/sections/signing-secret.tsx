import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../../api/client';
import type { Action } from '../../api/types';
import { CodeBlock } from '../../parts/code-block';
import { ProblemAlert } from '../../parts/problem-alert';
import { VerifySnippets } from './verify-snippets';

const OVERLAPS = [
  { value: '86400', label: '24 hours' },
  { value: '3600', label: '1 hour' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
  { value: '0', label: 'Not at all: it has leaked' },
];

/** What proves a call, and how to change it. */
export function SigningSecret({ action }: { action: Action | null }) {
  const [overlap, setOverlap] = useState('86400');
  const [asking, setAsking] = useState(false);
  const rotate = useMutation({
    mutationFn: (id: string) =>
      body(api.POST('/v1/actions/{id}/secret', { params: { path: { id } }, body: { overlap_seconds: Number(overlap) } })),
    onSuccess: () => setAsking(false),
  });
  if (!action) {
    return <Text size="sm">It is made with the action, and shown once, then.</Text>;
  }
  const chosen = OVERLAPS.find((choice) => choice.value === overlap);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Your endpoint verifies every call with it. It was shown when the action was made, and cannot be shown again.
        If it is lost or has leaked, make a new one.
      </Text>
      <Group align="flex-end" gap="sm">
        <Select
          label="The old secret goes on signing for"
          data={OVERLAPS}
          value={overlap}
          allowDeselect={false}
          onChange={(value) => value && setOverlap(value)}
        />
        <Button variant="default" onClick={() => setAsking(true)}>Make a new secret…</Button>
      </Group>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Make a new signing secret?">
        <Stack>
          <Text>
            {overlap === '0'
              ? 'From now on calls are signed by the new secret alone. Until your endpoint has it, it will refuse them.'
              : `Calls are signed by both for ${chosen?.label ?? ''}. Give your endpoint the new one before that is over.`}
          </Text>
          <ProblemAlert error={rotate.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>Cancel</Button>
            <Button color="red.8" loading={rotate.isPending} onClick={() => rotate.mutate(action.id)}>Make a new secret</Button>
          </Group>
        </Stack>
      </Modal>
      <SecretOnce
        secret={rotate.data?.signing_secret}
        url={action.webhook_url}
        title="The new signing secret"
        onClose={() => rotate.reset()}
      />
    </Stack>
  );
}

type OnceProps = { secret: string | undefined; url: string; title: string; onClose: () => void };

/** A signing secret, this once, and what to do with it. */
export function SecretOnce({ secret, url, title, onClose }: OnceProps) {
  return (
    <Modal opened={secret !== undefined} onClose={onClose} title={title} size="xl" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <Stack>
        <Alert variant="light" color="gray" title="Keep it now">
          This is the only time that it is shown. Put it into the environment of your endpoint, as a secret.
        </Alert>
        <CodeBlock code={secret ?? ''} title="Signing secret" copyLabel="Copy the secret" wrap />
        <VerifySnippets url={url} height="220px" />
        <Group justify="flex-end"><Button onClick={onClose}>I have kept it</Button></Group>
      </Stack>
    </Modal>
  );
}
