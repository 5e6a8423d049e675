import { Button, Group, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body } from '../api/client';
import { invocationQuery } from '../api/log-queries';
import type { InvocationWithAttempts } from '../api/types';
import { noticesQuery } from '../notices/queries';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { Section } from '../parts/section';
import { tell } from '../parts/tell';
import classes from './invocations.module.css';
import { unknowns } from './timeline';

type Values = { status: '' | 'succeeded' | 'failed'; note: string };

const LONGEST_NOTE = 1_000;

/** A call whose outcome is unknown: what is known, what is not, and the two ways to settle it. */
export function Unsettled({ invocation }: { invocation: InvocationWithAttempts }) {
  const { known, open } = unknowns(invocation);
  return (
    <Section title="What is known, and what is not">
      <div className={classes.known}>
        <div><Text fw={600}>Known</Text><ul>{known.map((line) => <li key={line}>{line}</li>)}</ul></div>
        <div><Text fw={600}>Not known</Text><ul>{open.map((line) => <li key={line}>{line}</li>)}</ul></div>
      </div>
      <Text mt="sm">
        Look in your own system for the <code>webhook-id</code> <code className="dh-mono">{invocation.id}</code>, then say here what you found.
      </Text>
      <SettleForm invocation={invocation} />
    </Section>
  );
}

function SettleForm({ invocation }: { invocation: InvocationWithAttempts }) {
  const cache = useQueryClient();
  const customer = invocation.conversation_id !== null;
  const form = useForm<Values>({
    initialValues: { status: '', note: '' },
    validate: {
      status: (value) => (value === '' ? 'Choose one.' : null),
      note: (value) => (value.trim() === '' ? 'Write how you know: it stays with the invocation.' : null),
    },
  });
  const settle = useMutation({
    mutationFn: ({ status, note }: Values) =>
      body(api.POST('/v1/invocations/{id}/settle', {
        params: { path: { id: invocation.id } },
        body: { status: status === 'succeeded' ? 'succeeded' : 'failed', note: note.trim() },
      })),
    onSuccess: () => tell(customer ? 'Settled. The customer is told.' : 'Settled.'),
    onError: refusedIn(form),
    // A refusal may mean that it has been settled meanwhile: the page then shows how.
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: invocationQuery(invocation.id).queryKey }),
        cache.invalidateQueries({ queryKey: ['invocations', 'list'] }),
        cache.invalidateQueries({ queryKey: noticesQuery.queryKey }),
      ]),
  });
  return (
    <form className={classes.settle} onSubmit={form.onSubmit((values) => settle.mutate(values))} noValidate>
      <Stack gap="sm">
        <Radio.Group label="What became of it?" {...form.getInputProps('status')}>
          <Stack gap={6} mt={6}>
            <Radio value="succeeded" label="It went through" description="Your system did what was asked." />
            <Radio value="failed" label="It did not" description="Nothing was done; the customer can ask for it again." />
          </Stack>
        </Radio.Group>
        <Textarea
          label="Note"
          description="How you know. For you and your colleagues; the customer does not see it."
          autosize
          minRows={2}
          maxLength={LONGEST_NOTE}
          {...form.getInputProps('note')}
        />
        <ProblemAlert error={settle.error} shownFields={Object.keys(form.errors)} />
        <Group gap="sm">
          <Button type="submit" loading={settle.isPending}>Settle</Button>
          <Text size="sm" c="dimmed">
            {customer
              ? 'This cannot be undone, and the customer is told at once: a message goes into the conversation.'
              : 'This cannot be undone. Nobody is told: the call was a test.'}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
