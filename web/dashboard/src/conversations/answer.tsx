import { Alert, Button, Checkbox, Group, Stack, Textarea } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { conversationQuery } from '../api/log-queries';
import { noticesQuery } from '../api/queries';
import type { ConversationView } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { tell } from '../parts/tell';
import { RelativeTime } from '../parts/time';

type Handoff = NonNullable<ConversationView['handoff']>;

/** A customer waits for a person: why, a box to answer them in, and the way back to the agent. */
export function Answer({ id, handoff }: { id: string; handoff: Handoff }) {
  const cache = useQueryClient();
  const [text, setText] = useState('');
  const [back, setBack] = useState(false);
  const send = useMutation({
    mutationFn: (message: { text: string | null; hand_back: boolean }) =>
      api.POST('/v1/conversations/{id}/messages', { params: { path: { id } }, body: message }),
    onSuccess: (_, { hand_back }) => {
      setText('');
      setBack(false);
      tell(hand_back ? 'The agent answers again.' : 'Sent.');
      void cache.invalidateQueries({ queryKey: conversationQuery(id).queryKey });
      void cache.invalidateQueries({ queryKey: noticesQuery.queryKey });
    },
  });
  const empty = text.trim() === '';
  return (
    <Alert variant="default" icon={<IconUser size={18} />} title="Waiting for a person">
      <Stack gap="sm">
        <span>201c{handoff.reason}201d</span>
        <span>Asked for <RelativeTime at={handoff.requested_at} />. The agent stays silent until you hand back.</span>
        <Textarea label="Your answer" description="The customer sees that a person wrote it." autosize minRows={3} maxRows={12} maxLength={8000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <ProblemAlert error={send.error} />
        <Group>
          <Button disabled={empty} loading={send.isPending} onClick={() => send.mutate({ text, hand_back: back })}>Send</Button>
          <Checkbox label="and hand back to the agent" checked={back} disabled={empty} onChange={(event) => setBack(event.currentTarget.checked)} />
          <Button ml="auto" variant="default" disabled={!empty} loading={send.isPending} onClick={() => send.mutate({ text: null, hand_back: true })}>Hand back without a word</Button>
        </Group>
      </Stack>
    </Alert>
  );
}
