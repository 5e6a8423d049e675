import { Group, Table, Text, Title } from '@mantine/core';
import type { Attempt, Header } from '../api/types';
import { CodeBlock, pretty } from '../parts/code-block';
import { CopyButton } from '../parts/copy-button';
import { exact } from '../parts/time';
import { TimingBar } from '../trace/timing-bar';
import { mend } from '../trace/words';
import { curl, curlNotes } from './curl';
import classes from './invocations.module.css';

type Props = {
  attempt: Attempt;
  /** Request above response, for a narrow column. */
  narrow?: boolean;
  /** What can be done about a failure, by its code. */
  mending?: (code: string) => string | null;
};

/** One request and its response, side by side, with where the time went. */
export function AttemptView({ attempt, narrow = false, mending = mend }: Props) {
  const { request, response, failure, timings } = attempt;
  const advice = failure ? mending(failure.code) : null;
  const notes = curlNotes(request);
  return (
    <section className={classes.attempt} aria-label={`Attempt ${attempt.number}`}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>
          Attempt {attempt.number} <Text span c="dimmed" size="sm">{exact(attempt.started_at)}</Text>
        </Text>
        <CopyButton text={curl(request)} word="Copy as cURL" label="Copy as cURL" />
      </Group>
      {notes.map((note) => <Text key={note} size="xs" c="dimmed">{note}</Text>)}
      <div className={classes.timing}><TimingBar timings={timings} /></div>
      {failure ? <Text my="xs"><strong>{failure.code}</strong>: {failure.message} {advice}</Text> : null}
      <div className={classes.sides} data-narrow={narrow || undefined}>
        <div>
          <Title order={3}>Request</Title>
          <Text className={`dh-mono ${classes.url}`}>POST {request.url}</Text>
          <Headers headers={request.headers} label="Headers sent" />
          <CodeBlock code={request.body} title="Body sent" copyLabel="Copy the exact body sent" height="320px" wrap>{json(request.body)}</CodeBlock>
        </div>
        <div>
          <Title order={3}>Response</Title>
          {response ? (
            <>
              <Text className={`dh-mono ${classes.url}`}>Status {response.status}</Text>
              <Headers headers={response.headers} label="Headers received" />
              <CodeBlock code={response.body} title="Body received" copyLabel="Copy the exact body received" height="320px" wrap>{response.body === '' ? '(empty)' : json(response.body)}</CodeBlock>
              {response.body_truncated ? <Text size="xs" c="dimmed" mt={4}>The body was cut for storage.</Text> : null}
            </>
          ) : <Text c="dimmed" mt={4}>No response came.</Text>}
        </div>
      </div>
    </section>
  );
}

function Headers({ headers, label }: { headers: Header[]; label: string }) {
  if (headers.length === 0) return <Text size="sm" c="dimmed" my="xs">No headers.</Text>;
  return (
    <div className={classes.headers} tabIndex={0} role="region" aria-label={label}>
      <Table withRowBorders={false} verticalSpacing={1} horizontalSpacing={0}>
        <Table.Tbody>
          {headers.map(({ name, value }, at) => (
            <Table.Tr key={`${name}${at}`}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** A body with line breaks where it is JSON; else as it came. */
function json(body: string): string {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}
