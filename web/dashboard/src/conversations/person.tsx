import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, body } from '../api/client';
import { noticesQuery } from '../notices/queries';
import { ProblemAlert } from '../parts/problem-alert';
import { tell } from '../parts/tell';
import { RelativeTime } from '../parts/time';
import type { StoredConversation } from '../trace/stored';
import { contactName } from './contact';
import classes from './conversations.module.css';

const LONGEST = 8_000;

/** That a customer waits for a person, since when and why. Nothing while the agent answers. */
export function Waiting({ conversation }: { conversation: StoredConversation }) {
  const { handoff, contact } = conversation;
  if (!handoff) return null;
  return (
    <div className={classes.waiting} role="status">
      <Text fw={600}>{contactName(contact)} waits for a person <Text span fw={400} c="dimmed">· asked <RelativeTime at={handoff.requested_at} /></Text></Text>
      <Text>{handoff.reason}</Text>
      <Text size="sm" c="dimmed">The agent stays silent here until you hand back to it.</Text>
    </div>
  );
}

type Sent = { text: string | null; hand_back: boolean };

/** Where somebody of the owner's answers in the agent's place, and hands back to it. */
export function AnswerAsPerson({ conversation }: { conversation: StoredConversation }) {
  const cache = useQueryClient();
  const [text, setText] = useState('');
  const [stepsIn, setStepsIn] = useState(false);
  // One for each message: sent again after a lost connection, it is still said once.
  const key = useRef('');
  const { id, handoff } = conversation;
  const send = useMutation({
    mutationFn: (message: Sent) => {
      key.current ||= crypto.randomUUID();
      return body(api.POST('/v1/conversations/{id}/messages', { params: { path: { id } }, body: message, headers: { 'Idempotency-Key': `"${key.current}"` } }));
    },
    onSuccess: (_answer, { text, hand_back }) => {
      key.current = '';
      setText('');
      if (hand_back) {
        setStepsIn(false);
        tell(text === null ? 'The agent answers again.' : 'Sent. The agent answers again.');
      }
      void cache.invalidateQueries({ queryKey: noticesQuery.queryKey });
      return cache.invalidateQueries({ queryKey: ['conversations'] });
    },
  });
  if (!handoff && !stepsIn) {
    return <Group><Button variant="default" size="xs" onClick={() => setStepsIn(true)}>Answer as a person …</Button></Group>;
  }
  const said = text.trim();
  const tooLong = Array.from(text).length > LONGEST;
  const ready = said !== '' && !tooLong && !send.isPending;
  return (
    <form className={classes.answer} onSubmit={(event) => { event.preventDefault(); if (ready) send.mutate({ text: said, hand_back: false }); }}>
      <Stack gap="xs">
        <Textarea
          label="Answer as a person"
          description="The customer reads it at once, as from a person of your team."
          placeholder="Write to the customer"
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => { key.current = ''; setText(event.currentTarget.value); }}
          error={tooLong ? `At most ${LONGEST.toLocaleString()} characters.` : undefined}
        />
        <ProblemAlert error={send.error} />
        <Group gap="xs">
          <Button type="submit" disabled={!ready} loading={send.isPending}>Send answer</Button>
          {handoff ? (
            <Button variant="default" disabled={tooLong || send.isPending} onClick={() => send.mutate({ text: said === '' ? null : said, hand_back: true })}>
              {said === '' ? 'Hand back to the agent' : 'Send and hand back to the agent'}
            </Button>
          ) : <Button variant="default" onClick={() => setStepsIn(false)}>Cancel</Button>}
        </Group>
      </Stack>
    </form>
  );
}
