import { Button, Group, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Section } from '../parts/section';
import { tellProblem } from '../parts/tell';
import { confirmFirst } from '../settings/confirm';
import { ShownOnce } from '../settings/shown-once';
import { rotateSecret } from './queries';

const OVERLAPS = [
  { value: '86400', label: 'For 1 day' },
  { value: '3600', label: 'For 1 hour' },
  { value: '604800', label: 'For 7 days' },
  { value: '0', label: 'Not at all: it has leaked' },
];

/** What proves an event, and how to change it. */
export function EndpointSecret({ id }: { id: string }) {
  const [overlap, setOverlap] = useState('86400');
  const [secret, setSecret] = useState<string | null>(null);
  const rotate = useMutation({
    mutationFn: () => rotateSecret(id, Number(overlap)),
    onSuccess: ({ signing_secret }) => setSecret(signing_secret),
    onError: tellProblem,
  });
  const ask = () =>
    confirmFirst({
      title: 'Make a new signing secret?',
      text: overlap === '0'
        ? 'From now on events are signed by the new secret alone. Until your endpoint has it, it will refuse them.'
        : 'Until then events are signed by both. Give your endpoint the new one before that is over.',
      verb: 'Make a new secret',
      act: () => rotate.mutate(),
    });
  return (
    <Section title="Signing secret" about="Your endpoint verifies every event with it. It was shown when the endpoint was made; if it is lost or has leaked, make a new one.">
      {secret ? (
        <ShownOnce title="The new signing secret" about="Store it now: it is not shown again." text={secret} onDone={() => setSecret(null)} />
      ) : (
        <Group align="flex-end">
          <Select label="The one before goes on signing" data={OVERLAPS} value={overlap} onChange={(value) => setOverlap(value ?? '86400')} allowDeselect={false} w={230} />
          <Button variant="default" loading={rotate.isPending} onClick={ask}>Make a new secret …</Button>
        </Group>
      )}
    </Section>
  );
}
