import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { conversationQuery } from '../api/log-queries';
import type { Invocation } from '../api/types';
import { MessageText } from '../trace/message-text';
import { marksIn } from '../trace/spans';
import classes from './invocations.module.css';

/** The messages whose words became parameters, those words marked. */
export function Said({ invocation, conversation }: { invocation: Invocation; conversation: string }) {
  const query = useQuery(conversationQuery(conversation));
  if (!query.data) return null;
  const values = invocation.provenance.map((provenance) => ({ key: provenance.path, provenance }));
  const known = new Set(query.data.messages.map(({ id }) => id));
  const said = query.data.messages.filter((message) => marksIn(message, known, values).length > 0);
  if (said.length === 0) return null;
  return (
    <div className={classes.said}>
      {said.map((message) => (
        <blockquote key={message.id}>
          <Text size="xs" c="dimmed">{{ customer: 'Customer', agent: 'Agent', person: 'Person' }[message.role]}</Text>
          <MessageText message={message} known={known} values={values} />
        </blockquote>
      ))}
    </div>
  );
}
