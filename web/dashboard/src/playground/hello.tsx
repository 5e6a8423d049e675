import { Anchor, Button, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Action } from '../api/types';
import { suggestions } from './suggestions';

type Props = { mode: 'test' | 'mock'; actions: Action[] | undefined; agent: string; onSay: (text: string) => void };

/** Before the first word: what will happen to calls, and what one might say. */
export function Hello({ mode, actions, agent, onSay }: Props) {
  const said = suggestions(actions ?? []);
  return (
    <Stack gap="sm" p="xs">
      <Title order={2}>Say something as a customer</Title>
      <Text c="dimmed">
        {mode === 'test'
          ? 'Calls are really sent to your webhooks, with deskhand-test: true. An endpoint that does not heed that header acts as it would for a customer.'
          : 'Nothing is sent. Each call is answered from the action’s own mock response.'}
      </Text>
      {actions && actions.length === 0 ? (
        <Text c="dimmed">
          This agent has no actions yet, so it can only talk.{' '}
          <Anchor renderRoot={(props) => <Link to="/agents/$id" params={{ id: agent }} {...props} />}>Attach one</Anchor>
        </Text>
      ) : null}
      {said.map((text) => (
        <Button key={text} variant="default" size="xs" onClick={() => onSay(text)} style={{ alignSelf: 'start', maxWidth: '100%' }}>{text}</Button>
      ))}
    </Stack>
  );
}
